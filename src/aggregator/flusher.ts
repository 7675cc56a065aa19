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
  /** Takes one merged batch away. Called in order, also while a few before it are still on their way. */
  readonly publish: (batch: FlushBatch) => Promise<void>
  readonly durationSeconds: Histogram
  readonly latePartials: Counter
}

/** Whoever takes batches away may be so many behind before intervals are closed late for it. */
const MOST_BEING_PUBLISHED = 4

interface Flushed {
  readonly batch: FlushBatch
  readonly published: Promise<void>
}

interface Early {
  readonly shardId: number
  readonly partial: PartialAggregate
}

/**
 * The keeper's loop: at the end of an interval, collect from all shards, close, publish one batch. A disk that is slow for a moment
 * holds up no flush.
 *
 * A partial aggregate of an interval that has been flushed already is late: it counts in the one that is open, for
 * no timestamp is flushed twice. One of an interval that is still to come (its shard has moved on while a flush was
 * under way) waits for it.
 */
export class Flusher {
  readonly #options: FlusherOptions
  readonly #flushClock: FlushClock
  /** Ends of intervals that are over and not merged yet; more than one when publishing takes longer than several intervals. */
  readonly #dueEndsMs: number[] = []
  #isStopped = false
  #early: Early[] = []
  #tail: Promise<unknown> = Promise.resolve()
  /** Those that are under way, in order. */
  readonly #publishing = new Set<Promise<void>>()

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

  /** Closes the open interval before its time and resolves to its batch once that is published. Rejects once stopped. */
  async flushNow(): Promise<FlushBatch> {
    if (this.#isStopped) throw new KymoError('not-ready', { reason: 'it is stopping' })
    const { batch, published } = await this.#enqueue(this.#flushClock.closeEarly(), true)
    await published
    return batch
  }

  /** No more flushes. Resolves when those under way are published; the merger then holds the open interval alone. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#flushClock.stop()
    await this.#tail
    await Promise.all(this.#publishing)
    for (const { shardId, partial } of this.#early) this.#merge(shardId, partial)
    this.#early = []
  }

  #merge(shardId: number, partial: PartialAggregate): void {
    this.#options.merger.merge(shardId, partial)
    this.#options.onMerged?.(partial)
  }

  #enqueue(intervalEndMs: number, isEarly: boolean): Promise<Flushed> {
    this.#dueEndsMs.push(intervalEndMs)
    const flushed = this.#tail.then(() => this.#flush(intervalEndMs, isEarly))
    this.#tail = flushed
    return flushed
  }

  async #flush(intervalEndMs: number, isEarly: boolean): Promise<Flushed> {
    const { clock, collect, merger } = this.#options
    while (this.#publishing.size >= MOST_BEING_PUBLISHED) await Promise.race(this.#publishing)
    const startedMs = clock.monotonicMs()
    await collect(intervalEndMs, isEarly)
    const batch = merger.close(intervalEndMs)
    this.#dueEndsMs.shift()
    const waited = this.#early
    this.#early = []
    for (const { shardId, partial } of waited) this.receive(shardId, partial)
    const published = this.#publish(batch, startedMs)
    this.#publishing.add(published)
    void published.then(() => this.#publishing.delete(published))
    return { batch, published }
  }

  async #publish(batch: FlushBatch, startedMs: number): Promise<void> {
    const { clock, publish, durationSeconds } = this.#options
    await publish(batch)
    durationSeconds.observe((clock.monotonicMs() - startedMs) / 1_000)
  }
}

function hasSamples({ counters, gauges, timers, sets }: PartialAggregate): boolean {
  return counters.ids.length + gauges.ids.length + timers.ids.length + sets.ids.length > 0
}
