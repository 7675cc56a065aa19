import type { Clock } from '../lib/clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { PartialAggregate } from '../model/partial-aggregate.ts'
import type { Counter, Histogram } from '../telemetry/own-metrics.ts'
import { KymoError } from '../telemetry/errors.ts'
import { FlushClock } from './flush-clock.ts'
import type { IntervalMerger } from './interval-merger.ts'

export interface FlusherOptions {
  readonly clock: Clock
  readonly intervalMs: number
  readonly merger: IntervalMerger
  /** No batch is stamped with this time or an earlier one. */
  readonly notBeforeMs: number
  /**
   * Makes every shard hand over what it has of the interval, by `receive`, and resolves when they have or
   * when waiting longer would hold up the flush. `isEarly`: shards must be asked, for the interval is not over.
   */
  readonly collect: (intervalEndMs: number, isEarly: boolean) => Promise<void>
  /** A partial has been merged, and nobody needs it any more. */
  readonly onMerged?: (partial: PartialAggregate) => void
  /** Takes one merged batch away. Called one at a time, in order. */
  readonly publish: (batch: FlushBatch) => Promise<void>
  readonly durationSeconds: Histogram
  readonly latePartials: Counter
}

interface Early {
  readonly shardId: number
  readonly partial: PartialAggregate
}

/**
 * The keeper's loop: at the end of an interval, collect from all shards, close, publish one batch.
 *
 * A partial aggregate of an interval that has been flushed already is late: it counts in the one that is open, for
 * no timestamp is flushed twice. One of an interval that is still to come (its shard has moved on while a flush was
 * under way) waits for it.
 */
export class Flusher {
  readonly #options: FlusherOptions
  readonly #flushClock: FlushClock
  /** Ends of intervals that are over and not merged yet; more than one when publishing takes longer than an interval. */
  readonly #dueEndsMs: number[] = []
  #isStopped = false
  #early: Early[] = []
  #tail: Promise<FlushBatch | undefined> = Promise.resolve(undefined)

  constructor(options: FlusherOptions) {
    this.#options = options
    this.#flushClock = new FlushClock({
      clock: options.clock,
      intervalMs: options.intervalMs,
      notBeforeMs: options.notBeforeMs,
      onDue: (intervalEndMs) => void this.#enqueue(intervalEndMs, false),
    })
  }

  /** End of the interval that is open: the timestamp of the next batch. */
  get openEndMs(): number {
    return this.#dueEndsMs[0] ?? this.#flushClock.intervalEndMs
  }

  start(): void {
    this.#flushClock.start()
  }

  receive(shardId: number, partial: PartialAggregate): void {
    const { openEndMs } = this
    if (partial.intervalEndMs > openEndMs) {
      this.#early.push({ shardId, partial })
      return
    }
    if (partial.intervalEndMs < openEndMs && hasSamples(partial)) this.#options.latePartials.add(1)
    this.#merge(shardId, partial)
  }

  /** The shard's thread is gone. What it sent ahead is merged while its ids still mean something. */
  dropShard(shardId: number): void {
    const gone = this.#early.filter((early) => early.shardId === shardId)
    this.#early = this.#early.filter((early) => early.shardId !== shardId)
    for (const { partial } of gone) this.#merge(shardId, partial)
    this.#options.merger.dropShard(shardId)
  }

  /** Closes the open interval before its time and resolves to its batch. Rejects once stopped. */
  async flushNow(): Promise<FlushBatch> {
    if (this.#isStopped) throw new KymoError('not-ready', { reason: 'it is stopping' })
    const intervalEndMs = this.#flushClock.closeEarly()
    return await this.#enqueue(intervalEndMs, true)
  }

  /** No more flushes. Resolves when those under way are published; the merger then holds the open interval alone. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#flushClock.stop()
    await this.#tail
    for (const { shardId, partial } of this.#early) this.#merge(shardId, partial)
    this.#early = []
  }

  #merge(shardId: number, partial: PartialAggregate): void {
    this.#options.merger.merge(shardId, partial)
    this.#options.onMerged?.(partial)
  }

  #enqueue(intervalEndMs: number, isEarly: boolean): Promise<FlushBatch> {
    this.#dueEndsMs.push(intervalEndMs)
    const flush = this.#tail.then(() => this.#flush(intervalEndMs, isEarly))
    this.#tail = flush
    return flush
  }

  async #flush(intervalEndMs: number, isEarly: boolean): Promise<FlushBatch> {
    const { clock, collect, merger, publish, durationSeconds } = this.#options
    const startedMs = clock.monotonicMs()
    await collect(intervalEndMs, isEarly)
    const batch = merger.close(intervalEndMs)
    this.#dueEndsMs.shift()
    const waited = this.#early
    this.#early = []
    for (const { shardId, partial } of waited) this.receive(shardId, partial)
    await publish(batch)
    durationSeconds.observe((clock.monotonicMs() - startedMs) / 1_000)
    return batch
  }
}

function hasSamples({ counters, gauges, timers, sets }: PartialAggregate): boolean {
  return counters.ids.length + gauges.ids.length + timers.ids.length + sets.ids.length > 0
}
