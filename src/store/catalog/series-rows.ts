import { type ColumnMemory, ownMemory } from '../../lib/column-memory.ts'
import { grow, roomFor } from '../../lib/grow.ts'
import { NumberStack } from '../../lib/number-stack.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { codesOf, kindOf } from '../series-codes.ts'

/**
 * What is known of each series, as columns. Its key is in the tree, or among the tagged keys; `place` says where.
 *
 *   row           0              1
 *   places        node 17        tagged key 3
 *   kinds         counter count  gauge value, tagged
 *   numbers       -              -               which of the few percentiles and upper edges there are
 *   first, last   12:00, 12:10   12:00, 12:10
 *   metrics       metric 5       alone           what it was made from; an untyped series is its own metric
 *   nextOfMetric  row 4          -               the series of one metric are a list, and know their neighbours
 *   previousOfMetric
 */
export class SeriesRows {
  places: Uint32Array
  /** Codes in three bytes, then flags. 0: the row is free. */
  #kinds: Uint32Array
  #numbers: Uint32Array
  firstSeenMs: Float64Array
  lastSeenMs: Float64Array
  /** Number of the metric, and 1; 0: it is its own. */
  metrics: Uint32Array
  /** Row, and 1; 0: there is no other. */
  nextOfMetric: Uint32Array
  previousOfMetric: Uint32Array
  readonly #distinctNumbers: number[] = []
  readonly #placesOfNumbers = new Map<number, number>()
  readonly #free = new NumberStack()
  #limit = 0
  /** Of what others read, too. */
  readonly #memory: ColumnMemory

  constructor(expectedRows = 0, memory: ColumnMemory = ownMemory) {
    const rows = roomFor(expectedRows)
    this.#memory = memory
    this.places = new Uint32Array(rows)
    this.#kinds = new Uint32Array(rows)
    this.#numbers = new Uint32Array(rows)
    this.firstSeenMs = memory.make(Float64Array, rows)
    this.lastSeenMs = memory.make(Float64Array, rows)
    this.metrics = new Uint32Array(rows)
    this.nextOfMetric = new Uint32Array(rows)
    this.previousOfMetric = new Uint32Array(rows)
  }

  get size(): number {
    return this.#limit - this.#free.length
  }

  /** Rows are below this. */
  get limit(): number {
    return this.#limit
  }

  has(row: number): boolean {
    return this.#kinds[row] !== 0
  }

  /** What is known of it, place and kind first, is set by who adds it. */
  add(): number {
    const row = this.#free.pop() ?? this.#limit++
    if (row === this.places.length) this.#grow()
    this.metrics[row] = 0
    this.nextOfMetric[row] = 0
    this.previousOfMetric[row] = 0
    return row
  }

  setPlace(row: number, place: number, isTagged: boolean): void {
    this.places[row] = place
    this.#kinds[row] = isTagged ? IS_TAGGED : 0
  }

  remove(row: number): void {
    this.#kinds[row] = 0
    this.#free.push(row)
  }

  isTagged(row: number): boolean {
    return ((this.#kinds[row] as number) & IS_TAGGED) !== 0
  }

  setKind(row: number, identity: SeriesIdentity): void {
    const { percentile, upperEdge } = identity
    const tagged = (this.#kinds[row] as number) & IS_TAGGED
    const flags =
      (percentile === undefined ? 0 : HAS_PERCENTILE) | (upperEdge === undefined ? 0 : HAS_UPPER_EDGE)
    this.#kinds[row] = codesOf(identity) | tagged | flags
    this.#numbers[row] = this.#placeOf(percentile ?? upperEdge ?? 0)
  }

  isOfKind(row: number, identity: SeriesIdentity): boolean {
    const { percentile, upperEdge } = identity
    const kind = this.#kinds[row] as number
    if ((kind & CODES) !== codesOf(identity)) return false
    const number = this.#distinctNumbers[this.#numbers[row] as number]
    return (
      percentile === ((kind & HAS_PERCENTILE) === 0 ? undefined : number) &&
      upperEdge === ((kind & HAS_UPPER_EDGE) === 0 ? undefined : number)
    )
  }

  kindOf(row: number): SeriesKind {
    return unpackKind(this.packedKindOf(row), this.numberOf(row))
  }

  /** See `unpackKind`. */
  packedKindOf(row: number): number {
    return this.#kinds[row] as number
  }

  numberOf(row: number): number {
    return this.#distinctNumbers[this.#numbers[row] as number] ?? 0
  }

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    const own = [this.places, this.#kinds, this.#numbers, this.firstSeenMs, this.lastSeenMs]
    return [...own, this.metrics, this.nextOfMetric, this.previousOfMetric]
  }

  #placeOf(number: number): number {
    let place = this.#placesOfNumbers.get(number)
    if (place === undefined) {
      place = this.#distinctNumbers.push(number) - 1
      this.#placesOfNumbers.set(number, place)
    }
    return place
  }

  #grow(): void {
    const rows = this.places.length * 2
    this.places = grow(this.places, new Uint32Array(rows))
    this.#kinds = grow(this.#kinds, new Uint32Array(rows))
    this.#numbers = grow(this.#numbers, new Uint32Array(rows))
    this.firstSeenMs = this.#memory.grow(this.firstSeenMs, rows)
    this.lastSeenMs = this.#memory.grow(this.lastSeenMs, rows)
    this.metrics = grow(this.metrics, new Uint32Array(rows))
    this.nextOfMetric = grow(this.nextOfMetric, new Uint32Array(rows))
    this.previousOfMetric = grow(this.previousOfMetric, new Uint32Array(rows))
  }
}

export type SeriesKind = Omit<SeriesIdentity, 'key' | 'metricKey'>

/** The kind of a series from what `packedKindOf` and `numberOf` say of its row. */
export function unpackKind(packed: number, number: number): SeriesKind {
  const kind = kindOf(packed & CODES)
  if (kind === undefined) throw new Error(`BUG: ${packed} is no kind of series`)
  if ((packed & (HAS_PERCENTILE | HAS_UPPER_EDGE)) === 0) return kind
  return (packed & HAS_PERCENTILE) === 0 ? { ...kind, upperEdge: number } : { ...kind, percentile: number }
}

const CODES = 0xff_ffff
const HAS_PERCENTILE = 1 << 24
const HAS_UPPER_EDGE = 1 << 25
const IS_TAGGED = 1 << 26
