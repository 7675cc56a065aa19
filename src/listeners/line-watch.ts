import type { DecodedOutput, LineFormat } from '../formats/format.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { LineOutcome, LineSample, SampledMetric } from '../model/line-sample.ts'
import { metricTypeOf } from '../model/point.ts'
import type { RejectionReason } from '../model/rejection.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { quoteLine } from './quote-line.ts'
import { formatAddress, type Sender } from './rejection-log.ts'

export interface LineWatchOptions {
  readonly clock: Clock
  /** What the intake rules make of a metric; undefined: it is not let in. */
  readonly admit: (key: SeriesKey, type: SampledMetric['type']) => SeriesKey | undefined
  readonly onSample: (sample: LineSample) => void
}

interface WatchedLine {
  readonly listener: string
  /** The line is `bytes[start..end)`; nothing of it is kept but the quotation. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly sender: Sender
}

/** So long lines are sampled after somebody asked, in milliseconds. */
export const WATCH_MS = 5_000
/** Of lines that can be read, and as many of those that cannot. */
export const LINES_PER_SECOND = 20
const QUOTED_CHARACTERS = 500
const MOST_METRICS = 10

/**
 * Shows people some of the lines of a thread, and what they become: the first of each second. It ends by itself unless it is
 * begun again, so that whoever watched need not say goodbye.
 *
 * Lines are decoded a second time for it. That keeps the way they are taken in free of questions: who takes in asks `isOn`
 * once for each packet, and nothing more while nobody watches.
 */
export class LineWatch {
  readonly #options: LineWatchOptions
  readonly #output: DecodedOutput
  #isOn = false
  #endTimer: Timer | undefined
  #second = -1
  #shown = 0
  #shownRejected = 0
  /** Of the line that is being decoded. */
  #metrics: SampledMetric[] = []
  #excludedCount = 0

  constructor(options: LineWatchOptions) {
    this.#options = options
    this.#output = {
      packet: () => {},
      sample: ({ key, type }) => this.#note(key, type),
      point: ({ key, type }) => this.#note(key, metricTypeOf(type)),
      event: () => {},
    }
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** Begins, or goes on, for `WATCH_MS`. */
  begin(): void {
    this.#isOn = true
    this.#endTimer?.cancel()
    this.#endTimer = this.#options.clock.after(WATCH_MS, () => this.end())
  }

  end(): void {
    this.#isOn = false
    this.#endTimer?.cancel()
    this.#endTimer = undefined
  }

  /** More lines of this second are wanted. */
  get hasRoom(): boolean {
    this.#lookAtClock()
    return this.#shown < LINES_PER_SECOND
  }

  /** Shows a line that is about to be taken in. One that cannot be read is passed over: it is shown when it is refused. */
  show(line: WatchedLine & { readonly format: LineFormat; readonly receivedAtMs: number }): void {
    const { bytes, start, end, format, receivedAtMs } = line
    if (end - start > format.maxLineBytes) return
    this.#metrics = []
    this.#excludedCount = 0
    if (format.decodeLine(bytes, start, end, receivedAtMs, this.#output) !== undefined) return
    this.#shown++
    const isExcluded = this.#excludedCount > 0
    const outcome = this.#metrics.length > 0 ? 'metric' : isExcluded ? 'excluded' : 'event'
    this.#tell(line, outcome, null)
  }

  showRejected(reason: RejectionReason, line: WatchedLine): void {
    this.#lookAtClock()
    if (this.#shownRejected >= LINES_PER_SECOND) return
    this.#shownRejected++
    this.#metrics = []
    this.#tell(line, 'rejected', reason)
  }

  #lookAtClock(): void {
    const second = Math.floor(this.#options.clock.monotonicMs() / 1_000)
    if (second === this.#second) return
    this.#second = second
    this.#shown = 0
    this.#shownRejected = 0
  }

  #note(key: SeriesKey, type: SampledMetric['type']): void {
    const admitted = this.#options.admit(key, type)
    if (admitted === undefined) this.#excludedCount++
    else if (this.#metrics.length < MOST_METRICS) {
      // A line packed with values has one metric.
      const isNoted = this.#metrics.some((one) => one.key === admitted && one.type === type)
      if (!isNoted) this.#metrics.push({ key: admitted, type })
    }
  }

  #tell(
    { listener, bytes, start, end, sender }: WatchedLine,
    outcome: LineOutcome,
    reason: RejectionReason | null,
  ): void {
    this.#options.onSample({
      listener,
      line: quoteLine(bytes, start, end, QUOTED_CHARACTERS),
      sender: formatAddress(sender.address, sender.port),
      atMs: this.#options.clock.nowMs(),
      outcome,
      metrics: this.#metrics,
      reason,
    })
  }
}
