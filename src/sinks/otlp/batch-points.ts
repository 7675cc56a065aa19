import type { OtlpAttribute, OtlpData, OtlpPoint, Temporality } from '../../formats/otlp/otlp-point.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { TimerDetail } from '../../model/flush-details.ts'
import type { PointBatch } from '../../model/point.ts'
import { type SeriesIdentity, statisticName } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { Distribution } from './distribution.ts'
import { ResourceTable } from './resource-table.ts'

export interface BatchPointsOptions {
  readonly resource: readonly OtlpAttribute[]
  /** Keys of the tags that say of what the metric is, not which part of it. */
  readonly resourceTags: readonly string[]
  readonly temporality: Temporality
  readonly timers: 'exponential_histogram' | 'summary'
  readonly mostBuckets: number
}

export interface OtlpItem {
  readonly point: OtlpPoint
  /** How many series of the batch it stands for. */
  readonly seriesCount: number
}

/**
 * Makes data points of batches: one for each metric of a flush, whatever number of statistics it has.
 *
 *   counter -> sum, of what was counted in the interval, or since the first (`temporality`); its rate is what a reader makes of that
 *   gauge   -> gauge
 *   set     -> gauge, of how many members there were
 *   timer   -> exponential histogram, of its values; or summary, of its statistics
 *
 * Cumulative values are remembered while their metrics are flushed: one that went and comes again begins anew, with a start of its own.
 */
export class BatchPoints {
  readonly #options: BatchPointsOptions
  readonly #resources: ResourceTable
  #cumulative = new Map<string, Cumulative>()

  constructor(options: BatchPointsOptions) {
    this.#options = options
    this.#resources = new ResourceTable(options.resource, options.resourceTags)
  }

  /** Call it once for each batch: it counts on. */
  flush(batch: FlushBatch): OtlpItem[] {
    const details = detailsByKey(batch.details?.timers ?? [])
    const before = this.#cumulative
    this.#cumulative = new Map()
    const items: OtlpItem[] = []
    for (const metric of metricsOf(batch)) {
      const datas = this.#dataOf(metric, batch, details.get(metric.key), before)
      for (const { suffix = '', unit = '', startMs = 0, data, seriesCount } of datas) {
        const { name, resource, attributes } = this.#resources.describe(metric.key)
        const { timestampMs: timeMs } = batch
        const point = { resource, name: name + suffix, unit, attributes, startMs, timeMs, data }
        items.push({ point, seriesCount: seriesCount ?? metric.readings.length })
      }
    }
    return items
  }

  /** A gauge each: what a point says is the value at its time, whatever it was made of. */
  *points({ series, values, timesMs }: PointBatch): Generator<OtlpItem> {
    for (const [index, identity] of series.entries()) {
      const { name, resource, attributes } = this.#resources.describe(identity.metricKey)
      const point: OtlpPoint = {
        resource,
        name: name + suffixOf(identity),
        unit: '',
        attributes,
        startMs: 0,
        timeMs: timesMs[index] as number,
        data: { kind: 'gauge', value: values[index] as number },
      }
      yield { point, seriesCount: 1 }
    }
  }

  #dataOf(
    metric: Metric,
    { timestampMs, intervalMs }: FlushBatch,
    details: readonly TimerDetail[] | undefined,
    before: ReadonlyMap<string, Cumulative>,
  ): readonly MetricData[] {
    const startMs = timestampMs - intervalMs
    const count = metric.readings.find(({ identity }) => isPlain(identity, 'count'))?.value
    switch (metric.type) {
      case 'counter':
        if (count !== undefined) return [this.#sum(metric, count, startMs, before)]
        break
      case 'set':
        if (count !== undefined) return [{ data: { kind: 'gauge', value: count } }]
        break
      case 'timer':
        if (this.#options.timers === 'exponential_histogram') {
          const histogram = this.#histogram(metric, details, startMs, before)
          if (histogram !== undefined) return [histogram]
          // Nothing came: there is nothing to be counted.
          if (count === 0) return []
        }
        if (count !== undefined) return [summaryOf(metric, count, startMs, details)]
        break
      case 'gauge':
      case 'untyped':
    }
    // Gauges, and what was left of a metric whose counts are filtered out.
    return metric.readings.map(({ identity, value }) => ({
      suffix: suffixOf(identity),
      data: { kind: 'gauge', value },
      seriesCount: 1,
    }))
  }

  #sum(metric: Metric, count: number, startMs: number, before: ReadonlyMap<string, Cumulative>): MetricData {
    const { temporality } = this.#options
    const data = { kind: 'sum', value: count, temporality, isMonotonic: true } as const
    if (temporality === 'delta') return { startMs, data }
    const known = before.get(metric.id)
    const total = (known?.total ?? 0) + count
    const first = { startMs: known?.startMs ?? startMs, unit: '', total }
    this.#cumulative.set(metric.id, first)
    return { startMs: first.startMs, data: { ...data, value: total } }
  }

  #histogram(
    metric: Metric,
    details: readonly TimerDetail[] | undefined,
    startMs: number,
    before: ReadonlyMap<string, Cumulative>,
  ): MetricData | undefined {
    const { temporality, mostBuckets } = this.#options
    const known = temporality === 'cumulative' ? before.get(metric.id) : undefined
    if (details === undefined && known === undefined) return undefined
    const added = new Distribution()
    for (const detail of details ?? []) added.addDetail(detail)
    const distribution = added.toWhole()
    if (known?.distribution !== undefined) distribution.add(known.distribution)
    const unit = details === undefined ? (known?.unit ?? '') : unitOf(details)
    const first = { startMs: known?.startMs ?? startMs, unit, distribution }
    if (temporality === 'cumulative') this.#cumulative.set(metric.id, first)
    return { startMs: first.startMs, unit, data: distribution.toHistogram(temporality, mostBuckets) }
  }
}

interface Cumulative {
  readonly startMs: number
  readonly unit: string
  readonly total?: number
  readonly distribution?: Distribution
}

interface Metric {
  readonly id: string
  readonly key: SeriesKey
  readonly type: SeriesIdentity['metricType']
  readonly readings: { readonly identity: SeriesIdentity; readonly value: number }[]
}

interface MetricData {
  readonly suffix?: string
  readonly unit?: string
  readonly startMs?: number
  readonly data: OtlpData
  /** Left out: all of the metric. */
  readonly seriesCount?: number
}

function metricsOf({ series, values }: FlushBatch): Iterable<Metric> {
  const metrics = new Map<string, Metric>()
  let last: Metric | undefined
  for (let index = 0; index < series.length; index++) {
    const identity = series[index] as SeriesIdentity
    const reading = { identity, value: values[index] as number }
    const { metricKey: key, metricType: type } = identity
    // Series of one metric tend to stand together.
    if (last === undefined || last.key !== key || last.type !== type) {
      const id = `${type} ${key}`
      last = metrics.get(id) ?? { id, key, type, readings: [] }
      metrics.set(id, last)
    }
    last.readings.push(reading)
  }
  return metrics.values()
}

function detailsByKey(timers: readonly TimerDetail[]): Map<SeriesKey, TimerDetail[]> {
  return Map.groupBy(timers, ({ metricKey }) => metricKey)
}

function summaryOf(
  { readings }: Metric,
  count: number,
  startMs: number,
  details: readonly TimerDetail[] | undefined,
): MetricData {
  const sum = readings.find(({ identity }) => isPlain(identity, 'sum'))?.value ?? 0
  const quantiles = readings
    .flatMap(({ identity, value }) => {
      const quantile = quantileOf(identity)
      return quantile === undefined ? [] : [{ quantile, value }]
    })
    .sort((a, b) => a.quantile - b.quantile)
  const data = { kind: 'summary', count: Math.round(count), sum, quantiles } as const
  return { startMs, unit: unitOf(details ?? []), data }
}

/** undefined: it is none. */
function quantileOf({ statistic, percentile }: SeriesIdentity): number | undefined {
  if (percentile !== undefined)
    return statistic === 'upper' && percentile > 0 ? Number((percentile / 100).toFixed(10)) : undefined
  return { lower: 0, median: 0.5, upper: 1 }[statistic as string]
}

function isPlain({ statistic, percentile }: SeriesIdentity, wanted: SeriesIdentity['statistic']): boolean {
  return statistic === wanted && percentile === undefined
}

function suffixOf(identity: SeriesIdentity): string {
  return identity.statistic === 'value' ? '' : `.${statisticName(identity)}`
}

function unitOf(details: readonly TimerDetail[]): string {
  return details[0]?.kind === 'timing' ? 'ms' : ''
}
