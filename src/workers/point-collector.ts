import type { Clock, Timer } from '../lib/clock.ts'
import type { KeyTable } from '../lib/key-table.ts'
import type { NumberedPoints } from '../formats/index.ts'
import type { Room } from '../listeners/listener.ts'
import type { Point } from '../model/point.ts'
import type { TimedPoints } from './calls.ts'
import { NumberedKeys } from './numbered-keys.ts'

export interface PointCollectorOptions {
  readonly clock: Clock
  /** Sends a batch off, whose columns are then gone; false if it cannot be sent now. */
  readonly send: (points: TimedPoints) => boolean
  /** That many points had to be given up. */
  readonly onDropped: (points: number) => void
  /** Numbers are given anew: what was remembered of them is wrong from now on. */
  readonly onRestart: () => void
}

/** Of many series, each has several points in it, and what takes it has less to do for each point. */
const LARGEST_BATCH = 65_536
const LONGEST_WAIT_MS = 100
/** Points held while they cannot be sent; beyond this the oldest are dropped. */
const MOST_HELD_POINTS = 1_000_000
/** While so many wait that should be gone, whoever can wait has to. */
const FULL_HELD_POINTS = 100_000
/** So many numbers are given before they are given anew. */
const MOST_NUMBERS = 1_000_000
const NO_POINTS = { ids: new Uint32Array(0), timesMs: new Float64Array(0), values: new Float64Array(0) }

/**
 * Gathers points with times of their own, so that they cross to the keeper by the thousand and not one by one. A series crosses by a
 * number, and its key once, with the first of its points. What cannot be sent, because there is no keeper for a moment or
 * it is far behind, is held for a while.
 */
export class PointCollector implements Room, NumberedPoints {
  readonly #options: PointCollectorOptions
  readonly #series = new NumberedKeys()
  /** Whose keys went off with a batch. */
  #toldCount = 0
  #ids = new Uint32Array(LARGEST_BATCH)
  #timesMs = new Float64Array(LARGEST_BATCH)
  #values = new Float64Array(LARGEST_BATCH)
  #count = 0
  #held: TimedPoints[] = []
  #heldPoints = 0
  #waiting: (() => void)[] = []
  #timer: Timer | undefined

  constructor(options: PointCollectorOptions) {
    this.#options = options
  }

  get keys(): KeyTable {
    return this.#series.table
  }

  /** Returns the number of its series, which is good until `onRestart`. */
  add(point: Point): number {
    const { key, timeMs, value } = point
    const type = point.type ?? 'untyped'
    let number = this.#series.use(key, type, MOST_NUMBERS)
    if (number < 0) {
      this.#restart()
      number = this.#series.use(key, type, Number.POSITIVE_INFINITY)
    }
    this.addNumbered(number, timeMs, value)
    return number
  }

  addNumbered(number: number, timeMs: number, value: number): void {
    const row = this.#count++
    this.#ids[row] = number
    this.#timesMs[row] = timeMs
    this.#values[row] = value
    if (this.#count === LARGEST_BATCH) this.flush()
    else if (this.#timer === undefined) this.#flushSoon()
  }

  /** Sends what there is, as far as it can be sent. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#close()
    this.resume()
    if (this.#held.length > 0) this.#flushSoon()
  }

  /** There is room again: sends what is held. */
  resume(): void {
    let sentCount = 0
    for (const points of this.#held) {
      const { length } = points.ids
      if (!this.#options.send(points)) break
      sentCount++
      this.#heldPoints -= length
    }
    this.#held = this.#held.slice(sentCount)
    if (this.#held.length === 0 && this.#waiting.length > 0)
      for (const action of this.#waiting.splice(0)) action()
  }

  get isFull(): boolean {
    return this.#heldPoints > 0 && this.#heldPoints + this.#count >= FULL_HELD_POINTS
  }

  whenEmpty(action: () => void): void {
    this.#waiting.push(action)
  }

  /** There is another keeper, which knows no numbers. Those of the points that are held stay as they are. */
  tellAgain(): void {
    if (this.#series.count === 0) return
    this.#close()
    // All of them before anything that is held, which may bring the same again, but must not be taken for a new beginning.
    const held = this.#held.map((batch) => ({ ...batch, newKeys: [], newTypes: [] }))
    this.#held = [
      { ...NO_POINTS, newKeys: this.#series.keysFrom(0), newTypes: this.#series.typesFrom(0), newFrom: 0 },
      ...held,
    ]
    this.flush()
  }

  /** Makes a batch of what was gathered. */
  #close(): void {
    const count = this.#count
    if (count === 0) return
    this.#held.push({
      newKeys: this.#series.keysFrom(this.#toldCount),
      newTypes: this.#series.typesFrom(this.#toldCount),
      newFrom: this.#toldCount,
      ...this.#takeColumns(count),
    })
    this.#toldCount = this.#series.count
    this.#count = 0
    this.#heldPoints += count
    if (this.#heldPoints > MOST_HELD_POINTS) this.#dropOldest()
  }

  /** For the batch alone: it is sent by moving its memory. */
  #takeColumns(count: number): Pick<TimedPoints, 'ids' | 'timesMs' | 'values'> {
    const [ids, timesMs, values] = [this.#ids, this.#timesMs, this.#values]
    if (count < LARGEST_BATCH)
      return { ids: ids.slice(0, count), timesMs: timesMs.slice(0, count), values: values.slice(0, count) }
    this.#ids = new Uint32Array(LARGEST_BATCH)
    this.#timesMs = new Float64Array(LARGEST_BATCH)
    this.#values = new Float64Array(LARGEST_BATCH)
    return { ids, timesMs, values }
  }

  #dropOldest(): void {
    for (const [index, batch] of this.#held.entries()) {
      if (this.#heldPoints <= MOST_HELD_POINTS) break
      const { length } = batch.ids
      if (length === 0) continue
      this.#heldPoints -= length
      // The keys that it brings are those of points behind it too.
      this.#held[index] = { ...batch, ...NO_POINTS }
      this.#options.onDropped(length)
    }
    this.#held = this.#held.filter(({ ids, newKeys }) => ids.length > 0 || newKeys.length > 0)
  }

  /** Not while points wait whose numbers would mean something else then. */
  #restart(): void {
    this.flush()
    if (this.#held.length > 0) return
    this.#series.clear()
    this.#toldCount = 0
    this.#options.onRestart()
  }

  #flushSoon(): void {
    this.#timer ??= this.#options.clock.after(LONGEST_WAIT_MS, () => this.flush())
  }
}
