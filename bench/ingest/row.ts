import type { Bench } from './bench.ts'
import type { Criterion } from './criterion.ts'
import type { Spread } from './spread.ts'

/** One line of the table: something that is measured, and what it ought to come to. */
export interface Row {
  readonly name: string
  readonly about: string
  /** Throws `Skip` where it cannot be measured, and `WrongAnswer` where what is measured is broken. */
  run(bench: Bench): Promise<RowResult>
}

export interface RowResult {
  readonly figures: Readonly<Record<string, Spread | number | string>>
  readonly criteria: readonly Criterion[]
}
