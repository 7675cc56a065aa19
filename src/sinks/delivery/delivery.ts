import type { Clock } from '../../lib/clock.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PacketBatch } from '../../model/packet-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import type { Sending } from '../../model/sending.ts'
import type { Log } from '../../telemetry/log.ts'
import type { OwnMetrics } from '../../telemetry/own-metrics.ts'
import type { Sink } from '../sink.ts'
import type { Backoff } from './backoff.ts'
import type { Shape } from './batch-shaper.ts'
import type { DeadLetterFile } from './dead-letter-file.ts'
import type { Parcel } from './queue.ts'
import type { SinkStorage } from './sink-storage.ts'
import { SinkRunner } from './sink-runner.ts'
import type { DropReason } from './waiting-line.ts'

export interface DeliveryOptions {
  /** `graphite`, `stdout`, ...: what `status` calls it. */
  readonly type: string
  /** How many points may wait in memory. */
  readonly queuePoints: number
  /** How many bytes may wait on disk, if there is a storage; 0, or left out: none. */
  readonly spoolBytes?: number
  /** Which series go to the sink, under which names, and how often; left out: all as they are. */
  readonly shape?: Shape
  readonly clock: Clock
  readonly log: Log
  readonly metrics: OwnMetrics
  /** Where the spool is, once that is known; nothing is sent before. Left out, or nothing: there is none. */
  readonly storage?: Promise<SinkStorage | undefined>
  /** Takes down what was refused. */
  readonly deadLetters?: Pick<DeadLetterFile, 'addParcel' | 'settle'>
  /** In [0, 1): spreads retries. */
  readonly random: () => number
  readonly backoff?: Backoff
  /** A batch was delivered, failed or was refused, and that is the status now. */
  readonly onAttempt?: (status: DeliveryStatus) => void
  readonly onDelivered?: (sinkName: string, parcel: Parcel) => void
  /** A sink that has not settled by then is told to, by its signal. */
  readonly attemptTimeoutMs?: number
}

/**
 * The runner of one sink: a bounded queue, one batch at a time, in order, tried again until it is delivered.
 *
 *   flush, points, events -> shape -> queue -> sink -+-> delivered: counted as sent
 *                                      | ^           +-> retryable KymoError: pause, then the same batch again
 *                                      v |           +-> anything else: the batch is dropped as refused, and written down
 *                                     spool
 *                                        +-- overflow: the oldest points are dropped as queue_full
 *
 * Given = sent + dropped + queued, in points, at every moment; an event counts as one point. What the shape leaves out, or makes part of a
 * later flush, is not given. Nothing a sink does reaches the caller or another sink.
 */
export interface Delivery {
  /** Queues the batch and returns at once. A sink without `flush` is not asked, and nothing is counted. */
  flush(batch: FlushBatch): void
  points(batch: PointBatch): void
  events(events: readonly MetricEvent[]): void
  /** Handed on at once, and not counted here. */
  packets(batch: PacketBatch): void
  status(): DeliveryStatus
  /**
   * Goes on with another sink of the same name, and the same queue. The one before may finish the batch that it is at,
   * for a few seconds; what it has not taken, the new one is given.
   */
  replaceSink(sink: Sink, options: SinkSettings): void
  /**
   * Delivers what is queued, for `timeoutMs` at most; the rest stays in the spool, or is dropped as stopped, and the sink is closed.
   * Nothing is taken in from then on. A second call can bring the end forward. Never rejects.
   */
  drain(timeoutMs: number): Promise<void>
}

/** What is of the sink itself. */
export type SinkSettings = Pick<DeliveryOptions, 'type' | 'queuePoints' | 'spoolBytes' | 'shape'>

/** `behind`: it delivers, but what waits first is older than a minute. */
export type SinkState = 'ok' | 'retrying' | 'refusing' | 'behind'

export interface DeliveryStatus {
  readonly name: string
  readonly type: string
  readonly state: SinkState
  /** In memory and on disk, those being sent included. */
  readonly queuedPoints: number
  /** What of it waits on disk. */
  readonly spoolBytes: number
  /** Since when what waits first does: the end of its interval, if it is a flush; null: nothing waits. */
  readonly oldestMs: number | null
  readonly sentPoints: number
  readonly droppedPoints: number
  /** Their number by why. Reasons for which none were are left out. */
  readonly droppedByReason: Readonly<Partial<Record<DropReason, number>>>
  /** Why the sink does not deliver, its code in the catalog if it is there, and what to do; null while it does. */
  readonly lastError: string | null
  readonly lastErrorCode: string | null
  readonly lastErrorHelp: string | null
  /** When anything was last delivered; null: never. */
  readonly lastSuccessMs: number | null
  /** When a flush was last delivered; null: never. */
  readonly lastFlushMs: number | null
  /** What that took; null by sinks that do not measure it. */
  readonly lastSending: Sending | null
  /** When a batch last failed or was refused; null: never. */
  readonly lastFailureMs: number | null
}

export function createDelivery(sink: Sink, options: DeliveryOptions): Delivery {
  return new SinkRunner(sink, options)
}
