import { scratch } from './scratch.ts'

/** A column in which values come again: the different ones, and which of them each is. */
export interface DistinctValues {
  /** Ascending. */
  readonly table: Float64Array
  readonly codes: Uint16Array
}

/** What a different value takes in the table at least. */
const LEAST_BITS_PER_VALUE = 1

/** If nearly all of so many are different, most of a short column are. */
const LOOKED_AT = 256

/**
 * undefined: it is sure to take more than `mostBits`, there are more different ones than two bytes can count, or some are no
 * numbers, which have no order.
 */
export function findDistinctValues(values: Float64Array, mostBits: number): DistinctValues | undefined {
  const most = Math.min(65_536, Math.floor(values.length * 0.8))
  const isShort = values.length <= LOOKED_AT * 8
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  const slotCount = 2 ** (34 - Math.clz32(values.length))
  /** Place of a value with this hash, plus 1. */
  const slots = scratch.words(slotCount)
  /** For each value, which of the different ones it is, in the order in which they came. */
  const codes = scratch.shorts(values.length)
  const firstPlaces: number[] = []
  for (let place = 0; place < values.length; place++) {
    const low = words[place * 2] as number
    const high = words[place * 2 + 1] as number
    if (Number.isNaN(values[place])) return undefined
    if (place === LOOKED_AT && isShort && firstPlaces.length > LOOKED_AT * 0.93) return undefined
    let hash = Math.imul(low, 0x9e37_79b1) ^ Math.imul(high, 0x85eb_ca6b)
    hash ^= hash >>> 15
    for (let slot = hash & (slotCount - 1); ; slot = (slot + 1) & (slotCount - 1)) {
      const known = slots[slot] ?? 0
      if (known === 0) {
        if (firstPlaces.length >= most) return undefined
        slots[slot] = place + 1
        codes[place] = firstPlaces.length
        firstPlaces.push(place)
        break
      }
      // Compared by their bits: -0 is not 0.
      if (words[known * 2 - 2] === low && words[known * 2 - 1] === high) {
        codes[place] = codes[known - 1] ?? 0
        break
      }
    }
  }
  const counts = new Uint32Array(firstPlaces.length)
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1
  let bits = LEAST_BITS_PER_VALUE * counts.length
  for (const count of counts) bits -= count * Math.log2(count / values.length)
  if (bits > mostBits) return undefined

  const table = Float64Array.from(firstPlaces, (place) => values[place] ?? 0).sort()
  const ranks = Uint16Array.from(firstPlaces, (place) => rankOf(table, values[place] ?? 0))
  for (let place = 0; place < codes.length; place++) codes[place] = ranks[codes[place] ?? 0] ?? 0
  return { table, codes }
}

/** Where a value is in a table sorted as typed arrays are: -0 before 0. */
function rankOf(table: Float64Array, value: number): number {
  let low = 0
  let high = table.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((table[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return Object.is(table[low], value) ? low : low + 1
}
