import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { createRuleBook, type RuleBook } from './rule-book.ts'
import type { RuleBookSource, RuleFile } from './rule-book-source.ts'

export interface RuleBookPaths extends Pick<RuleBookSource, 'defaultRetentions'> {
  /** A storage-schemas.conf; undefined: every series has the default. */
  readonly schemasPath?: string | undefined
  /** A storage-aggregation.conf. */
  readonly aggregationPath?: string | undefined
}

const MOST_FILE_BYTES = 1024 * 1024

/** Reads carbon's files of rules. Throws the KymoErrors `rules-unreadable` and `rules-invalid`. */
export function readRuleBook({ schemasPath, aggregationPath, defaultRetentions }: RuleBookPaths): RuleBook {
  return createRuleBook({
    schemas: schemasPath === undefined ? undefined : readRuleFile(schemasPath),
    aggregations: aggregationPath === undefined ? undefined : readRuleFile(aggregationPath),
    defaultRetentions,
  })
}

function readRuleFile(path: string): RuleFile {
  try {
    return { path, text: readText(path) }
  } catch (error) {
    throw new KymoError('rules-unreadable', { path, reason: reasonOf(error) }, { cause: error })
  }
}

function readText(path: string): string {
  // A pipe that nobody writes to would be waited for.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(descriptor)
    // A pipe or a device might never end.
    if (!stats.isFile()) throw new Error('it is no file')
    if (stats.size > MOST_FILE_BYTES) throw new Error(`it is larger than ${MOST_FILE_BYTES} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(descriptor))
  } finally {
    closeSync(descriptor)
  }
}
