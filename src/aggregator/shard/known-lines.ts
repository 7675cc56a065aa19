import type { LineShortcut } from '../../formats/format.ts'
import type { Sample } from '../../model/sample.ts'
import type { Accumulators } from './accumulators.ts'
import { ExpectedLines } from './expected-lines.ts'
import { FoundLines } from './found-lines.ts'
import { KnownSamples } from './known-samples.ts'
import { LineOrder } from './line-order.ts'
import { MINUS, PLUS } from './line-value.ts'
import {
  IS_SHAPE,
  KIND_COUNTER,
  KIND_EXCLUDED,
  KIND_GAUGE,
  KIND_TIMER,
  SIGN_IS_DELTA,
  TAKES_MINUS,
  TAKES_PLUS,
  WEIGHT_SHIFT,
} from './record.ts'
import { hashOf } from './record-text.ts'
import { readShape, type Shape } from './shape.ts'

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
 *
 * Which shape a line has is known in one of two ways, and `LineOrder` says which one is next:
 *
 *   ExpectedLines   it has the one that came here the last time: it is compared with that
 *   FoundLines      it is hashed as it is read, and searched for
 */
export class KnownLines implements LineShortcut {
  readonly #accumulators: Accumulators
  readonly #samples: KnownSamples
  readonly #order: LineOrder
  readonly #expected: ExpectedLines
  readonly #found: FoundLines
  #takenCount = 0
  /** Of the buffer that a block was last in. */
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** What came of the line being decoded: how many samples, and of the only one, where it went. */
  #sampleCount = 0
  #target = 0
  #sample: Sample | undefined

  constructor(accumulators: Accumulators) {
    const { records } = accumulators
    this.#accumulators = accumulators
    this.#samples = new KnownSamples(accumulators)
    this.#order = new LineOrder(records)
    this.#expected = new ExpectedLines(records, this.#samples, this.#order)
    this.#found = new FoundLines(records, this.#samples, this.#order)
  }

  /** Of `take`, the last time. */
  get takenCount(): number {
    return this.#takenCount
  }

  /** When the lines that follow were received. */
  receivedAt(receivedAtMs: number): void {
    this.#samples.receivedAtMs = receivedAtMs
  }

  take(bytes: Uint8Array, start: number, end: number): number {
    this.#takenCount = 0
    if (bytes.buffer !== this.#view.buffer) this.#view = new DataView(bytes.buffer)
    const offset = bytes.byteOffset
    const readableEnd = Math.min(end, this.#view.byteLength - READ_AHEAD_BYTES - offset)
    // So that nothing is read past the last LF.
    const lastFeed = readableEnd > start ? findLastFeed(bytes, readableEnd) : -1
    if (lastFeed < start) return start
    return this.#take(this.#view, offset + start, offset + lastFeed + 1) - offset
  }

  #take(line: DataView, start: number, end: number): number {
    const order = this.#order
    const expected = this.#expected
    const found = this.#found
    expected.takenCount = 0
    found.takenCount = 0
    let at = start
    do {
      if (order.isKept) at = expected.take(line, at, end)
      if (at < end) at = found.take(line, at, end)
    } while (order.isKept && at < end)
    this.#takenCount = expected.takenCount + found.takenCount
    order.tookLines(expected.takenCount, found.takenCount)
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
    const weight = this.#samples.weightIndex(sample.weight)
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
    const metric = this.#target
    let record = records.find(hash, IS_SHAPE, shape)
    if (record !== 0) records.addMeaning(record, meaning)
    // The usual way to write a metric has the text of its record.
    else if (metric !== 0 && records.isText(metric, hash, shape)) {
      record = metric
      records.addMeaning(record, meaning)
    } else record = records.add(hash, meaning, metric, shape)
    if (record !== 0 && this.#order.isSought) this.#order.follow(record)
  }

  /** Records have moved. */
  forgetOrder(): void {
    this.#order.startOver()
  }
}

/** The last LF in front of `end`; -1 if there is none. Mostly it is right there. */
function findLastFeed(bytes: Uint8Array, end: number): number {
  return bytes[end - 1] === LINE_FEED ? end - 1 : bytes.lastIndexOf(LINE_FEED, end - 1)
}

const KIND_OF_TYPE = { counter: KIND_COUNTER, gauge: KIND_GAUGE, timer: KIND_TIMER } as const

const LINE_FEED = 0x0a
const READ_AHEAD_BYTES = 8
