// The package as npm would pack it: compiled, without its sources. Made in a directory of its own.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** Resolves to the path of the command. */
export function buildKymo(directory: string): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(directory, 'dist')]
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Kymo does not compile:\n${stdout}`)
  cpSync(join(root, 'package.json'), join(directory, 'package.json'))
  cpSync(join(root, 'bin'), join(directory, 'bin'), { recursive: true })
  const web = join(root, 'dist/web')
  if (existsSync(web)) cpSync(web, join(directory, 'dist/web'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  return join(directory, 'bin/kymo.js')
}
