import path from 'node:path'
import { createRuleBook, type RuleBookSource, type RuleFile } from '../store/rules/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import { type ReadFile, readTextFile } from './read-file.ts'
import type { ConfigValues } from './schema.ts'

/** The files of rules that the configuration names, as they were read. */
export type RuleFiles = Pick<RuleBookSource, 'schemas' | 'aggregations'>

const MOST_FILE_BYTES = 1_024 * 1_024

/** Throws the KymoErrors `rules-unreadable` and `rules-invalid`, with every problem of both files. */
export function readRuleFiles(store: ConfigValues['store'], cwd: string, readFile: ReadFile): RuleFiles {
  const read = (name: string | undefined): RuleFile | undefined => {
    if (name === undefined) return undefined
    const file = readTextFile(readFile, path.resolve(cwd, name), MOST_FILE_BYTES)
    if ('text' in file) return { path: name, text: file.text }
    throw new KymoError('rules-unreadable', { path: name, reason: file.reason })
  }
  const files = { schemas: read(store.schemas), aggregations: read(store.aggregation) }
  createRuleBook({ ...files, defaultRetentions: [] })
  return files
}
