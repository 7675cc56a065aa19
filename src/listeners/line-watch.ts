import type { DecodedOutput, LineFormat } from '../formats/format.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import { compileKeyFilter } from '../lib/key-filter.ts'
import type { LineOutcome, LineSample, SampledMetric } from '../model/line-sample.ts'
import { metricTypeOf } from '../model/point.ts'
import type { RejectionReason } from '../model/rejection.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { TAP_WATCH_MS, type TapNews, type TapQuestion } from '../model/tap.ts'
import { quoteLine } from './quote-line.ts'
import { formatAddress, type Sender } from './rejection-log.ts'

export interface LineWatchOptions {
  readonly clock: Clock
  /** What the intake rules make of a metric; undefined: it is not let in. */
  readonly admit: (key: SeriesKey, type: SampledMetric['type']) => SeriesKey | undefined
  readonly onSample: (sample: LineSample) => void
  /** What somebody watches who asked for lines of some names. */
  readonly onTapped?: (news: TapNews) => void
}

interface LineTap {
  readonly matches: (key: SeriesKey) => boolean
  readonly isOfAll: boolean
  endTimer: Timer
  shown: number
  hasMore: boolean
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
/** Shown to one who asked for lines of some names, in each second. */
const TAPPED_PER_SECOND = 200
/** Decoded to find them. */
const LOOKED_AT_PER_SECOND = 5_000
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
  readonly #taps = new Map<number, LineTap>()
  #lookedAt = 0
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
    return this.#isOn || this.#taps.size > 0
  }

  /** Shows lines of the names that are asked for, for `TAP_WATCH_MS`. */
  tap({ id, pattern }: TapQuestion): void {
    const endTimer = this.#options.clock.after(TAP_WATCH_MS, () => this.#taps.delete(id))
    const known = this.#taps.get(id)
    if (known !== undefined) {
      known.endTimer.cancel()
      known.endTimer = endTimer
      return
    }
    const filter = compileKeyFilter(pattern)
    if (!filter.isCompiled) return endTimer.cancel()
    const { matches } = filter
    this.#taps.set(id, { matches, isOfAll: pattern === undefined, endTimer, shown: 0, hasMore: false })
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

  /** Of everything. */
  close(): void {
    this.end()
    for (const { endTimer } of this.#taps.values()) endTimer.cancel()
    this.#taps.clear()
  }

  /** More lines of this second are wanted. */
  get hasRoom(): boolean {
    this.#lookAtClock()
    if (this.#isOn && this.#shown < LINES_PER_SECOND) return true
    if (this.#taps.size > 0 && this.#lookedAt >= LOOKED_AT_PER_SECOND) this.#leaveOut()
    return this.#taps.size > 0 && this.#lookedAt < LOOKED_AT_PER_SECOND
  }

  /** Shows a line that is about to be taken in. One that cannot be read is passed over: it is shown when it is refused. */
  show(line: WatchedLine & { readonly format: LineFormat; readonly receivedAtMs: number }): void {
    const { bytes, start, end, format, receivedAtMs } = line
    if (end - start > format.maxLineBytes) return
    this.#metrics = []
    this.#excludedCount = 0
    if (format.decodeLine(bytes, start, end, receivedAtMs, this.#output) !== undefined) return
    this.#lookedAt++
    const isExcluded = this.#excludedCount > 0
    const outcome = this.#metrics.length > 0 ? 'metric' : isExcluded ? 'excluded' : 'event'
    const isShown = this.#isOn && this.#shown < LINES_PER_SECOND
    if (!isShown && this.#taps.size === 0) return
    const sample = this.#sampleOf(line, outcome, null)
    if (isShown) {
      this.#shown++
      this.#options.onSample(sample)
    }
    for (const [id, tap] of this.#taps) {
      const isMeant = tap.isOfAll || this.#metrics.some(({ key }) => tap.matches(key))
      if (isMeant) this.#tellTap(id, tap, sample)
    }
  }

  showRejected(reason: RejectionReason, line: WatchedLine): void {
    this.#lookAtClock()
    const isShown = this.#isOn && this.#shownRejected < LINES_PER_SECOND
    const taps = [...this.#taps].filter(([, tap]) => tap.isOfAll)
    if (!isShown && taps.length === 0) return
    this.#metrics = []
    const sample = this.#sampleOf(line, 'rejected', reason)
    if (isShown) {
      this.#shownRejected++
      this.#options.onSample(sample)
    }
    for (const [id, tap] of taps) this.#tellTap(id, tap, sample)
  }

  #lookAtClock(): void {
    const second = Math.floor(this.#options.clock.monotonicMs() / 1_000)
    if (second === this.#second) return
    this.#second = second
    this.#shown = 0
    this.#shownRejected = 0
    this.#lookedAt = 0
    for (const tap of this.#taps.values()) Object.assign(tap, { shown: 0, hasMore: false })
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

  #tellTap(id: number, tap: LineTap, sample: LineSample): void {
    if (tap.shown >= TAPPED_PER_SECOND) return this.#tellMore(id, tap)
    tap.shown++
    this.#options.onTapped?.({ id, items: [{ kind: 'line', ...sample }], leftOut: 0 })
  }

  /** Of this second no more are looked at. */
  #leaveOut(): void {
    for (const [id, tap] of this.#taps) this.#tellMore(id, tap)
  }

  #tellMore(id: number, tap: LineTap): void {
    if (tap.hasMore) return
    tap.hasMore = true
    this.#options.onTapped?.({ id, items: [], leftOut: 1 })
  }

  #sampleOf(
    { listener, bytes, start, end, sender }: WatchedLine,
    outcome: LineOutcome,
    reason: RejectionReason | null,
  ): LineSample {
    return {
      listener,
      line: quoteLine(bytes, start, end, QUOTED_CHARACTERS),
      sender: formatAddress(sender.address, sender.port),
      atMs: this.#options.clock.nowMs(),
      outcome,
      metrics: this.#metrics,
      reason,
    }
  }
}
