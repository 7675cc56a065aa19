import { availableParallelism } from 'node:os'
import path from 'node:path'
import { KymoError } from '../telemetry/errors.ts'
import { checkLayer, dropEmptySections } from './check-layer.ts'
import { checkTogether, createSourceOf, hostsOpenByAccident, listWarnings } from './check-together.ts'
import { type Config, toConfig } from './config.ts'
import { type GivenFlags, readFlags, usage } from './flags.ts'
import { type Layer, overlay } from './layer.ts'
import { listOptions } from './option-table.ts'
import { configInvalid, type Path, type Problem, quote } from './problem.ts'
import { readEnvironment, type Environment } from './read-environment.ts'
import { type ReadFile, readFileFromDisk, readTextFile } from './read-file.ts'
import { readFlagLayer } from './read-flag-layer.ts'
import { type MappingFiles, readMappingFiles } from './read-mapping.ts'
import { type RuleFiles, readRuleFiles } from './read-rules.ts'
import { readYaml } from './read-yaml.ts'
import { childOf, describeSchema } from './schema-node.ts'
import { type ConfigValues, configSchema } from './schema.ts'
import { listSettings, type Setting } from './settings.ts'
import type { Source } from './source.ts'

export interface LoadRequest {
  /** The command that is run: some flags belong to some commands only. */
  readonly command: string
  /** The arguments behind the command. */
  readonly argv: readonly string[]
  readonly env: Environment
  readonly cwd: string
  readonly readFile?: ReadFile
  readonly coreCount?: number
  /** A file has been read before: if it is gone now, that is a mistake, and not a wish for the defaults. */
  readonly isFileExpected?: boolean
}

export interface LoadedConfig {
  readonly config: Config
  /** What `config` is made of. */
  readonly values: ConfigValues
  /** Those that `values` name. */
  readonly ruleFiles: RuleFiles
  readonly mappings: MappingFiles
  /** Where the value of an option came from. */
  readonly sourceOf: (path: Path) => Source
  /** Each value and where it came from. */
  readonly settings: readonly Setting[]
  /** Whole sentences. */
  readonly warnings: readonly string[]
  /** The file that was read, as it was named; undefined if none was. */
  readonly configFile: string | undefined
  readonly flags: GivenFlags
}

/** Read from the working directory when the command line names no other. */
export const DEFAULT_FILE = 'kymo.yaml'
const MOST_FILE_BYTES = 1024 * 1024

/**
 * Reads flags, environment and file, lays them over each other in that order, and checks each by itself (a mistake in the
 * file is reported even if a flag hides it) and all together.
 *
 * Throws the KymoErrors `usage`, `config-unreadable`, `config-invalid` (with every problem there is), `rules-unreadable`,
 * `rules-invalid`, `mapping-unreadable`, `mapping-invalid` and `http-open-without-credentials`.
 */
export function loadConfig(request: LoadRequest): LoadedConfig {
  const { command, argv, env, cwd, readFile = readFileFromDisk } = request
  const flags = readFlags(argv, command)
  const root = describeSchema(configSchema)
  const options = new Map(listOptions(root).map((option) => [option.key, option]))
  const fromCwd: ReadFile = (file, mostBytes) => readFile(path.resolve(cwd, file), mostBytes)

  const file = readConfigFile(flags.positionals, fromCwd, request.isFileExpected)
  const fileLayer: Layer = { ...file.layer, input: withModules(dropEmptySections(root, file.layer.input)) }
  const environment = readEnvironment(env, options.values(), fromCwd)
  const sinksBelow = childOf(environment.layer.input, 'sinks') ?? childOf(fileLayer.input, 'sinks')
  const flagLayer = readFlagLayer(flags, options, sinksBelow)

  const layers = [fileLayer, environment.layer, flagLayer]
  const problems: Problem[] = [
    ...file.problems,
    ...checkLayer(configSchema, root, fileLayer),
    ...environment.problems,
    ...checkLayer(configSchema, root, environment.layer),
    ...checkLayer(configSchema, root, withoutSinks(flagLayer)),
  ]
  if (problems.length > 0) throw configInvalid(problems)

  const merged = layers.map((layer) => layer.input).reduce(overlay) ?? {}
  const sourceOf = createSourceOf(layers, merged)
  const checked = configSchema.safeParse(merged, { error: () => '', jitless: true })
  if (!checked.success) throw configInvalid(checkLayer(configSchema, root, combine(layers, merged)))
  const coreCount = request.coreCount ?? availableParallelism()
  const ruleFiles = readRuleFiles(checked.data.store, cwd, readFile)
  const configDirectory = directoryOf(cwd, file.name)
  const mappings = readMappingFiles(checked.data.sinks, cwd, readFile)
  const config = toConfig(checked.data, { cwd, configDirectory, coreCount, ruleFiles, mappings })
  const conflicts = checkTogether(checked.data, config, sourceOf)
  if (conflicts.length > 0) throw configInvalid(conflicts)
  const openHosts = hostsOpenByAccident(config)
  if (openHosts.length > 0)
    throw new KymoError('http-open-without-credentials', { host: openHosts.join(', ') })

  return {
    config,
    values: checked.data,
    ruleFiles,
    mappings,
    sourceOf,
    settings: listSettings(root, merged, sourceOf),
    warnings: listWarnings(config),
    configFile: file.name,
    flags,
  }
}

/** Where a configuration file is; the working directory without one. */
export function directoryOf(cwd: string, configFile: string | undefined): string {
  return configFile === undefined ? cwd : path.dirname(path.resolve(cwd, configFile))
}

interface ConfigFile {
  readonly name: string | undefined
  readonly layer: Layer
  readonly problems: readonly Problem[]
}

function readConfigFile(
  positionals: readonly string[],
  readFile: ReadFile,
  isFileExpected = false,
): ConfigFile {
  const [given, ...others] = positionals
  if (others.length > 0)
    throw usage(`one configuration file at most, not ${positionals.map(quote).join(' and ')}`)
  const name = given ?? DEFAULT_FILE
  const file = readTextFile(readFile, name, MOST_FILE_BYTES)
  if ('text' in file) return { name, ...readYaml(file.text, name) }
  const isNone = given === undefined && file.isMissing && !isFileExpected
  if (!isNone) throw new KymoError('config-unreadable', { path: name, reason: file.reason })
  return { name: undefined, layer: { input: undefined, values: new Map() }, problems: [] }
}

/** A sink that says `module` and no type is one. */
function withModules(input: unknown): unknown {
  const sinks = childOf(input, 'sinks')
  if (Array.isArray(sinks))
    for (const sink of sinks)
      if (childOf(sink, 'module') !== undefined && childOf(sink, 'type') === undefined)
        sink['type'] = 'module'
  return input
}

/** The flags' list of sinks repeats what the layers below say; it is checked where they say it. */
function withoutSinks(layer: Layer): Layer {
  const { sinks: _sinks, ...input } = layer.input as Record<string, unknown>
  return { ...layer, input }
}

function combine(layers: readonly Layer[], merged: unknown): Layer {
  return { input: merged, values: new Map(layers.flatMap((layer) => [...layer.values])) }
}
