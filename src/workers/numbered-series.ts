import { grow, roomFor } from '../lib/grow.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { TimedPoints } from './calls.ts'
import { POINT_TYPES, type PointType } from './point-identities.ts'

/** What the numbers in the batches of one thread stand for, and as what they were let in: columns, by number. */
export class SeriesByNumber {
  #keys: SeriesKey[] = []
  /** Places among POINT_TYPES. */
  #types = new Uint8Array(FIRST_NUMBERS)
  /** As what each was let in last. */
  readonly identities: (SeriesIdentity | undefined)[] = []
  /** Until when that holds. 0: it was not let in, or nobody has looked yet. */
  goodUntilMs = new Float64Array(FIRST_NUMBERS)
  /** In which batch each was last, and at which place of its series. */
  lastBatches = new Uint32Array(FIRST_NUMBERS)
  lastRows = new Uint32Array(FIRST_NUMBERS)
  /** Of the batch under way; there was none yet. */
  batch = 0

  learn({ newKeys, newTypes, newFrom }: Pick<TimedPoints, 'newKeys' | 'newTypes' | 'newFrom'>): void {
    if (newKeys.length === 0) return
    if (newFrom === 0) {
      this.#keys = []
      this.identities.length = 0
    }
    const end = newFrom + newKeys.length
    if (end > this.goodUntilMs.length) {
      this.goodUntilMs = grow(this.goodUntilMs, new Float64Array(roomFor(end)))
      this.lastBatches = grow(this.lastBatches, new Uint32Array(roomFor(end)))
      this.lastRows = grow(this.lastRows, new Uint32Array(roomFor(end)))
      this.#types = grow(this.#types, new Uint8Array(roomFor(end)))
    }
    this.goodUntilMs.fill(0, newFrom, end)
    for (let index = 0; index < newKeys.length; index++) {
      this.#keys[newFrom + index] = newKeys[index] as SeriesKey
      this.#types[newFrom + index] = POINT_TYPES.indexOf(newTypes[index] ?? 'untyped')
      this.identities[newFrom + index] = undefined
    }
  }

  keyOf(number: number): SeriesKey {
    const key = this.#keys[number]
    if (key === undefined) throw new Error(`BUG: series ${number} was never introduced`)
    return key
  }

  typeOf(number: number): PointType {
    return POINT_TYPES[this.#types[number] ?? 0] ?? 'untyped'
  }

  /** All are to be looked at again. */
  expire(): void {
    this.goodUntilMs.fill(0)
  }
}

const FIRST_NUMBERS = 256
