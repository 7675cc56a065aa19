// The measuring rods are short programs in C, compiled when they are needed.
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { Skip } from './skip.ts'

export interface Rods {
  readonly blast: string
  readonly floor: string
  /** The compiler, as it names itself. */
  readonly compiler: string
}

const sources = resolve(import.meta.dirname, '../rods')

/** Compiled into this directory. Throws `Skip` where there is no compiler. */
export function compileRods(directory: string): Rods {
  const version = spawnSync('cc', ['--version'], { encoding: 'utf8' })
  if (version.status !== 0) throw new Skip('there is no C compiler: `cc --version` does not run')
  return {
    blast: compile('udp-blast', directory),
    floor: compile('udp-floor', directory),
    compiler: version.stdout.split('\n')[0] ?? 'cc',
  }
}

function compile(name: string, directory: string): string {
  const path = join(directory, name)
  const args = ['-O2', '-Wall', '-Wextra', '-o', path, join(sources, `${name}.c`)]
  const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${name}.c does not compile:\n${stderr}`)
  return path
}
