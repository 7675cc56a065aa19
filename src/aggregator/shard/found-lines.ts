import type { KnownSamples } from './known-samples.ts'
import type { LineOrder } from './line-order.ts'
import { LineValue } from './line-value.ts'
import { HASH, IS_SHAPE, LENGTHS, MARK_SHIFT, MEANING, textOffset } from './record.ts'
import { MOST_PLACES, type SeriesRecords, UNIT_BYTES } from './series-records.ts'
import { MOST_MARK_BYTES, MOST_NAME_BYTES } from './shape.ts'
import { FACTOR, FIRST_HASH, SECOND_FACTOR } from '../../lib/text-hash.ts'

/** Takes lines in any order: the shape of each is hashed as it is read, and searched for. */
export class FoundLines {
  readonly #records: SeriesRecords
  readonly #samples: KnownSamples
  readonly #order: LineOrder
  readonly #value = new LineValue()
  /** Of `take`, since somebody set it to 0. */
  takenCount = 0

  constructor(records: SeriesRecords, samples: KnownSamples, order: LineOrder) {
    this.#records = records
    this.#samples = samples
    this.#order = order
  }

  /**
   * Takes lines of `line[start..blockEnd)`, which ends with an LF, and returns where it stopped: at the end, at a line that is
   * not known, or where lines begin to come in order.
   */
  take(line: DataView, start: number, blockEnd: number): number {
    const { view, index } = this.#records
    const placeMask = index.length - 1
    const samples = this.#samples
    const value = this.#value
    const order = this.#order
    const { isSought } = order
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

      const valueEnd = value.read(line, nameEnd + 1)
      if (valueEnd === 0 || valueEnd >= end) break

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

      if (!samples.add(record, meaning, value)) break
      at = lineEnd + 1
      taken++
      if (isSought && order.follow(record)) break
    }
    this.takenCount += taken
    return at
  }
}

const COLONS = 0x3a3a3a3a
const LINE_FEEDS = 0x0a0a0a0a
