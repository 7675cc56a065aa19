import { AT, COLON, HASH, LETTER_T, PIPE } from './ascii.ts'
import { find, findPair } from './scan.ts'

/**
 * Whether a line is chained, `1|c:12|ms|@0.5:7|g`, and if so where its last link ends: at its tags, or at `end`. -1 if
 * it has one trailer for all its values. `valueEnd` is the first '|'.
 *
 * The forms are told apart by where the first ':' stands. Before the first '|' the line is packed. In the first type, or
 * in a rate in front of which there is no field of DogStatsD's, it is chained. Anywhere else (`|#k:v`, `|c:id`, a field
 * nobody knows yet) it belongs to its field, and the line has one value. A dialect that knows no other form is always chained.
 */
export function findLinksEnd(
  bytes: Uint8Array,
  valueStart: number,
  valueEnd: number,
  end: number,
  isAlwaysChained: boolean,
): number {
  if (!isAlwaysChained) {
    if (find(COLON, bytes, valueStart, valueEnd) < valueEnd) return -1
    const colon = find(COLON, bytes, valueEnd + 1, end)
    if (colon === end || !isBetweenLinks(bytes, valueEnd, colon, end)) return -1
  }
  return findPair(PIPE, HASH, bytes, valueEnd, end)
}

function isBetweenLinks(bytes: Uint8Array, valueEnd: number, colon: number, end: number): boolean {
  let fieldStart = valueEnd + 1
  let fieldEnd = find(PIPE, bytes, fieldStart, end)
  if (colon < fieldEnd) return true
  for (;;) {
    fieldStart = fieldEnd + 1
    fieldEnd = find(PIPE, bytes, fieldStart, end)
    const mark = bytes[fieldStart]
    if (colon < fieldEnd) return mark === AT
    if (mark === HASH || mark === LETTER_T) return false
  }
}
