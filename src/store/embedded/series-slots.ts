import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { untypedIdentity } from '../../model/untyped-identity.ts'
import type { HeadWriter } from './head/head-writer.ts'
import { isSameIdentity, type SeriesEntry } from './series-entry.ts'

export interface NumberedSeries {
  readonly numbers: Uint32Array
  /** Series that the segment does not know yet, or knows otherwise: to be written before the numbers are used. */
  readonly introduced: readonly SeriesEntry[]
}

/**
 * Gives series their numbers in one segment, which are their slots in its head. The head learns of new ones when they are
 * written; until then nothing here is final, so that a write that fails leaves no trace.
 */
export class SeriesSlots {
  readonly #head: HeadWriter
  /** Fast path: identities are the same objects from batch to batch, and come in the same order. By slot, who was there last. */
  readonly #identities: (SeriesIdentity | undefined)[] = []
  /** By slot, which slot came behind it last. */
  #next = new Uint32Array(1_024)
  #last = 0

  constructor(head: HeadWriter) {
    this.#head = head
  }

  numberAll(series: readonly SeriesIdentity[]): NumberedSeries {
    const numbers = new Uint32Array(series.length)
    const introduced = new Map<SeriesKey, SeriesEntry>()
    const identities = this.#identities
    const next = this.#next
    let last = this.#last
    for (let index = 0; index < series.length; index++) {
      const identity = series[index] as SeriesIdentity
      let number = next[last] as number
      if (identities[number] !== identity) {
        number = this.#look(identity, introduced)
        if (last < next.length) next[last] = number
      }
      numbers[index] = number
      last = number < next.length ? number : 0
    }
    this.#last = last
    return { numbers, introduced: [...introduced.values()] }
  }

  /** For keys whose identity does not matter. */
  numberKeys(keys: readonly SeriesKey[]): NumberedSeries {
    return this.numberAll(
      keys.map((key) => this.#head.identityOf(this.#head.find(key)) ?? untypedIdentity(key)),
    )
  }

  /** What `numberAll` answered has been written. */
  confirm(series: readonly SeriesIdentity[], { numbers, introduced }: NumberedSeries): void {
    if (introduced.length === 0) return
    for (const { number, identity } of introduced) this.#head.introduce(number, identity)
    if (this.#head.slotCount > this.#next.length) {
      const grown = new Uint32Array(this.#head.slotCount * 2)
      grown.set(this.#next)
      this.#next = grown
    }
    for (const { number } of introduced)
      while (this.#identities.length <= number) this.#identities.push(undefined)
    for (let index = 0; index < series.length; index++) {
      const number = numbers[index] as number
      this.#identities[number] = series[index]
      if (index > 0) this.#next[numbers[index - 1] as number] = number
    }
  }

  #look(identity: SeriesIdentity, introduced: Map<SeriesKey, SeriesEntry>): number {
    const { key } = identity
    const pending = introduced.get(key)
    const written = pending === undefined ? this.#head.find(key) : -1
    const number = pending?.number ?? (written >= 0 ? written : this.#head.slotCount + introduced.size)
    const known = pending?.identity ?? this.#head.identityOf(written)
    if (known === undefined || !isSameIdentity(known, identity)) introduced.set(key, { number, identity })
    else if (written >= 0) this.#identities[written] = identity
    return number
  }
}
