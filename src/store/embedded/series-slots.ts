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
  /** Fast path: identities are the same objects from batch to batch, and come in the same order. By slot, who was there last. */
  readonly #identities: (SeriesIdentity | undefined)[] = []
  /** By slot, which slot came behind it last. */
  #next = new Uint32Array(1_024)
  #last = 0
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

  numberAll(series: readonly SeriesIdentity[]): Uint32Array {
    const numbers = new Uint32Array(series.length)
    const identities = this.#identities
    let next = this.#next
    let last = this.#last
    for (let index = 0; index < series.length; index++) {
      const identity = series[index] as SeriesIdentity
      let number = next[last] as number
      if (identities[number] !== identity) {
        number = this.#look(identity)
        if (number >= next.length) next = this.#grow(number)
        next[last] = number
      }
      numbers[index] = number
      last = number
    }
    this.#last = last
    return numbers
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
    while (this.#identities.length < slot) this.#identities.push(undefined)
    this.#identities[slot] = identity
    return slot
  }

  #grow(slot: number): Uint32Array<ArrayBuffer> {
    const grown = new Uint32Array(slot * 2)
    grown.set(this.#next)
    this.#next = grown
    return grown
  }
}
