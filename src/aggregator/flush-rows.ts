import type { FlushBatch } from '../model/flush-batch.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { grow, release } from '../lib/grow.ts'
import { DetailRows } from './detail-rows.ts'
import { FlushRoom, type RowPart } from './flush-room.ts'

/** Knows whose the rows are that it put out. */
export interface RowSource {
  identityOf(slot: number, column: number): SeriesIdentity
}

/** What those who take a flush do with it. */
export interface FlushWishes {
  /** Somebody takes it at all. Left out: yes. */
  readonly isWanted?: boolean
  /** Somebody keeps the sketches of timers. Left out: no. */
  readonly areSketchesWanted?: boolean
  /** Somebody asks for the values of timers and the members of sets. Left out: no. */
  readonly areDetailsWanted?: boolean
  /** Somebody asks, besides, which gauges had no sample. Left out: no. */
  readonly areIdleGaugesWanted?: boolean
}

/**
 * The rows of a flush batch under way. A row says where its identity is to be had; where nobody wants the batch, rows are
 * only counted, and no identity is ever made.
 */
export class FlushRows {
  readonly intervalSeconds: number
  /** Somebody will read the rows, and they have to be in their order. */
  readonly isWanted: boolean
  /** Somebody keeps the sketches of timers, too. */
  readonly areSketchesWanted: boolean
  /** There if somebody asks what values and members there were. */
  readonly details: DetailRows | undefined
  readonly #room: FlushRoom
  #count = 0
  /** Made for each flush and given back with it: for most of an interval they would lie there. */
  #slots: Uint32Array
  #columns: Uint16Array
  #values: Float64Array<ArrayBuffer>
  readonly #parts: RowPart[] = []
  readonly #buckets: SeriesIdentity[] = []
  readonly #bucketWeights: number[] = []

  constructor(
    intervalMs: number,
    {
      isWanted = true,
      areSketchesWanted = false,
      areDetailsWanted = false,
      areIdleGaugesWanted,
    }: FlushWishes = {},
    room = new FlushRoom(),
  ) {
    this.#room = room
    const expectedRows = isWanted ? room.rows : 0
    this.#slots = new Uint32Array(expectedRows)
    this.#columns = new Uint16Array(expectedRows)
    this.#values = new Float64Array(expectedRows)
    this.intervalSeconds = intervalMs / 1000
    this.isWanted = isWanted
    this.areSketchesWanted = isWanted && areSketchesWanted
    this.details = isWanted && areDetailsWanted ? new DetailRows(areIdleGaugesWanted) : undefined
  }

  get count(): number {
    return this.#count
  }

  /** The rows that follow are of this source. */
  begin(source: RowSource): void {
    this.#endPart()
    this.#parts.push({ source, end: this.#count })
  }

  /** A statistic too large for a double has no row: nothing behind this takes infinities. */
  push(slot: number, column: number, value: number): void {
    if (!Number.isFinite(value)) return
    const row = this.#count++
    if (!this.isWanted) return
    if (row === this.#values.length) this.#grow(row * 2)
    this.#values[row] = value
    this.#slots[row] = slot
    this.#columns[row] = column
  }

  #grow(rows: number): void {
    this.#slots = grow(this.#slots, new Uint32Array(rows))
    this.#columns = grow(this.#columns, new Uint16Array(rows))
    this.#values = grow(this.#values, new Float64Array(rows))
  }

  /** The weight of a bucket of a timer's sketch. It is no row. */
  pushBucket(identity: SeriesIdentity, weight: number): void {
    if (!Number.isFinite(weight)) return
    this.#buckets.push(identity)
    this.#bucketWeights.push(weight)
  }

  /** To be asked once, when all rows are there. */
  toBatch(head: Omit<FlushBatch, 'series' | 'values' | 'sketches' | 'details'>): FlushBatch {
    this.#endPart()
    if (!this.isWanted) return { ...head, series: [], values: new Float64Array(0) }
    const details = this.details?.build()
    const batch = {
      ...head,
      series: this.#takeSeries(),
      values: this.#takeValues(),
      ...(details === undefined ? {} : { details }),
    }
    if (this.#buckets.length === 0) return batch
    return { ...batch, sketches: { series: this.#buckets, values: Float64Array.from(this.#bucketWeights) } }
  }

  #takeSeries(): readonly SeriesIdentity[] {
    const places = { parts: this.#parts, slots: this.#slots, columns: this.#columns }
    const series = this.#room.seriesOf(places, this.#count)
    release(this.#slots)
    release(this.#columns)
    return series
  }

  #takeValues(): Float64Array {
    const all = this.#values
    if (this.#count === all.length) return all
    const values = all.slice(0, this.#count)
    release(all)
    return values
  }

  #endPart(): void {
    const last = this.#parts.at(-1)
    if (last !== undefined) last.end = this.#count
  }
}
