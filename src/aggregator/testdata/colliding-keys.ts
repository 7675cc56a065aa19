import { hashOf, metricText } from '../shard/record-text.ts'
import { mix } from '../../lib/text-hash.ts'

/**
 * Keys of one length that have one and the same hash, as somebody could make them who has got hold of the secret factors of the
 * process. Whatever is hashed behind them, they still collide.
 */
export function collidingKeys(count: number): string[] {
  let keys = ['']
  while (keys.length < count) {
    const words = collidingWords(Math.min(64, Math.ceil(count / keys.length)))
    keys = keys.flatMap((key) => words.map((word) => key + word)).slice(0, count)
  }
  return keys
}

/** Keys of counters of which the lowest bits of the hash are `wanted`. */
export function keysWithLowBits(bits: number, wanted: number, count: number): string[] {
  const keys: string[] = []
  for (let index = 0; keys.length < count; index++) {
    const key = `low.${wanted}.${index}`
    if ((hashOf(metricText(key, '|c')) & ((1 << bits) - 1)) === wanted) keys.push(key)
  }
  return keys
}

/** Eight bytes each, which take any hash to the same next one. */
function collidingWords(count: number): string[] {
  const secondFactor = Math.imul(mix(0, 0, 1), inverse(mix(0, 1, 0)))
  // What the words have in common may be anything; with some factors there are too few words of one thing, and more of the next.
  for (let wanted = 0x3b_1c_5a_77; ; wanted = Math.imul(wanted, 0x9e37_79b1) + 1) {
    const words = wordsOf(wanted, secondFactor, count)
    if (words.length === count) return words
  }
}

/** As many as there are, and not more than `count`. */
function wordsOf(wanted: number, secondFactor: number, count: number): string[] {
  const words: string[] = []
  for (let second = 0; second < DIGITS_4 && words.length < count; second++) {
    // The first byte changes fastest, which changes all of the product.
    const digits = second.toString(36).padStart(4, '0').split('').toReversed().join('')
    const first = Buffer.alloc(4)
    first.writeInt32LE(wanted ^ Math.imul(Buffer.from(digits).readInt32LE(), secondFactor))
    if (/^[a-z0-9A-Z_]{4}$/.test(first.toString('latin1'))) words.push(first.toString('latin1') + digits)
  }
  return words
}

/** Numbers of four digits to the base of 36. */
const DIGITS_4 = 36 ** 4

/** Of an odd number, modulo 2^32. */
function inverse(factor: number): number {
  let sum = factor
  for (let bits = 3; bits < 32; bits *= 2) sum = Math.imul(sum, 2 - Math.imul(factor, sum))
  return sum
}
