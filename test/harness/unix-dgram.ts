import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const packages = resolve(import.meta.dirname, '..', '..', 'node_modules')
const headers = join(dirname(dirname(process.execPath)), 'include', 'node')

/** Why hot-shots cannot be given its native part here; undefined if it can. */
export function missingForUnixDatagrams(): string | undefined {
  if (!existsSync(join(packages, 'unix-dgram', 'src'))) return 'unix-dgram'
  if (spawnSync('g++', ['--version']).status !== 0) return 'g++'
  if (!existsSync(join(headers, 'node.h'))) return 'headers of this Node'
  return undefined
}

/**
 * hot-shots sends datagrams to Unix sockets by unix-dgram, which is C++ that its install script would compile. Install
 * scripts never run here, so it is compiled into a folder of its own, with a copy of hot-shots that finds it there.
 */
export function buildHotShots(directory: string): void {
  for (const name of ['hot-shots', 'unix-dgram', 'bindings', 'file-uri-to-path']) {
    cpSync(join(packages, name), join(directory, 'node_modules', name), { recursive: true })
  }
  const source = join(directory, 'node_modules', 'unix-dgram')
  mkdirSync(join(source, 'build', 'Release'), { recursive: true })
  const built = spawnSync(
    'g++',
    [
      '-std=gnu++20',
      '-w',
      '-fPIC',
      '-shared',
      ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
      '-DNODE_GYP_MODULE_NAME=unix_dgram',
      '-DBUILDING_NODE_EXTENSION',
      `-I${headers}`,
      `-I${join(packages, 'nan')}`,
      '-o',
      join(source, 'build', 'Release', 'unix_dgram.node'),
      join(source, 'src', 'unix_dgram.cc'),
    ],
    { encoding: 'utf8' },
  )
  if (built.status !== 0) throw new Error(`unix-dgram cannot be compiled: ${built.stderr}`)
}
