import { ExpectedOrder } from '../../lib/expected-order.ts'
import type { Slices } from '../../lib/slices.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { untypedIdentity } from '../../model/untyped-identity.ts'
import type { HeadWriter } from './head/head-writer.ts'
import type { SeriesEntry } from './series-entry.ts'

/**
 * Gives series their numbers in one segment, which are their slots in its head. What is new about series waits until it is
 * written: a write that fails leaves it to the next one.
 */
export class SeriesSlots {
  readonly #head: HeadWriter
  /** Fast path: identities are the same objects from batch to batch, and come in the same order. */
  readonly #known = new ExpectedOrder<SeriesIdentity>()
  #unwritten: SeriesEntry[] = []
  /** Faster still: the series of a flush are often the same array. */
  #lastFlush: { series: readonly SeriesIdentity[]; numbers: Uint32Array } | undefined

  constructor(head: HeadWriter) {
    this.#head = head
  }

  /** Series that the segment does not know yet, or knows otherwise: to be written before their numbers are used. */
  get unwritten(): readonly SeriesEntry[] {
    return this.#unwritten
  }

  written(): void {
    if (this.#unwritten.length > 0) this.#unwritten = []
  }

  /** Of a flush, whose array nobody changes. The numbers are the same array while that is, and not to be written to. */
  numberFlush(series: readonly SeriesIdentity[]): Uint32Array {
    if (series !== this.#lastFlush?.series) this.#lastFlush = { series, numbers: this.numberAll(series) }
    return this.#lastFlush.numbers
  }

  /** The same, so many series at a time: `numberFlush` has nothing to do then. */
  *numberAhead(series: readonly SeriesIdentity[]): Slices<void> {
    if (series === this.#lastFlush?.series) return
    const numbers = new Uint32Array(series.length)
    for (let start = 0; start < series.length; start += SERIES_IN_A_SLICE) {
      this.#number(series, numbers, start, Math.min(start + SERIES_IN_A_SLICE, series.length))
      yield
    }
    this.#lastFlush = { series, numbers }
  }

  /** The array may have other series the next time. */
  numberAll(series: readonly SeriesIdentity[]): Uint32Array {
    const numbers = new Uint32Array(series.length)
    this.#number(series, numbers, 0, series.length)
    return numbers
  }

  #number(series: readonly SeriesIdentity[], numbers: Uint32Array, start: number, end: number): void {
    let previous: SeriesIdentity | undefined
    for (let index = start; index < end; index++) {
      const identity = series[index] as SeriesIdentity
      // Points of the past come series by series.
      if (identity === previous) {
        numbers[index] = numbers[index - 1] as number
        continue
      }
      const number = this.#known.next(identity)
      numbers[index] = number < 0 ? this.#look(identity) : number
      previous = identity
    }
  }

  /** For keys whose identity does not matter. */
  numberKeys(keys: readonly SeriesKey[]): Uint32Array {
    return this.numberAll(
      keys.map((key) => this.#head.identityOf(this.#head.find(key)) ?? untypedIdentity(key)),
    )
  }

  #look(identity: SeriesIdentity): number {
    const { slot, isTold } = this.#head.slotOf(identity)
    if (isTold) this.#unwritten.push({ number: slot, identity })
    this.#known.learn(identity, slot)
    return slot
  }
}

/** New ones take some microseconds each. */
const SERIES_IN_A_SLICE = 256
