import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'

/**
 * Hashes the text of a line eight bytes at a time, as it is read. The factors are drawn anew by each process, so that
 * nobody outside can prepare names that collide; and should somebody guess them, a table looks at a few places only.
 *
 *   hash = mix(hash, word, word) ... mix(hash, last word, 0)    then `settle`
 */
const ENVIRONMENT_KEY = 'kymo: factors of text hashes'
const SECRET = secretOfProcess()
export const FIRST_HASH = SECRET[0] ?? 0
export const FACTOR = (SECRET[1] ?? 0) | 1
export const SECOND_FACTOR = (SECRET[2] ?? 0) | 1

/** The same in all threads that are started by one that has drawn it: what one has put into a table, another finds there. */
function secretOfProcess(): Int32Array {
  const drawn = getEnvironmentData(ENVIRONMENT_KEY)
  if (drawn instanceof Int32Array) return drawn
  const secret = crypto.getRandomValues(new Int32Array(3))
  setEnvironmentData(ENVIRONMENT_KEY, secret)
  return secret
}

/** The second word is multiplied while the first waits for the hash so far. */
export function mix(hash: number, word: number, nextWord: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word ^ Math.imul(nextWord, SECOND_FACTOR), FACTOR)
}

/** Brings what only the high bits know down to the low ones, by which tables choose their places. */
export function settle(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), FACTOR)
  return half ^ (half >>> 13)
}

/** Goes on with `bytes[start..end)`. There are readable bytes behind it, up to seven. */
export function hashText(hash: number, view: DataView, start: number, end: number): number {
  let sum = hash
  let at = start
  for (; at + 8 <= end; at += 8) sum = mix(sum, view.getInt32(at, true), view.getInt32(at + 4, true))
  const rest = end - at
  if (rest < 4) return mix(sum, firstBytes(view.getInt32(at, true), rest), 0)
  return mix(sum, view.getInt32(at, true), firstBytes(view.getInt32(at + 4, true), rest - 4))
}

/** The lowest 0 to 3 bytes of a word. */
function firstBytes(word: number, count: number): number {
  return word & ((1 << (count << 3)) - 1)
}

/** Whether `view[at..]` and `other[otherAt..]` have the same `length` bytes. Both are readable seven bytes further. */
export function isSameText(
  view: DataView,
  at: number,
  other: DataView,
  otherAt: number,
  length: number,
): boolean {
  let offset = 0
  for (; offset + 4 <= length; offset += 4) {
    if (view.getInt32(at + offset, true) !== other.getInt32(otherAt + offset, true)) return false
  }
  return (
    firstBytes(view.getInt32(at + offset, true) ^ other.getInt32(otherAt + offset, true), length & 3) === 0
  )
}
