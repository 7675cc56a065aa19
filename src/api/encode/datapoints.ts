import type { QuerySeries } from '../../query/query-series.ts'
import type { AnswerBody } from './answer-body.ts'
import { encodeNumber } from './json-text.ts'

/** Bytes that are handed on at once. */
const PIECE_BYTES = 65_536
/** No point is longer: two brackets, a comma before it and one in it, a double of 25 characters and a time of 17. */
const LONGEST_POINT_BYTES = 64
const scratch = new Uint8Array(PIECE_BYTES)

/**
 * Adds `[value,seconds],[null,seconds]` of a series, without a line or a blank between them. Most of an answer is this, so it is
 * written byte by byte: `node bench/service.ts` measures it.
 */
export function addPlainDatapoints(
  body: AnswerBody,
  { values, startSeconds, endSeconds, stepSeconds }: QuerySeries,
  { isWithoutNulls }: { isWithoutNulls: boolean },
): void {
  let length = 0
  let isFirst = true
  let seconds = startSeconds - stepSeconds
  for (const value of values) {
    seconds += stepSeconds
    // Of series that functions have cut, Graphite shows what lies up to the end, that moment included.
    if (seconds > endSeconds) break
    const isNull = Number.isNaN(value)
    if (isNull && isWithoutNulls) continue
    if (length > PIECE_BYTES - LONGEST_POINT_BYTES) {
      body.addBytes(scratch.slice(0, length))
      length = 0
    }
    if (!isFirst) scratch[length++] = COMMA
    isFirst = false
    scratch[length++] = OPEN
    length = isNull ? writeText('null', length) : writeNumber(value, length)
    scratch[length++] = COMMA
    length = writeNumber(seconds, length)
    scratch[length++] = CLOSE
  }
  body.addBytes(scratch.slice(0, length))
}

const OPEN = 0x5b
const CLOSE = 0x5d
const COMMA = 0x2c
const ZERO = 0x30
const MINUS = 0x2d

function writeNumber(value: number, at: number): number {
  // Fast path: whole numbers of 31 bits, as counts and times are.
  const whole = value | 0
  if (whole !== value || Object.is(value, -0)) return writeText(encodeNumber(value), at)
  if (whole >= 0) return writeDigits(whole, at)
  scratch[at] = MINUS
  return whole === SMALLEST ? writeText(encodeNumber(value), at) : writeDigits(-whole, at + 1)
}

/** Has no opposite. */
const SMALLEST = -2_147_483_648

/** With divisions of 32 bits, which are multiplications to the machine. */
function writeDigits(value: number, at: number): number {
  let end = at + 1
  for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) end++
  for (let place = end - 1, rest = value; place >= at; place--) {
    const next = (rest / 10) | 0
    scratch[place] = ZERO + rest - next * 10
    rest = next
  }
  return end
}

/** ASCII. */
function writeText(text: string, at: number): number {
  for (let index = 0; index < text.length; index++) scratch[at + index] = text.charCodeAt(index)
  return at + text.length
}
