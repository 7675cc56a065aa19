import type { FlushBatch } from '../../model/flush-batch.ts'
import { type SeriesIdentity, statisticName } from '../../model/series-identity.ts'
import { BackendSet, putOwn } from './backend-set.ts'

/** What backends of etsy/statsd are given with each flush, under the names that it has there. */
export interface BackendMetrics {
  readonly counters: Record<string, number>
  readonly counter_rates: Record<string, number>
  readonly gauges: Record<string, number>
  /** The values of each timer, the lowest first. */
  readonly timers: Record<string, number[]>
  /** How many values there were, by their sample rates. */
  readonly timer_counters: Record<string, number>
  readonly timer_data: Record<string, TimerData>
  readonly sets: Record<string, BackendSet>
  readonly statsd_metrics: Record<string, number>
  readonly pctThreshold: readonly number[]
  readonly histogram: unknown
  /**
   * Not of etsy's: timers of which there were more values than are kept (`timer_exact_values`), and sets with more members
   * (`set_exact_members`). `timers` has no values of the former, whose `timer_data` is complete; the latter have a `size()` and no `values()`.
   */
  readonly summarized: { readonly timers: string[]; readonly sets: string[] }
}

/** A number for each statistic, and beside them the bins of a histogram. */
type TimerData = Record<string, number | Record<string, number>>

export interface BackendMetricsOptions {
  readonly pctThreshold: readonly number[]
  readonly histogram: unknown
  /** Of the series about Kymo itself. */
  readonly prefixStats: string
}

/** An object of its own for each flush, with everything in it. */
export function toBackendMetrics(batch: FlushBatch, options: BackendMetricsOptions): BackendMetrics {
  const { pctThreshold, histogram, prefixStats } = options
  const metrics: BackendMetrics = {
    counters: {},
    counter_rates: {},
    gauges: {},
    timers: {},
    timer_counters: {},
    timer_data: {},
    sets: {},
    statsd_metrics: {},
    pctThreshold: [...pctThreshold],
    histogram: structuredClone(histogram),
    summarized: { timers: [], sets: [] },
  }
  const ownPrefix = prefixStats === '' ? '' : `${prefixStats}.`
  const setSizes = new Map<string, number>()
  for (const [index, identity] of batch.series.entries()) {
    const value = batch.values[index] ?? 0
    if (identity.metricType === 'set') setSizes.set(identity.metricKey, value)
    else take(metrics, identity, value, ownPrefix)
  }
  takeTimers(metrics, batch)
  takeSets(metrics, batch, setSizes)
  return metrics
}

/** Backends reckon these for themselves. */
const LEFT_TO_BACKENDS = /^(numStats|graphiteStats\..*)$/

function take(metrics: BackendMetrics, identity: SeriesIdentity, value: number, ownPrefix: string): void {
  const { metricKey, metricType, statistic } = identity
  switch (metricType) {
    case 'counter':
      if (statistic === 'count') putOwn(metrics.counters, metricKey, value)
      else if (statistic === 'rate') putOwn(metrics.counter_rates, metricKey, value)
      break
    case 'gauge': {
      const ownName = metricKey.startsWith(ownPrefix) ? metricKey.slice(ownPrefix.length) : ''
      if (ownName === 'processing_time') metrics.statsd_metrics[ownName] = value
      else if (!LEFT_TO_BACKENDS.test(ownName)) putOwn(metrics.gauges, metricKey, value)
      break
    }
    case 'timer':
      if (statistic !== 'bucket') takeStatistic(timerDataOf(metrics, metricKey), identity, value)
      break
    case 'set':
    case 'untyped':
      break
  }
}

function timerDataOf(metrics: BackendMetrics, metricKey: string): TimerData {
  if (!Object.hasOwn(metrics.timer_data, metricKey)) putOwn(metrics.timer_data, metricKey, {})
  return metrics.timer_data[metricKey] ?? {}
}

function takeStatistic(data: TimerData, identity: SeriesIdentity, value: number): void {
  const name = statisticName(identity)
  const bin = name.startsWith('histogram.') ? name.slice('histogram.'.length) : undefined
  if (bin === undefined) data[name] = value
  else data['histogram'] = { ...(data['histogram'] as Record<string, number> | undefined), [bin]: value }
}

function takeTimers(metrics: BackendMetrics, { details }: FlushBatch): void {
  for (const { metricKey, values, weights, sketch } of details?.timers ?? []) {
    // One of each kind may have the name; they are one timer there.
    const known = Object.hasOwn(metrics.timers, metricKey) ? (metrics.timers[metricKey] ?? []) : []
    putOwn(
      metrics.timers,
      metricKey,
      [...known, ...values].sort((a, b) => a - b),
    )
    const count = weights?.reduce((sum, weight) => sum + weight, 0) ?? values.length
    const counted = Object.hasOwn(metrics.timer_counters, metricKey)
      ? (metrics.timer_counters[metricKey] ?? 0)
      : 0
    putOwn(metrics.timer_counters, metricKey, counted + count)
    if (sketch !== undefined) metrics.summarized.timers.push(metricKey)
  }
  for (const [metricKey, data] of Object.entries(metrics.timer_data)) {
    if (!Object.hasOwn(metrics.timers, metricKey)) putOwn(metrics.timers, metricKey, [])
    const count = data['count']
    if (typeof count === 'number') putOwn(metrics.timer_counters, metricKey, count)
  }
}

function takeSets(
  metrics: BackendMetrics,
  { details }: FlushBatch,
  sizes: ReadonlyMap<string, number>,
): void {
  for (const { metricKey, members } of details?.sets ?? [])
    putOwn(metrics.sets, metricKey, new BackendSet(members))
  for (const [metricKey, size] of sizes) {
    if (Object.hasOwn(metrics.sets, metricKey)) continue
    putOwn(metrics.sets, metricKey, new BackendSet([], size))
    if (size > 0) metrics.summarized.sets.push(metricKey)
  }
}
