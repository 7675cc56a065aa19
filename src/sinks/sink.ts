import type { FlushBatch } from '../model/flush-batch.ts'
import type { PointBatch } from '../model/point.ts'

/**
 * Where metrics go. A sink implements what it can carry and leaves out the rest.
 *
 * The runner in delivery/ calls one method at a time, in order, and retries what throws a retryable KymoError; a sink
 * need not queue, time out or count. Batches are immutable and their identities are the same objects from flush to flush.
 */
export interface Sink {
  /** `graphite`, or the name given in the configuration: the label of its own metrics. */
  readonly name: string
  /** One whole interval, merged from all shards. */
  flush?(batch: FlushBatch, signal: AbortSignal): Promise<void> | void
  /** Points that came with their own times. */
  points?(batch: PointBatch, signal: AbortSignal): Promise<void> | void
  /** Safe to call twice, and before the first flush. */
  close(): Promise<void>
}
