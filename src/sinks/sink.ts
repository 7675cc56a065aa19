import type { Writable } from 'node:stream'
import type { ExpositionFormat } from '../formats/prometheus-text/negotiate.ts'
import type { Clock } from '../lib/clock.ts'
import type { BackendStat } from '../model/backend-stat.ts'
import type { MetricEvent } from '../model/event.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { PacketBatch } from '../model/packet-batch.ts'
import type { PointBatch } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { Sending } from '../model/sending.ts'
import type { Log } from '../telemetry/log.ts'

/**
 * Where metrics go. A sink implements what it can carry and leaves out the rest.
 *
 * The runner in delivery/ calls one method at a time, in order, and retries what throws a retryable KymoError; a sink
 * need not queue, time out or count. When `signal` aborts, the method ends soon, and rejects unless it was done.
 * Batches are immutable and their identities are the same objects from flush to flush.
 */
export interface Sink {
  /** `graphite`, or the name given in the configuration: the label of its own metrics. */
  readonly name: string
  /**
   * Whether a series is for this sink; left out: all are. Asked once for each, before batches are queued: what is not for
   * it is in none of its batches, and counted nowhere.
   */
  takes?(series: SeriesIdentity): boolean
  /** One whole interval, merged from all shards. */
  flush?(batch: FlushBatch, signal: AbortSignal): Promise<SinkResult | void> | SinkResult | void
  /** Points that came with their own times. */
  points?(batch: PointBatch, signal: AbortSignal): Promise<SinkResult | void> | SinkResult | void
  /** Single happenings, which are never aggregated. */
  events?(events: readonly MetricEvent[], signal: AbortSignal): Promise<SinkResult | void> | SinkResult | void
  /**
   * What was received, as it came. Nothing is queued or tried again: what the sink cannot pass on at once is lost, and it counts
   * that. Only for sinks that want them (Appetite, define-sink.ts).
   */
  packets?(batch: PacketBatch): void
  /** What Prometheus gets when it scrapes: pieces, made as they are asked for. Of sinks that are asked, and send nothing. */
  expose?(format: ExpositionFormat): Iterable<Uint8Array<ArrayBuffer>>
  /** Safe to call twice, and before the first flush. */
  close(): Promise<void>
}

/** What became of a batch that was taken; nothing to say means that all of it was. */
export interface SinkResult {
  /** Points, or events, that the sink can never carry (infinities, names too long for the wire): left out, and counted as refused. */
  readonly refusedPoints: number
  readonly sending?: Sending
}

/** Why something was given up: codes of the catalog of errors. */
export type LetterCode = 'sink-refused' | 'sink-unfit'

/** Takes down what was given up. Never waits, never throws. */
export interface DeadLetters {
  /**
   * `items`: what was refused, in whatever form says most to a person: JSON takes it down. `code`: whether the other end has refused it,
   * or the sink has no way to send it; left out: it was refused.
   */
  add(reason: string, items: readonly unknown[], code?: LetterCode): void
}

/** What the runner cannot count. */
export interface SinkMeter {
  /** Packets that were given to `packets` and not passed on. */
  lostPackets(count: number): void
  /** The thread of a module was started again. */
  restarted(): void
  /** What a backend made for etsy/statsd says of itself, in place of what it said before. */
  says?(stats: readonly BackendStat[]): void
}

/** What a sink is given besides its options. */
export interface SinkContext {
  readonly log: Log
  readonly clock: Clock
  /** Told of what the sink's other end will never take, besides counting it in `refusedPoints`: whoever looks for it finds it. */
  readonly deadLetters: DeadLetters
  readonly meter: SinkMeter
  /**
   * The process' own streams, or what a test looks into. Not ended by a sink. In a worker, process.stdout is never
   * told that its reader went away: the main thread meets that error, and has to listen for it.
   */
  readonly stdout: Writable
  readonly stderr: Writable
}
