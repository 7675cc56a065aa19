import type { Retention } from '../../model/retention.ts'

/** What a book of rules is made of: plain data, which goes to other threads and to other processes. */
export interface RuleBookSource {
  /** A storage-schemas.conf. */
  readonly schemas?: RuleFile | undefined
  /** A storage-aggregation.conf. */
  readonly aggregations?: RuleFile | undefined
  /** Of a series that no rule of `schemas` matches; the finest first. */
  readonly defaultRetentions: readonly Retention[]
}

/** The text of a file of rules. */
export interface RuleFile {
  /** As it was named; problems and explanations show it. */
  readonly path: string
  readonly text: string
}

/** Where a rule stands. */
export interface RuleOrigin {
  readonly path: string
  readonly line: number
  readonly section: string
}
