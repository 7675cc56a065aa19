import { readVersion } from '../config/version.ts'
import type { CommandContext } from './command.ts'

export function run({ stdout }: CommandContext): Promise<number> {
  stdout.write(`kymo ${readVersion()}\n`)
  return Promise.resolve(0)
}
