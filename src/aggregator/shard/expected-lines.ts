import type { KnownSamples } from './known-samples.ts'
import type { LineOrder } from './line-order.ts'
import { LineValue } from './line-value.ts'
import { IS_SHAPE, LENGTHS, MARK_SHIFT, MEANING, NAME_MASK, NEXT, textOffset } from './record.ts'
import { type SeriesRecords, UNIT_BYTES } from './series-records.ts'

/** Takes lines that come in the order of the last time: each is compared with the one shape that it should be. */
export class ExpectedLines {
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
   * Takes lines of `line[start..end)`, which ends with an LF, and returns where it stopped: at `end`, or at a line that is another
   * one or has to be decoded.
   */
  take(line: DataView, start: number, end: number): number {
    const { view } = this.#records
    const samples = this.#samples
    const value = this.#value
    let previous = this.#order.previous
    let at = start
    let taken = 0
    while (at < end) {
      const record = view.getUint32(previous + NEXT, true) * UNIT_BYTES
      const meaning = view.getInt32(record + MEANING, true)
      if ((meaning & IS_SHAPE) === 0) break
      const lengths = view.getInt32(record + LENGTHS, true)
      const nameBytes = lengths & NAME_MASK
      const markBytes = lengths >>> MARK_SHIFT
      const nameEnd = at + nameBytes
      if (nameEnd + markBytes >= end) break

      // `isSameText` of text-hash.ts, written out for name and mark: with a call a line takes longer (`npm run bench:lines`).
      let text = record + textOffset(meaning)
      let difference = line.getUint8(nameEnd) ^ COLON
      let place = at
      for (const tail = at + (nameBytes & ~7); place < tail; place += 8, text += 8)
        difference |=
          (view.getInt32(text, true) ^ line.getInt32(place, true)) |
          (view.getInt32(text + 4, true) ^ line.getInt32(place + 4, true))
      // Of the last eight bytes those that are the name's, without a branch.
      let tailMask = (1 << (nameBytes << 3)) - 1
      let isInWord = ((nameBytes & 4) - 1) >> 31
      difference |=
        ((view.getInt32(text, true) ^ line.getInt32(place, true)) & (tailMask | ~isInWord)) |
        ((view.getInt32(text + 4, true) ^ line.getInt32(place + 4, true)) & tailMask & ~isInWord)
      if (difference !== 0) break
      text += nameBytes & 7

      const valueEnd = value.read(line, nameEnd + 1)
      const lineEnd = valueEnd + markBytes
      if (valueEnd === 0 || lineEnd >= end) break

      difference = line.getUint8(lineEnd) ^ LINE_FEED
      place = valueEnd
      for (const tail = valueEnd + (markBytes & ~7); place < tail; place += 8, text += 8)
        difference |=
          (view.getInt32(text, true) ^ line.getInt32(place, true)) |
          (view.getInt32(text + 4, true) ^ line.getInt32(place + 4, true))
      tailMask = (1 << (markBytes << 3)) - 1
      isInWord = ((markBytes & 4) - 1) >> 31
      difference |=
        ((view.getInt32(text, true) ^ line.getInt32(place, true)) & (tailMask | ~isInWord)) |
        ((view.getInt32(text + 4, true) ^ line.getInt32(place + 4, true)) & tailMask & ~isInWord)
      if (difference !== 0 || !samples.add(record, meaning, value)) break

      at = lineEnd + 1
      taken++
      previous = record
    }
    this.#order.previous = previous
    this.#order.isKept = at === end
    this.takenCount += taken
    return at
  }
}

const COLON = 0x3a
const LINE_FEED = 0x0a
