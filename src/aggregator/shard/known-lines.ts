import type { LineShortcut } from '../../formats/format.ts'
import type { Sample } from '../../model/sample.ts'
import type { Accumulators } from './accumulators.ts'
import {
  HASH,
  ID,
  IS_SHAPE,
  KIND_COUNTER,
  KIND_EXCLUDED,
  KIND_GAUGE,
  KIND_MASK,
  KIND_TIMER,
  LENGTHS,
  MARK_SHIFT,
  MEANING,
  SIGN_IS_DELTA,
  TAKES_MINUS,
  TAKES_PLUS,
  TARGET,
  textOffset,
  USED_IN,
  WEIGHT_SHIFT,
} from './record.ts'
import { hashOf } from './record-text.ts'
import { MOST_PLACES, UNIT_BYTES } from './series-records.ts'
import { MOST_MARK_BYTES, MOST_NAME_BYTES, readShape, type Shape } from './shape.ts'
import { FACTOR, FIRST_HASH, SECOND_FACTOR } from '../../lib/text-hash.ts'

/**
 * The short way for lines of StatsD. All of a line but its value is its shape:
 *
 *   api.hits:3|c|@0.1|#env:prod
 *   ^^^^^^^^   ^^^^^^^^^^^^^^^^^         the decoder says once what it means; the next line of that shape is recognised
 *            ^                         by these bytes alone, and only its value is read
 *
 * What has another form takes the long way every time: values that are not plain decimals of up to 15 characters, several
 * values in a line, sets, times and whatever else changes from line to line. A shape is learned from the line itself and
 * what the decoder made of it, so no rule of any dialect is written down here a second time; where it matters whether a
 * value has a sign, it is learned for each sign.
 */
export class KnownLines implements LineShortcut {
  #takenCount = 0
  readonly #accumulators: Accumulators
  /** Of the buffer that a block was last in. */
  #view: DataView = new DataView(new ArrayBuffer(0))
  readonly #weights = new Float64Array(MOST_WEIGHTS)
  readonly #weightIndexes = new Map<number, number>()
  /** What came of the line being decoded: how many samples, and of the only one, where it went. */
  #sampleCount = 0
  #target = 0
  #sample: Sample | undefined
  #receivedAtMs = 0

  constructor(accumulators: Accumulators) {
    this.#accumulators = accumulators
    // That of a line without a rate, and of a metric's own record.
    this.#weightIndex(1)
  }

  /** Of `take`, the last time. */
  get takenCount(): number {
    return this.#takenCount
  }

  /** When the lines that follow were received. */
  receivedAt(receivedAtMs: number): void {
    this.#receivedAtMs = receivedAtMs
  }

  take(bytes: Uint8Array, start: number, end: number): number {
    if (bytes.buffer !== this.#view.buffer) this.#view = new DataView(bytes.buffer)
    const offset = bytes.byteOffset
    const readableEnd = Math.min(end, this.#view.byteLength - READ_AHEAD_BYTES - offset)
    // So that nothing is read past the last LF.
    const lastFeed = readableEnd > start ? findLastFeed(bytes, readableEnd) : -1
    if (lastFeed < start) {
      this.#takenCount = 0
      return start
    }
    return this.#take(this.#view, offset + start, offset + lastFeed + 1) - offset
  }

  #take(line: DataView, start: number, blockEnd: number): number {
    const accumulators = this.#accumulators
    const { records, timerLog, intervalNumber } = accumulators
    const { view, index } = records
    const placeMask = index.length - 1
    const weights = this.#weights
    const countsSamples = accumulators.sampleCounts !== undefined
    // Locals are kept as they are used; constants of the module would be fetched and converted for each line.
    const factor = FACTOR | 0
    const secondFactor = SECOND_FACTOR | 0
    const end = blockEnd | 0
    let at = start | 0
    let taken = 0

    lines: while (at < end) {
      // The name, eight bytes at a time, up to the first colon. There is a limit, because lines without a colon would otherwise be
      // gone through to their end, all of them, for every one of them. This is `mix` of text-hash.ts, and what stands in `firstBytes`
      // there: written out, because the compiler inlines only so much into one function.
      let hash = FIRST_HASH
      let nameTail = at
      const nameLimit = end - at < MOST_NAME_BYTES ? end : at + MOST_NAME_BYTES
      let nameWord = 0
      let nameNext = 0
      let mark = 0
      let nextMark = 0
      for (;;) {
        nameWord = line.getInt32(nameTail, true)
        nameNext = line.getInt32(nameTail + 4, true)
        // The highest bit of each byte that is a colon; above the lowest such byte it may mark others.
        mark = nameWord ^ COLONS
        mark = (mark - 0x01010101) & ~mark & 0x80808080
        nextMark = nameNext ^ COLONS
        nextMark = (nextMark - 0x01010101) & ~nextMark & 0x80808080
        if ((mark | nextMark) !== 0) break
        const rotated = (hash << 5) | (hash >>> 27)
        hash = Math.imul(rotated ^ nameWord ^ Math.imul(nameNext, secondFactor), factor)
        nameTail += 8
        if (nameTail >= nameLimit) break lines
      }
      // What of these eight bytes is the name's. Without a branch: names differ in their lengths, and which word it is would be guessed wrongly.
      let isInWord = (mark | -mark) >> 31
      mark = (mark & isInWord) | (nextMark & ~isInWord)
      let tailBits = (31 - Math.clz32(mark & -mark)) & 24
      let tailMask = (1 << tailBits) - 1
      const nameMask = tailMask | ~isInWord
      const nextNameMask = tailMask & ~isInWord
      nameWord &= nameMask
      nameNext &= nextNameMask
      hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ nameWord ^ Math.imul(nameNext, secondFactor), factor)
      const nameEnd = nameTail + (tailBits >> 3) + (4 & ~isInWord)

      // The colon of a line that is not whole: its value might go on to where memory ends.
      if (nameEnd >= end) break

      // The value: a plain decimal, which is exact as one division of two exact numbers.
      let valueEnd = nameEnd + 1
      let byte = line.getUint8(valueEnd)
      const sign = byte
      if (byte === MINUS || byte === PLUS) byte = line.getUint8(++valueEnd)
      const digitsStart = valueEnd
      let value = 0
      for (; byte >= ZERO && byte <= NINE; byte = line.getUint8(++valueEnd))
        value = value * 10 + (byte - ZERO)
      if (valueEnd === digitsStart) break
      if (byte === POINT) {
        const point = valueEnd
        byte = line.getUint8(++valueEnd)
        for (; byte >= ZERO && byte <= NINE; byte = line.getUint8(++valueEnd))
          value = value * 10 + (byte - ZERO)
        value /= POWERS_OF_TEN[valueEnd - point - 1] ?? Number.NaN
      }
      if (valueEnd - nameEnd > MOST_VALUE_BYTES || valueEnd >= end) break

      // What is behind it, up to the end of the line, in the same way.
      let markTail = valueEnd
      const markLimit = end - valueEnd < MOST_MARK_BYTES ? end : valueEnd + MOST_MARK_BYTES
      let markWord = 0
      let markNext = 0
      for (;;) {
        markWord = line.getInt32(markTail, true)
        markNext = line.getInt32(markTail + 4, true)
        mark = markWord ^ LINE_FEEDS
        mark = (mark - 0x01010101) & ~mark & 0x80808080
        nextMark = markNext ^ LINE_FEEDS
        nextMark = (nextMark - 0x01010101) & ~nextMark & 0x80808080
        if ((mark | nextMark) !== 0) break
        const rotated = (hash << 5) | (hash >>> 27)
        hash = Math.imul(rotated ^ markWord ^ Math.imul(markNext, secondFactor), factor)
        markTail += 8
        if (markTail >= markLimit) break lines
      }
      isInWord = (mark | -mark) >> 31
      mark = (mark & isInWord) | (nextMark & ~isInWord)
      tailBits = (31 - Math.clz32(mark & -mark)) & 24
      tailMask = (1 << tailBits) - 1
      const markMask = tailMask | ~isInWord
      const nextMarkMask = tailMask & ~isInWord
      markWord &= markMask
      markNext &= nextMarkMask
      hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ markWord ^ Math.imul(markNext, secondFactor), factor)
      const lineEnd = markTail + (tailBits >> 3) + (4 & ~isInWord)
      if (lineEnd >= end) break
      hash = Math.imul(hash ^ (hash >>> 15), factor)
      hash ^= hash >>> 13

      // The record with this shape.
      const nameBytes = nameEnd - at
      const markBytes = lineEnd - valueEnd
      const lengths = nameBytes | (markBytes << MARK_SHIFT)
      let record = 0
      let meaning = 0
      for (let place = hash & placeMask, left = MOST_PLACES; ; place = (place + 1) & placeMask) {
        record = (index[place] ?? 0) * UNIT_BYTES
        if (record === 0) break lines
        if (
          view.getInt32(record + HASH, true) === hash &&
          view.getInt32(record + LENGTHS, true) === lengths
        ) {
          meaning = view.getInt32(record + MEANING, true)
          if ((meaning & IS_SHAPE) !== 0) {
            let text = record + textOffset(meaning)
            let difference = 0
            let place = at
            for (; place < nameTail; place += 8, text += 8)
              difference |=
                (view.getInt32(text, true) ^ line.getInt32(place, true)) |
                (view.getInt32(text + 4, true) ^ line.getInt32(place + 4, true))
            difference |=
              ((view.getInt32(text, true) & nameMask) ^ nameWord) |
              ((view.getInt32(text + 4, true) & nextNameMask) ^ nameNext)
            text += nameEnd - nameTail
            for (place = valueEnd; place < markTail; place += 8, text += 8)
              difference |=
                (view.getInt32(text, true) ^ line.getInt32(place, true)) |
                (view.getInt32(text + 4, true) ^ line.getInt32(place + 4, true))
            difference |=
              ((view.getInt32(text, true) & markMask) ^ markWord) |
              ((view.getInt32(text + 4, true) & nextMarkMask) ^ markNext)
            if (difference === 0) break
          }
        }
        if (--left === 0) break lines
      }

      if (digitsStart > nameEnd + 1) {
        if ((meaning & (sign === MINUS ? TAKES_MINUS : TAKES_PLUS)) === 0) break
        if (sign === MINUS) value = -value
      }
      const kind = meaning & KIND_MASK
      if (kind === KIND_TIMER && timerLog.rowCount === timerLog.capacity) break

      const metric = view.getUint32(record + TARGET, true) * UNIT_BYTES
      if (view.getInt32(metric + USED_IN, true) !== intervalNumber) accumulators.use(metric)
      if (countsSamples) accumulators.countSample(metric)
      if (kind === KIND_COUNTER) {
        accumulators.addToCounter(metric, value * (weights[meaning >>> WEIGHT_SHIFT] ?? 1))
      } else if (kind === KIND_TIMER) {
        timerLog.add(view.getUint32(metric + ID, true), value, weights[meaning >>> WEIGHT_SHIFT] ?? 1)
      } else if (kind === KIND_GAUGE) {
        if (digitsStart > nameEnd + 1 && (meaning & SIGN_IS_DELTA) !== 0)
          accumulators.addToGauge(metric, value)
        else accumulators.setGauge(metric, value, this.#receivedAtMs)
      } else {
        accumulators.excludedCount++
      }
      at = lineEnd + 1
      taken++
    }
    this.#takenCount = taken
    return at
  }

  decoding(): void {
    this.#sampleCount = 0
  }

  /** The decoder put out a sample, which went to the metric whose record is there. */
  noteSample(sample: Sample, target: number): void {
    this.#sampleCount++
    this.#sample = sample
    this.#target = target
  }

  /** The decoder put out something that is no sample of a metric, or may be another one next time. */
  noteOther(): void {
    this.#sampleCount = Number.POSITIVE_INFINITY
  }

  /** The decoder put out a sample that the intake rules refuse. */
  noteExcluded(sample: Sample): void {
    this.noteSample(sample, 0)
  }

  decoded(bytes: Uint8Array, start: number, end: number): void {
    const sample = this.#sample
    if (this.#sampleCount !== 1 || sample === undefined || sample.type === 'set') return
    const shape = readShape(bytes, start, end)
    if (shape === undefined) return
    const weight = this.#weightIndex(sample.weight)
    if (weight < 0) return
    let meaning = KIND_OF_TYPE[sample.type] | IS_SHAPE | (weight << WEIGHT_SHIFT)
    if (this.#target === 0) meaning = KIND_EXCLUDED | IS_SHAPE
    // Where values may not be negative, -0 still may.
    if (shape.sign === MINUS && sample.value < 0) meaning |= TAKES_MINUS
    if (shape.sign === PLUS) meaning |= TAKES_PLUS
    if (sample.isDelta) meaning |= SIGN_IS_DELTA
    this.#keep(shape, meaning)
  }

  #keep(shape: Shape, meaning: number): void {
    const { records } = this.#accumulators
    const hash = hashOf(shape)
    const known = records.find(hash, IS_SHAPE, shape)
    const metric = this.#target
    if (known !== 0) records.addMeaning(known, meaning)
    // The usual way to write a metric has the text of its record.
    else if (metric !== 0 && records.isText(metric, hash, shape)) records.addMeaning(metric, meaning)
    else records.add(hash, meaning, metric, shape)
  }

  /** -1: it is none of the usual ones. */
  #weightIndex(weight: number): number {
    let known = this.#weightIndexes.get(weight)
    if (known === undefined) {
      known = this.#weightIndexes.size
      if (known === MOST_WEIGHTS) return -1
      this.#weightIndexes.set(weight, known)
      this.#weights[known] = weight
    }
    return known
  }
}

/** The last LF in front of `end`; -1 if there is none. Mostly it is right there. */
function findLastFeed(bytes: Uint8Array, end: number): number {
  return bytes[end - 1] === LINE_FEED ? end - 1 : bytes.lastIndexOf(LINE_FEED, end - 1)
}

const KIND_OF_TYPE = { counter: KIND_COUNTER, gauge: KIND_GAUGE, timer: KIND_TIMER } as const

const COLONS = 0x3a3a3a3a
const LINE_FEED = 0x0a
const LINE_FEEDS = 0x0a0a0a0a
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39

/** A double holds any 15 digits exactly; the colon is counted in. */
const MOST_VALUE_BYTES = 16
const POWERS_OF_TEN = Float64Array.from({ length: MOST_VALUE_BYTES }, (_, power) => 10 ** power)
/** Of sample rates that are remembered. */
const MOST_WEIGHTS = 256
const READ_AHEAD_BYTES = 8
