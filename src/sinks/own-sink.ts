import type { DeadLetters, Sink } from './sink.ts'
import type { Log } from '../telemetry/log.ts'

/**
 * The contract of a sink of your own: what a module named in `sinks: [{ module: ./my-sink.js }]` exports, as `create` or as its default.
 * docs/guide/your-own-sink.md shows one. These types are those that the package exports.
 */
export type CreateSink<Options = unknown> = (
  /** What `options` of the sink says, as it stands in the configuration; undefined if it says nothing. */
  options: Options,
  context: ModuleContext,
) => ModuleSink | Promise<ModuleSink>

/**
 * Methods as those of Sink; a module has what it can carry, and leaves out the rest. Each batch is a copy that belongs to it.
 *
 * What a method throws, or rejects with, is tried again: two more times, and then the batch is dropped and counted as refused. An error
 * whose `isRetryable` is true is tried again for as long as it lasts, after `retryAfterMs` if it says so; one whose `isRetryable` is false, never.
 */
export interface ModuleSink extends Pick<Sink, 'flush' | 'points' | 'events' | 'packets'> {
  /** Called once, when Kymo stops or the sink is taken out. It has half a second. */
  close?(): Promise<void> | void
}

export interface ModuleContext {
  /** Of the sink, in logs and own metrics. */
  readonly name: string
  readonly log: Log
  readonly deadLetters: DeadLetters
}

export type { DeadLetters, Sink, SinkResult } from './sink.ts'
export type { Log } from '../telemetry/log.ts'
export type { FlushBatch } from '../model/flush-batch.ts'
export type { FlushDetails, SetDetail, TimerDetail } from '../model/flush-details.ts'
export type { MetricEvent } from '../model/event.ts'
export type { PacketBatch, PacketSender } from '../model/packet-batch.ts'
export type { PointBatch } from '../model/point.ts'
export type { SeriesIdentity } from '../model/series-identity.ts'
