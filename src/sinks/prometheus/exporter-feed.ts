import { bucketMiddle } from '../../model/bucket-index.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { TimerDetail } from '../../model/flush-details.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { parseSeriesKey, type SeriesKey } from '../../model/series-key.ts'
import type { SketchBuckets, TimerSketch } from '../../model/timer-sketch.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Exporter, ExporterRefusal, NoTarget, SentMetric, Target } from './exporter.ts'
import type { HistogramSeries, NumberSeries, Observations, SummarySeries } from './registered-series.ts'

type NumberTarget = Target<NumberSeries>
type ObserverTarget = Target<SummarySeries | HistogramSeries>

/** Of one metric that cannot be exposed, the log is told once; of so many metrics. */
const MOST_TOLD = 100
const MILLISECONDS_PER_SECOND = 1_000

/**
 * Brings what was flushed to an exporter: counts of counters, values of gauges, the numbers of members of sets as gauges, and every
 * value of timers, those sent as `ms` in seconds.
 */
export class ExporterFeed {
  readonly #exporter: Exporter
  readonly #log: Log
  /** What identities and keys of timers came to, so that nothing is looked up at each flush. */
  #numbers = new WeakMap<SeriesIdentity, NumberTarget>()
  #observers = new Map<SeriesKey, ObserverTarget>()
  readonly #told = new Set<string>()

  constructor(exporter: Exporter, log: Log) {
    this.#exporter = exporter
    this.#log = log
  }

  /** Says how many metrics could not be exposed. */
  take({ series, values, intervalMs, details }: FlushBatch): number {
    // With `aggregator.flush_counts` off, what a counter came to has to be made of its rate.
    const hasCounts = series.some(
      ({ metricType, statistic }) => metricType === 'counter' && statistic === 'count',
    )
    const statistics = { ...STATISTICS, counter: hasCounts ? 'count' : 'rate' }
    const perRate = hasCounts ? 1 : intervalMs / MILLISECONDS_PER_SECOND
    const idleGauges = new Set(details?.idleGauges)
    let refused = 0
    for (const [index, identity] of series.entries()) {
      if (statistics[identity.metricType] !== identity.statistic) continue
      const value = (values[index] ?? 0) * (identity.metricType === 'counter' ? perRate : 1)
      // An idle counter or set is flushed as 0. Either way nothing is brought: its time to live runs.
      const isIdle = identity.metricType === 'gauge' ? idleGauges.has(identity.metricKey) : value === 0
      const refusal = this.#takeNumber(identity, value, isIdle)
      if (refusal === undefined) continue
      refused += 1
      this.#tell(identity.metricKey, refusal)
    }
    for (const timer of details?.timers ?? []) {
      const refusal = this.#takeTimer(timer)
      if (refusal === undefined) continue
      refused += 1
      this.#tell(timer.metricKey, refusal)
    }
    if (this.#observers.size > 2 * this.#exporter.seriesCount + MOST_TOLD) this.#observers = new Map()
    return refused
  }

  #takeNumber(identity: SeriesIdentity, value: number, isIdle: boolean): ExporterRefusal | undefined {
    const { metricType } = identity
    const known = this.#numbers.get(identity)
    const target = known?.series.isForgotten === false ? known : this.#find(identity, isIdle)
    if (target.series === undefined) return target.refusal
    if (target !== known) this.#numbers.set(identity, target)
    if (metricType === 'counter') return isIdle ? undefined : this.#exporter.count(target, value)
    // What came last for a series stays, where several gauges are one.
    if (isIdle && target === known && metricType === 'gauge') return undefined
    if (isIdle) target.series.value = value * target.scale
    else this.#exporter.set(target, value)
    return undefined
  }

  #find({ metricKey, metricType }: SeriesIdentity, isIdle: boolean): NumberTarget | NoTarget {
    const metric = metricOf(metricKey)
    return metricType === 'counter'
      ? this.#exporter.counter(metric, isIdle)
      : this.#exporter.gauge(metric, isIdle)
  }

  #takeTimer(timer: TimerDetail): ExporterRefusal | undefined {
    const known = this.#observers.get(timer.metricKey)
    const target =
      known?.series.isForgotten === false ? known : this.#exporter.observer(metricOf(timer.metricKey))
    if (target.series === undefined) return target.refusal
    if (target !== known) this.#observers.set(timer.metricKey, target)
    const divisor = timer.kind === 'timing' ? MILLISECONDS_PER_SECOND : 1
    this.#exporter.observe(target, observationsOf(timer), divisor)
    return undefined
  }

  #tell(metric: SeriesKey, reason: ExporterRefusal): void {
    if (this.#told.size >= MOST_TOLD || this.#told.has(metric)) return
    this.#told.add(metric)
    this.#log.warn({ metric, reason }, 'a metric cannot be exposed to Prometheus')
  }
}

/** Which series of a metric is the metric. Of timers none: they are taken value by value. */
const STATISTICS: Readonly<Record<SeriesIdentity['metricType'], string>> = {
  counter: 'count',
  gauge: 'value',
  set: 'count',
  timer: '',
  untyped: '',
}

function metricOf(key: SeriesKey): SentMetric {
  return parseSeriesKey(key)
}

/** A value that was sampled came as many times as it stands for, as a whole number. */
function observationsOf({ values, weights, sketch }: TimerDetail): Observations {
  if (sketch !== undefined) return observationsOfSketch(sketch)
  return {
    values,
    weights:
      weights === undefined
        ? new Float64Array(values.length).fill(1)
        : weights.map((weight) => Math.max(1, Math.round(weight))),
  }
}

/** What stands for the values of each bucket, the lowest first. */
function observationsOfSketch({
  scale,
  zeroWeight,
  negative,
  positive,
  lower,
  upper,
}: TimerSketch): Observations {
  const values: number[] = []
  const weights: number[] = []
  const add = (value: number, weight: number): void => {
    const count = Math.round(weight)
    if (count === 0) return
    // No value was outside of these.
    values.push(Math.min(upper, Math.max(lower, value)))
    weights.push(count)
  }
  for (const [index, weight] of bucketsOf(negative).toReversed()) add(-bucketMiddle(index, scale), weight)
  add(0, zeroWeight)
  for (const [index, weight] of bucketsOf(positive)) add(bucketMiddle(index, scale), weight)
  return { values: Float64Array.from(values), weights: Float64Array.from(weights) }
}

function bucketsOf({ first, weights }: SketchBuckets): (readonly [index: number, weight: number])[] {
  return Array.from(weights, (weight, offset) => [first + offset, weight] as const)
}
