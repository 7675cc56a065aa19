import path from 'node:path'
import type { Mapping } from '../sinks/prometheus/mapping.ts'
import { mappingFile } from '../sinks/prometheus/mapping-file.ts'
import { KymoError } from '../telemetry/errors.ts'
import { checkLayer } from './check-layer.ts'
import { isTree } from './layer.ts'
import { formatProblem, type Problem } from './problem.ts'
import { type ReadFile, readTextFile } from './read-file.ts'
import { readYaml } from './read-yaml.ts'
import type { ConfigValues } from './schema.ts'
import { describeSchema } from './schema-node.ts'

const MOST_FILE_BYTES = 1_024 * 1_024
/** Ten thousand rules with all that they may say. */
const MOST_VALUES = 300_000
const MOST_LISTED = 100

/** What the files say that sinks name as their `mapping_config`, by these names. */
export type MappingFiles = ReadonlyMap<string, Mapping>

/** Throws the KymoErrors `mapping-unreadable` and `mapping-invalid`, with every problem of the first file that has any. */
export function readMappingFiles(
  sinks: ConfigValues['sinks'],
  cwd: string,
  readFile: ReadFile,
): MappingFiles {
  const mappings = new Map<string, Mapping>()
  for (const sink of sinks) {
    const name = mappingFileOf(sink)
    if (name !== undefined && !mappings.has(name)) mappings.set(name, readMappingFile(name, cwd, readFile))
  }
  return mappings
}

/** undefined: the sink has none. */
export function mappingFileOf(sink: ConfigValues['sinks'][number]): string | undefined {
  return 'mapping_config' in sink ? sink.mapping_config : undefined
}

function readMappingFile(name: string, cwd: string, readFile: ReadFile): Mapping {
  const file = readTextFile(readFile, path.resolve(cwd, name), MOST_FILE_BYTES)
  if ('reason' in file) throw new KymoError('mapping-unreadable', { path: name, reason: file.reason })
  return readMapping(file.text, name)
}

/** A mapping file of statsd_exporter. Throws the KymoError `mapping-invalid`. */
export function readMapping(text: string, fileName: string): Mapping {
  const { layer, problems } = readYaml(text, fileName, MOST_VALUES)
  if (problems.length > 0) throw mappingInvalid(problems)
  const input = withoutNulls(layer.input ?? {})
  const checked = mappingFile.safeParse(input)
  if (checked.success) return checked.data
  throw mappingInvalid(checkLayer(mappingFile, describeSchema(mappingFile), { ...layer, input }))
}

/** A key with nothing behind it is as good as left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isTree(value)) return value
  for (const [key, child] of Object.entries(value)) {
    if (child === null) delete value[key]
    else value[key] = withoutNulls(child)
  }
  return value
}

function mappingInvalid(problems: readonly Problem[]): KymoError {
  const lines = problems.slice(0, MOST_LISTED).map((problem) => `  ${formatProblem(problem)}`)
  if (problems.length > MOST_LISTED) lines.push(`  ... and ${problems.length - MOST_LISTED} more`)
  return new KymoError('mapping-invalid', { count: problems.length, problems: lines.join('\n') })
}
