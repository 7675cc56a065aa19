import type { MetricType } from './sample.ts'
import type { RejectionReason } from './rejection.ts'

/**
 * What became of a line: it is of metrics or an event; or the intake rules let none of its metrics in; or it could not be
 * read.
 */
export const LINE_OUTCOMES = ['metric', 'event', 'excluded', 'rejected'] as const
export type LineOutcome = (typeof LINE_OUTCOMES)[number]

/** One received line, to be shown to people. Only some are sampled, and only while somebody watches. */
export interface LineSample {
  readonly listener: string
  /** Escaped, and cut at 500 characters. */
  readonly line: string
  /** Address of the sender. */
  readonly sender: string
  readonly atMs: number
  readonly outcome: LineOutcome
  /** What it became, as the intake rules have named it; the first ten. Empty unless the outcome is `metric`. */
  readonly metrics: readonly SampledMetric[]
  /** null unless the outcome is `rejected`. */
  readonly reason: RejectionReason | null
}

export interface SampledMetric {
  readonly key: string
  readonly type: MetricType | 'untyped'
}
