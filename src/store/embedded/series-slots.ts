import { ExpectedOrder } from '../../lib/expected-order.ts'
import { ListNumbers } from '../../lib/list-numbers.ts'
import { atOnce, type Slices } from '../../lib/slices.ts'
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
  /** Faster still: the series of a flush are often the same array. */
  readonly #flushed = new ListNumbers<SeriesIdentity>()
  readonly #look = (identity: SeriesIdentity): number => {
    const { slot, isTold } = this.#head.slotOf(identity)
    if (isTold) this.#unwritten.push({ number: slot, identity })
    return slot
  }
  #unwritten: SeriesEntry[] = []

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
    return atOnce(this.numberAhead(series))
  }

  /** The same, so many series at a time: `numberFlush` has nothing to do then. */
  numberAhead(series: readonly SeriesIdentity[]): Slices<Uint32Array> {
    return this.#flushed.follow(series, this.#look)
  }

  /** The array may have other series the next time. */
  numberAll(series: readonly SeriesIdentity[]): Uint32Array {
    const numbers = new Uint32Array(series.length)
    let previous: SeriesIdentity | undefined
    for (let index = 0; index < series.length; index++) {
      const identity = series[index] as SeriesIdentity
      // Points of the past come series by series.
      if (identity === previous) {
        numbers[index] = numbers[index - 1] as number
        continue
      }
      const number = this.#known.next(identity)
      numbers[index] = number < 0 ? this.#learn(identity) : number
      previous = identity
    }
    return numbers
  }

  /** For keys whose identity does not matter. */
  numberKeys(keys: readonly SeriesKey[]): Uint32Array {
    return this.numberAll(
      keys.map((key) => this.#head.identityOf(this.#head.find(key)) ?? untypedIdentity(key)),
    )
  }

  #learn(identity: SeriesIdentity): number {
    const slot = this.#look(identity)
    this.#known.learn(identity, slot)
    return slot
  }
}
