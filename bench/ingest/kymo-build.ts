// The package as npm would pack it: compiled, without its sources. Built where it always is, and copied to a directory of its own.
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** Answers the path of the command. */
export function buildKymo(directory: string): string {
  const build = [join(root, 'scripts/run.mjs'), 'build']
  const { status, stdout, stderr } = spawnSync(process.execPath, build, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`Kymo does not build:\n${stdout}${stderr}`)
  const manifest = readFileSync(join(root, 'package.json'), 'utf8')
  const { files } = JSON.parse(manifest) as { files: readonly string[] }
  for (const name of ['package.json', ...files])
    cpSync(join(root, name), join(directory, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  return join(directory, 'bin/kymo.js')
}
