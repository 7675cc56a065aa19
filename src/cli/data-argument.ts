import { statSync } from 'node:fs'
import path from 'node:path'
import { FLAGS } from '../config/flags.ts'

/**
 * Commands that look at a data directory are often given just that: `kymo stats /var/lib/kymo`. An argument that is no
 * file, and not called like one of YAML, stands for `--data DIR`; any other is the configuration, as everywhere.
 */
export function dataArgument(argv: readonly string[], cwd: string): string[] {
  return argv.flatMap((argument, index) => {
    const isDirectory =
      !argument.startsWith('-') && !takesValue(argv[index - 1]) && !isConfigFile(path.resolve(cwd, argument))
    return isDirectory ? ['--data', argument] : [argument]
  })
}

/** What stands behind it is its value. */
function takesValue(argument: string | undefined): boolean {
  return FLAGS.some(({ name, value }) => value !== undefined && argument === `--${name}`)
}

function isConfigFile(file: string): boolean {
  return /\.ya?ml$/i.test(file) || (statSync(file, { throwIfNoEntry: false })?.isFile() ?? false)
}
