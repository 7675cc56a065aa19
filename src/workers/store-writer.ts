import type { Clock, Timer } from '../lib/clock.ts'
import { release } from '../lib/grow.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { IndexedPoints } from '../model/point.ts'
import type { StoreSink } from '../sinks/store.ts'
import type { Engine } from '../store/engine.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { OwnMetrics } from '../telemetry/own-metrics.ts'
import type { DiskRoom } from './disk-room.ts'
import type { StoreOutage } from './store-outage.ts'

export interface StoreWriterOptions {
  /** Over `engine`. */
  readonly sink: Pick<StoreSink, 'flush' | 'points'>
  readonly engine: Pick<Engine, 'sync'>
  readonly room: Pick<DiskRoom, 'lack'>
  readonly outage: StoreOutage
  readonly fsync: Fsync
  readonly clock: Clock
  readonly metrics: OwnMetrics
}

/**
 * When what was written is forced to the disk. `always`: before a batch is acknowledged. `1s`: a flush before it is acknowledged,
 * everything else within a second. `off`: when the system likes, or what it is in becomes a block, or Kymo stops.
 */
export type Fsync = 'always' | '1s' | 'off'

type Batch =
  | { readonly kind: 'flush'; readonly batch: FlushBatch }
  | { readonly kind: 'points'; readonly batch: IndexedPoints }

/** Points kept while the disk does not take them; beyond this the oldest are dropped and counted. */
const MOST_WAITING_POINTS = 5_000_000
const SYNC_INTERVAL_MS = 1_000

/**
 * Writes batches to the store in order and sees that they become durable when `fsync` says. What cannot be written waits in
 * memory and is tried again with the next batch or sync; so is what was written but not synced when a sync fails, for nobody
 * knows then what of it is on the disk. Written twice, a point replaces itself. While the disk has only what is reserved,
 * nothing is tried. Batches are the writer's: once one need not be written again, its columns are empty.
 */
export class StoreWriter {
  readonly #options: StoreWriterOptions
  #fsync: Fsync
  #waiting: Batch[] = []
  /** Written since the last sync. */
  #unsynced: Batch[] = []
  #timer: Timer | undefined
  #work: Promise<void> = Promise.resolve()
  #isClosing = false
  /** Points of the past were written that no sync has covered yet. */
  #hasUnsyncedPast = false
  /** A sync has failed that was to cover some. */
  #isPastInDoubt = false

  constructor(options: StoreWriterOptions) {
    this.#options = options
    this.#fsync = options.fsync
  }

  /** From the next batch on. */
  setFsync(fsync: Fsync): void {
    this.#fsync = fsync
  }

  /** Resolves when the batch has been tried and, if it was written, is durable, unless `fsync` is off. Never rejects. */
  flush(batch: FlushBatch): Promise<void> {
    return this.#inTurn(async () => {
      await this.#write({ kind: 'flush', batch })
      await this.#sync()
    })
  }

  /** Durable after the next sync, or at once. Never rejects. */
  points(batch: IndexedPoints): Promise<void> {
    return this.#inTurn(async () => {
      await this.#write({ kind: 'points', batch })
      if (this.#fsync === 'always') await this.#sync()
      else if (this.#unsynced.length > 0) this.#syncSoon()
    })
  }

  /**
   * Writes points of the past, in turn with everything else. They do not wait in memory: whoever moves them in still has them. Rejects with
   * why they are not written.
   */
  past(write: () => void, points: number): Promise<void> {
    return this.#inTurnOrNot(async () => {
      await this.#writeWaiting()
      const lack = this.#waiting.length > 0 ? this.#options.outage.problem : this.#options.room.lack()
      if (lack !== undefined) throw lack
      write()
      this.#hasUnsyncedPast = true
      this.#options.metrics.counter('kymo_stored_points_total').add(points)
    })
  }

  /** Resolves when all points of the past that were written are durable. Rejects if that is not certain: then they are to be sent again. */
  settlePast(): Promise<void> {
    return this.#inTurnOrNot(async () => {
      await this.#writeWaiting()
      await this.#sync()
      const isInDoubt = this.#isPastInDoubt
      this.#isPastInDoubt = false
      if (isInDoubt)
        throw new KymoError('server-busy', {
          reason: 'what was sent last may not be on the disk; send it again',
        })
    })
  }

  /** Something else that changes the store, while nothing is being written. Rejects with what it throws. */
  alone<Result>(action: () => Promise<Result>): Promise<Result> {
    return this.#inTurnOrNot(action)
  }

  /** Tries once more what waits, into what is reserved if need be. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#isClosing = true
    await this.#inTurn(async () => {
      await this.#writeWaiting()
      await this.#sync()
    })
    const lost = pointsOf(this.#waiting)
    if (lost > 0) this.#countDropped(lost, 'stopped')
  }

  /** The turn of others comes, however this ends. */
  #inTurnOrNot<Result>(action: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      void this.#inTurn(async () => {
        try {
          resolve(await action())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(action)
    return this.#work
  }

  async #write(entry: Batch): Promise<void> {
    this.#waiting.push(entry)
    await this.#writeWaiting()
  }

  async #writeWaiting(): Promise<void> {
    const { sink, metrics } = this.#options
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const lack = this.#isClosing ? undefined : this.#options.room.lack()
      if (lack !== undefined) return this.#hold(lack)
      try {
        if (next.kind === 'flush') await sink.flush(next.batch)
        else sink.points(next.batch)
      } catch (error) {
        metrics.counter('kymo_store_failures_total').add(1)
        return this.#hold(error)
      }
      this.#waiting.shift()
      metrics.counter('kymo_stored_points_total').add(pointsOf([next]))
      if (this.#fsync === 'off') giveBack(next)
      else this.#unsynced.push(next)
    }
  }

  async #sync(): Promise<void> {
    if (this.#unsynced.length > 0 || this.#hasUnsyncedPast) {
      try {
        await this.#options.engine.sync()
        for (const entry of this.#unsynced) giveBack(entry)
        this.#unsynced = []
        this.#hasUnsyncedPast = false
      } catch (error) {
        if (this.#hasUnsyncedPast) this.#isPastInDoubt = true
        this.#hasUnsyncedPast = false
        this.#waiting = [...this.#unsynced, ...this.#waiting]
        this.#unsynced = []
        this.#options.metrics.counter('kymo_store_failures_total').add(1)
        return this.#hold(error)
      }
    }
    if (this.#waiting.length > 0) return
    this.#options.outage.ended()
    this.#showWaiting()
  }

  /** What waits goes on waiting. */
  #hold(error: unknown): void {
    this.#options.outage.failed(error)
    this.#dropOldest()
    this.#showWaiting()
    if (!this.#isClosing) this.#syncSoon()
  }

  #syncSoon(): void {
    this.#timer ??= this.#options.clock.after(SYNC_INTERVAL_MS, () => {
      this.#timer = undefined
      void this.#inTurn(async () => {
        await this.#writeWaiting()
        await this.#sync()
      })
    })
  }

  #dropOldest(): void {
    let points = pointsOf(this.#waiting)
    while (points > MOST_WAITING_POINTS && this.#waiting.length > 1) {
      const dropped = pointsOf(this.#waiting.splice(0, 1))
      points -= dropped
      this.#countDropped(dropped, 'queue_full')
      this.#options.outage.dropped(dropped)
    }
  }

  #showWaiting(): void {
    this.#options.metrics.gauge('kymo_queue_points', { sink: 'store' }).set(pointsOf(this.#waiting))
  }

  #countDropped(points: number, reason: 'queue_full' | 'stopped'): void {
    this.#options.metrics
      .counter('kymo_dropped_points_total', { sink: 'store', drop_reason: reason })
      .add(points)
  }
}

/** Left to the garbage collector, columns of large batches would lie around for many flushes. */
function giveBack({ kind, batch }: Batch): void {
  release(batch.values)
  if (kind === 'flush') return
  release(batch.timesMs)
  release(batch.rows)
}

function pointsOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { batch }) => sum + batch.values.length + sketchPointsOf(batch), 0)
}

function sketchPointsOf(batch: Batch['batch']): number {
  return ('sketches' in batch && batch.sketches?.values.length) || 0
}
