import { availableParallelism } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { checkTogether, listWarnings } from './check-together.ts'
import { toConfig } from './config.ts'
import { setAt, type Tree } from './layer.ts'
import { directoryOf, type LoadedConfig, loadConfig, type LoadRequest } from './load.ts'
import { listOptions, type Option } from './option-table.ts'
import { configInvalid } from './problem.ts'
import { readFileAgain } from './read-file.ts'
import { childOf, describeSchema } from './schema-node.ts'
import { type ConfigValues, configSchema } from './schema.ts'
import type { Setting } from './settings.ts'

/** What Kymo is to go on with, and how it differs from what it ran with. Options are named as in kymo.yaml. */
export interface ReloadedConfig extends LoadedConfig {
  /** Options that are different from now on. */
  readonly changed: readonly string[]
  /** Options that are said to be different, and stay as they are until the next start. */
  readonly needRestart: readonly string[]
}

/**
 * Reads everything again that the running configuration was made of, and checks all of it as a start would; then also what
 * comes of it, where some options stay as they are. Throws the KymoErrors that `loadConfig` does, and has changed nothing then.
 */
export function reloadConfig(running: LoadedConfig, request: LoadRequest): ReloadedConfig {
  const isFileExpected = running.configFile !== undefined
  const loaded = loadConfig({ readFile: readFileAgain, ...request, isFileExpected })
  const options = listOptions(describeSchema(configSchema))
  const differing = options.filter(({ path }) => {
    return !isDeepStrictEqual(valueAt(loaded.values, path), valueAt(running.values, path))
  })
  const needRestart = keysOf(differing.filter(({ isReloadable }) => !isReloadable))
  const values = mixValues(loaded.values, running.values, options)
  const coreCount = request.coreCount ?? availableParallelism()
  const configDirectory = directoryOf(request.cwd, loaded.configFile)
  const config = toConfig(values, {
    cwd: request.cwd,
    configDirectory,
    coreCount,
    ruleFiles: loaded.ruleFiles,
    mappings: loaded.mappings,
  })
  const conflicts = checkTogether(values, config, loaded.sourceOf)
  if (conflicts.length > 0) {
    const reason = `until the next start, ${needRestart.join(', ')} stay as they are`
    throw configInvalid(conflicts.map((problem) => ({ ...problem, text: `${problem.text} (${reason})` })))
  }
  return {
    ...loaded,
    config,
    values,
    settings: mixSettings(loaded.settings, running.settings, options),
    warnings: listWarnings(config),
    changed: [
      ...keysOf(differing.filter(({ isReloadable }) => isReloadable)),
      ...changedRules(loaded, running),
    ],
    needRestart,
  }
}

/** Options whose files say something else than before. */
function changedRules({ values, ruleFiles, mappings }: LoadedConfig, running: LoadedConfig): string[] {
  const isRewritten = (option: 'schemas' | 'aggregation', file: 'schemas' | 'aggregations'): boolean =>
    values.store[option] === running.values.store[option] &&
    ruleFiles[file]?.text !== running.ruleFiles[file]?.text
  const isMappingRewritten =
    isDeepStrictEqual(values.sinks, running.values.sinks) && !isDeepStrictEqual(mappings, running.mappings)
  return [
    ...(isMappingRewritten ? ['sinks'] : []),
    ...(isRewritten('schemas', 'schemas') ? ['store.schemas'] : []),
    ...(isRewritten('aggregation', 'aggregations') ? ['store.aggregation'] : []),
  ]
}

function valueAt(values: ConfigValues, path: readonly string[]): unknown {
  return path.reduce<unknown>(childOf, values)
}

function keysOf(options: readonly Option[]): string[] {
  return options.map(({ key }) => key)
}

/** The new values, but those that cannot be reloaded as they were. */
function mixValues(loaded: ConfigValues, running: ConfigValues, options: readonly Option[]): ConfigValues {
  const mixed = structuredClone(loaded)
  for (const { path, isReloadable } of options)
    if (!isReloadable) setAt(mixed as unknown as Tree, path, valueAt(running, path))
  return mixed
}

function mixSettings(
  loaded: readonly Setting[],
  running: readonly Setting[],
  options: readonly Option[],
): Setting[] {
  const [fromLoaded, fromRunning] = [loaded, running].map((settings) => Map.groupBy(settings, optionOf))
  return options.flatMap(({ key, isReloadable }) => (isReloadable ? fromLoaded : fromRunning)?.get(key) ?? [])
}

/** `sinks[0].type` belongs to the option `sinks`. */
function optionOf({ key }: Setting): string {
  return key.split('[', 1)[0] ?? key
}
