import { accessSync, constants } from 'node:fs'
import { createRequire, findPackageJSON, isBuiltin } from 'node:module'
import { join, resolve } from 'node:path'
import { reasonOf } from '../telemetry/errors.ts'
import type { LoadedConfig } from './load.ts'
import { formatPath, type Path, type Problem, quote } from './problem.ts'

/**
 * Sinks whose module is not there, or cannot be read. Runs none of them. For whoever checks a configuration: a start goes on without, and
 * tries again.
 */
export function checkModules(
  { values, sourceOf }: Pick<LoadedConfig, 'values' | 'sourceOf'>,
  configDirectory: string,
): Problem[] {
  return values.sinks.flatMap((sink, index): Problem[] => {
    if (!('module' in sink)) return []
    const directory = resolve(configDirectory, sink.directory ?? '.')
    const problem = findProblem(sink.module, directory)
    if (problem === undefined) return []
    const path: Path = ['sinks', index, 'module']
    return [
      {
        source: sourceOf(path),
        key: formatPath(path),
        text: `found ${quote(sink.module)}, which ${problem}`,
      },
    ]
  })
}

/** undefined: it is there. */
function findProblem(module: string, directory: string): string | undefined {
  if (isBuiltin(module)) return undefined
  const place = join(directory, 'kymo.yaml')
  try {
    accessSync(findFile(module, place), constants.R_OK)
    return undefined
  } catch (error) {
    const isMissing = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND', 'ENOENT'].includes(
      String((error as NodeJS.ErrnoException).code),
    )
    return isMissing ? `is not there: it is looked for in ${directory}` : `cannot be read: ${reasonOf(error)}`
  }
}

/** As it will be loaded. Of a package for `import` alone it is enough that it is there. */
function findFile(module: string, place: string): string {
  try {
    return createRequire(place).resolve(module)
  } catch (error) {
    const isPath = /^\.{0,2}\//.test(module)
    const manifest = isPath ? undefined : findPackageJSON(module, place)
    if (manifest === undefined) throw error
    return manifest
  }
}
