import { PADDED, WORD_NUMBERS } from './digit-words.ts'
import { LONGEST_NUMBER, writeNumber, writeWhole } from './write-number.ts'

/** Bytes that have to be there for a pair. */
export const LONGEST_PAIR = 2 * LONGEST_NUMBER
const [COMMA, BRACKET, END_BRACKET] = [0x2c, 0x5b, 0x5d]
/** `,[` and `null`, as they stand in memory. */
const [COMMA_BRACKET, NULL] = [0x5b2c, 0x6c6c_756e]
/** Times of ten digits are three words with what stands around them. */
const [FIRST_LONG, END_LONG] = [1e9, 1e10]
/** Of longer steps more than the last seven digits are another each time. */
const LONGEST_STEP = 10_000_000

export interface PairsToWrite {
  readonly values: Float64Array
  /** Places of the first value, and of the one behind the last. */
  readonly start: number
  readonly end: number
  /** Of the first value. */
  readonly seconds: number
  readonly stepSeconds: number
}

/**
 * `,[value,time]` for each value. There is room for them. Returns where they end. One loop over plain variables, and digits as words: as calls for each
 * point and byte by byte the same took six times as long.
 */
export function writePairs(view: DataView, at: number, pairs: PairsToWrite): number {
  const { values, start, end, seconds, stepSeconds } = pairs
  const endSeconds = seconds + (end - start) * stepSeconds
  const isLong = seconds >= FIRST_LONG && endSeconds < END_LONG && stepSeconds < LONGEST_STEP
  // Steps are whole numbers, and positive.
  if (!isLong || !Number.isInteger(seconds)) return writeSlowly(view, at, pairs)
  const stepThousands = Math.floor(stepSeconds / 1_000)
  const stepRest = stepSeconds - stepThousands * 1_000
  let front = Math.floor(seconds / LONGEST_STEP)
  let thousands = Math.floor(seconds / 1_000) % WORD_NUMBERS
  let rest = seconds % 1_000
  let frontWord = frontWordOf(front)
  let length = at
  for (let place = start; place < end; place++) {
    const value = values[place] as number
    view.setUint16(length, COMMA_BRACKET, true)
    length += 2
    const whole = value | 0
    if (whole === value && whole > 0) length = writeWhole(view, length, whole)
    else if (Number.isNaN(value)) {
      view.setUint32(length, NULL, true)
      length += 4
    } else length = writeNumber(view, length, value)
    view.setUint32(length, frontWord, true)
    view.setUint32(length + 4, PADDED[thousands] as number, true)
    view.setUint32(length + 8, ((PADDED[rest] as number) >>> 8) | (END_BRACKET << 24), true)
    length += 12
    thousands += stepThousands
    rest += stepRest
    if (rest >= 1_000) {
      rest -= 1_000
      thousands += 1
    }
    if (thousands >= WORD_NUMBERS) {
      thousands -= WORD_NUMBERS
      front += 1
      frontWord = frontWordOf(front)
    }
  }
  return length
}

/** A comma, and three digits. */
function frontWordOf(front: number): number {
  return ((PADDED[front] ?? 0) & ~0xff) | COMMA
}

function writeSlowly(
  view: DataView,
  at: number,
  { values, start, end, seconds, stepSeconds }: PairsToWrite,
): number {
  let length = at
  for (let place = start; place < end; place++) {
    view.setUint8(length++, COMMA)
    view.setUint8(length++, BRACKET)
    length = writeNumber(view, length, values[place] as number)
    view.setUint8(length++, COMMA)
    length = writeNumber(view, length, seconds + (place - start) * stepSeconds)
    view.setUint8(length++, END_BRACKET)
  }
  return length
}
