import type { Clock } from '../lib/clock.ts'
import { compileKeyFilter } from '../lib/key-filter.ts'
import type { MetricEvent } from '../model/event.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import { type IndexedPoints, type PointBatch, seriesOfPoint } from '../model/point.ts'
import { TAP_WATCH_MS, type TapItem, type TapNews, type TapQuestion, type TapStage } from '../model/tap.ts'
import type { StoreSink } from '../sinks/store.ts'

export interface PointTapsOptions {
  readonly clock: Clock
  readonly onNews: (news: TapNews) => void
}

interface Tap {
  readonly question: TapQuestion
  readonly matches: (key: string) => boolean
  endMs: number
  second: number
  shown: number
}

/** Of each tap. */
const POINTS_PER_SECOND = 1_000
/** Of one batch: matching them takes some 20 ms at most, of which whoever waits for the batch knows nothing. */
const MOST_LOOKED_AT = 50_000

/**
 * Shows people some of the points that pass through a thread, those whose names they ask for. It ends by itself, unless it is begun again; while
 * nobody watches, a batch costs one look at whether somebody does.
 */
export class PointTaps {
  readonly #options: PointTapsOptions
  readonly #taps = new Map<number, Tap>()
  /** Where looking begins in a batch that is too long: elsewhere each time. */
  #turn = 0

  constructor(options: PointTapsOptions) {
    this.#options = options
  }

  get isOn(): boolean {
    return this.#taps.size > 0
  }

  /** Begins, or goes on, for `TAP_WATCH_MS`. */
  watch(question: TapQuestion): void {
    const endMs = this.#options.clock.monotonicMs() + TAP_WATCH_MS
    const known = this.#taps.get(question.id)
    if (known !== undefined) {
      known.endMs = endMs
      return
    }
    const filter = compileKeyFilter(question.pattern)
    if (filter.isCompiled)
      this.#taps.set(question.id, { question, matches: filter.matches, endMs, second: -1, shown: 0 })
  }

  see(stage: TapStage, batch: FlushBatch | PointBatch | IndexedPoints, sink?: string): void {
    const isFlush = 'timestampMs' in batch
    const { values } = batch
    const { length } = values
    for (const tap of this.#tapsOf(stage, sink)) {
      const lookedAt = Math.min(length, MOST_LOOKED_AT)
      const begin = lookedAt < length ? (this.#turn++ * MOST_LOOKED_AT) % length : 0
      const items: TapItem[] = []
      let leftOut = length - lookedAt
      for (let place = 0; place < lookedAt; place++) {
        const index = (begin + place) % length
        const { key } = (isFlush ? batch.series[index] : seriesOfPoint(batch, index)) ?? { key: '' }
        if (!tap.matches(key)) continue
        if (tap.shown >= POINTS_PER_SECOND) leftOut++
        else {
          tap.shown++
          const timeMs = isFlush ? batch.timestampMs : (batch.timesMs[index] ?? 0)
          items.push({ kind: 'point', key, value: values[index] ?? 0, timeMs })
        }
      }
      this.#tell(tap, items, leftOut)
    }
  }

  seeEvents(stage: TapStage, events: readonly MetricEvent[], sink?: string): void {
    for (const tap of this.#tapsOf(stage, sink)) {
      const items: TapItem[] = []
      let leftOut = 0
      for (const { title, text, timeMs } of events) {
        if (!tap.matches(title)) continue
        if (tap.shown >= POINTS_PER_SECOND) leftOut++
        else {
          tap.shown++
          items.push({ kind: 'event', title, text, timeMs })
        }
      }
      this.#tell(tap, items, leftOut)
    }
  }

  /** Those who watch this, and have some of this second left. */
  #tapsOf(stage: TapStage, sink: string | undefined): Tap[] {
    if (this.#taps.size === 0) return []
    const nowMs = this.#options.clock.monotonicMs()
    const second = Math.floor(nowMs / 1_000)
    for (const [id, tap] of this.#taps) {
      if (tap.endMs < nowMs) this.#taps.delete(id)
      else if (tap.second !== second) Object.assign(tap, { second, shown: 0 })
    }
    return [...this.#taps.values()].filter(
      ({ question }) => question.stage === stage && question.sink === sink,
    )
  }

  #tell({ question: { id } }: Tap, items: readonly TapItem[], leftOut: number): void {
    if (items.length > 0 || leftOut > 0) this.#options.onNews({ id, items, leftOut })
  }
}

/** The store's sink, which shows what it has taken. */
export function tapStore(sink: StoreSink, taps: PointTaps): StoreSink {
  return {
    async flush(batch) {
      await sink.flush(batch)
      if (taps.isOn) taps.see('stored', batch)
    },
    points(batch) {
      sink.points(batch)
      if (taps.isOn) taps.see('stored', batch)
    },
  }
}
