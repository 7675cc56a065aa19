import { statSync } from 'node:fs'
import path from 'node:path'

/**
 * Commands that look at a data directory are often given just that: `kymo stats /var/lib/kymo`. An argument that is a directory
 * stands for `--data DIR`; any other is the configuration, as everywhere.
 */
export function dataArgument(argv: readonly string[], cwd: string): string[] {
  return argv.flatMap((argument, index) => {
    const isValue = argv[index - 1] === '--data'
    if (argument.startsWith('-') || isValue || !isDirectory(path.resolve(cwd, argument))) return [argument]
    return ['--data', argument]
  })
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false
}
