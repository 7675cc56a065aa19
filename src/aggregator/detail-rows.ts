import { grow } from '../lib/grow.ts'
import type { FlushDetails, SetDetail, TimerDetail } from '../model/flush-details.ts'
import type { TimerKind } from '../model/sample.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { TimerSketch } from '../model/timer-sketch.ts'
import type { TimerValues } from './timer-values.ts'

/**
 * Collects the details of a flush. All values lie in one piece of memory, of which each timer has a part: so they cross to another
 * thread as one.
 */
export class DetailRows {
  #values = new Float64Array(FIRST_VALUES)
  #valueCount = 0
  readonly #timers: TimerPart[] = []
  readonly #sets: SetDetail[] = []
  readonly #idleGauges: SeriesKey[] | undefined

  constructor(areIdleGaugesWanted = false) {
    this.#idleGauges = areIdleGaugesWanted ? [] : undefined
  }

  /** Somebody asks which gauges are idle. */
  get areIdleGaugesWanted(): boolean {
    return this.#idleGauges !== undefined
  }

  timer(metricKey: SeriesKey, kind: TimerKind, { values, weights, isUnweighted }: TimerValues): void {
    const start = this.#valueCount
    this.#add(values)
    // Those of other metrics may have brought weights along.
    const hasWeights = !isUnweighted && weights.some((weight) => weight !== 1)
    this.#timers.push({ metricKey, kind, start, end: this.#valueCount, hasWeights })
    if (hasWeights) this.#add(weights)
  }

  timerSketch(metricKey: SeriesKey, kind: TimerKind, sketch: TimerSketch): void {
    this.#timers.push({ metricKey, kind, sketch, start: 0, end: 0, hasWeights: false })
  }

  set(metricKey: SeriesKey, members: Iterable<string>): void {
    this.#sets.push({ metricKey, members: [...members] })
  }

  idleGauge(metricKey: SeriesKey): void {
    this.#idleGauges?.push(metricKey)
  }

  /** To be asked once. */
  build(): FlushDetails {
    const timers = this.#timers.map(({ start, end, hasWeights, ...timer }) => {
      const values = this.#values.subarray(start, end)
      if (!hasWeights) return { ...timer, values }
      return { ...timer, values, weights: this.#values.subarray(end, end + values.length) }
    })
    const idleGauges = this.#idleGauges
    return { timers, sets: this.#sets, ...(idleGauges === undefined ? {} : { idleGauges }) }
  }

  #add(numbers: Float64Array): void {
    const end = this.#valueCount + numbers.length
    if (end > this.#values.length)
      this.#values = grow(this.#values, new Float64Array(Math.max(end, this.#values.length * 2)))
    this.#values.set(numbers, this.#valueCount)
    this.#valueCount = end
  }
}

/** The values are `start..end` of those collected; their weights, if any, follow. */
interface TimerPart extends Omit<TimerDetail, 'values' | 'weights'> {
  readonly start: number
  readonly end: number
  readonly hasWeights: boolean
}

const FIRST_VALUES = 1_024
