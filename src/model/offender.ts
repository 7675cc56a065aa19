import type { SeriesKey } from './series-key.ts'

/** Where metrics came from that a limit refused. */
export interface Offender {
  /** The prefix of the limit and one node more, cut if long. Hostile text. */
  readonly prefix: string
  /** The limit that is full; the prefix of that of the whole process is ''. */
  readonly limit: { readonly prefix: string; readonly series: number }
  /** How often a metric was refused, about: one that comes again counts again. */
  readonly refused: number
  /** Keys of some, cut if long. Hostile text. */
  readonly examples: readonly SeriesKey[]
}
