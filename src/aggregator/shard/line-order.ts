import { NEXT } from './record.ts'
import { type SeriesRecords, UNIT_BYTES } from './series-records.ts'

/**
 * Which line comes behind which. Who sends the same metrics every few seconds sends them in the same order, so the record of a
 * line remembers whose line came behind it, and where that line comes again it need not be searched for:
 *
 *   isKept     the next line is compared with the one that came here the last time (`ExpectedLines`)
 *   otherwise  each line is searched for (`FoundLines`), until one is that of the last time
 *
 * Lines in no order, as many senders send them with one in each datagram, are asked for it a few times in many.
 */
export class LineOrder {
  /** The record of the line before; 0: there is none. */
  previous = 0
  isKept = false
  /** Whether lines that are searched for have to be told. */
  isSought = true
  readonly #records: SeriesRecords
  /** Two for each line that came otherwise than the last time, less one for each that came as expected. */
  #disorder = 0
  /** Lines that are not asked for it, still. */
  #restLines = 0

  constructor(records: SeriesRecords) {
    this.#records = records
  }

  /** Records have moved, and have forgotten what came behind them. */
  startOver(): void {
    this.previous = 0
    this.isKept = false
  }

  /** A line has been searched for, or learned, and has that record. Returns whether it came as the last time. */
  follow(record: number): boolean {
    const { view } = this.#records
    const place = this.previous + NEXT
    const expected = view.getUint32(place, true) * UNIT_BYTES
    this.previous = record
    this.isKept = expected === record
    if (this.isKept) {
      this.#disorder = Math.max(0, this.#disorder - 1)
      return true
    }
    view.setUint32(place, record / UNIT_BYTES, true)
    if (expected !== 0) this.#disorder += 2
    return false
  }

  /** A block is over, of which so many lines were taken as expected, and so many had to be searched for. */
  tookLines(expectedCount: number, foundCount: number): void {
    if (!this.isSought) {
      this.#restLines -= foundCount
      this.isSought = this.#restLines <= 0
      return
    }
    this.#disorder = Math.max(0, this.#disorder - expectedCount)
    if (this.#disorder < MOST_DISORDER) return
    this.#disorder = 0
    this.#restLines = REST_LINES
    this.isSought = false
    this.startOver()
  }
}

const MOST_DISORDER = 1 << 10
const REST_LINES = 1 << 14
