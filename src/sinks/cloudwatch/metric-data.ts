import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import { bucketIndex, bucketMiddle } from '../../model/bucket-index.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { TimerDetail } from '../../model/flush-details.ts'
import type { PointBatch } from '../../model/point.ts'
import { type SeriesIdentity, statisticName } from '../../model/series-identity.ts'
import { parseSeriesKey, type SeriesKey } from '../../model/series-key.ts'
import { FINEST_SCALE } from '../../model/timer-sketch.ts'

export interface CloudwatchItem {
  readonly datum: MetricDatum
  /** How many series of the batch it stands for. */
  readonly seriesCount: number
}

export interface MetricDataOptions {
  readonly timers: 'statistic_set' | 'values'
  readonly resolutionSeconds: 1 | 60
}

/**
 * A flush as CloudWatch has it: one datum for each metric.
 *
 *   counter -> Value, of the interval     gauge, set -> Value     timer -> StatisticValues, or Values and Counts
 *
 * A timer to which nothing came is left out: CloudWatch takes no statistics of nothing.
 */
export function* dataOfFlush(batch: FlushBatch, options: MetricDataOptions): Generator<CloudwatchItem> {
  const details = Map.groupBy(batch.details?.timers ?? [], ({ metricKey }) => metricKey)
  const time = new Date(batch.timestampMs)
  for (const { key, type, readings } of metricsOf(batch)) {
    const common = commonOf(key, time, options)
    const count = readings.get('count')
    if (type === 'timer' && count !== undefined) {
      const ofTimer = timerValues(readings, details.get(key), options)
      if (ofTimer !== undefined) yield { datum: { ...common, ...ofTimer }, seriesCount: readings.size }
    } else if ((type === 'counter' || type === 'set') && count !== undefined) {
      yield { datum: { ...common, Value: count, Unit: 'Count' }, seriesCount: readings.size }
    } else {
      for (const [statistic, value] of readings) {
        const datum = { ...common, MetricName: common.MetricName + suffixOf(statistic), Value: value }
        yield { datum, seriesCount: 1 }
      }
    }
  }
}

/** A value each, at its own time. */
export function* dataOfPoints(
  { series, values, timesMs }: PointBatch,
  options: MetricDataOptions,
): Generator<CloudwatchItem> {
  for (const [index, identity] of series.entries()) {
    const common = commonOf(identity.metricKey, new Date(timesMs[index] as number), options)
    const name = common.MetricName + suffixOf(statisticName(identity))
    yield { datum: { ...common, MetricName: name, Value: values[index] as number }, seriesCount: 1 }
  }
}

/** Why CloudWatch would refuse it, and with it all that is in the same request. undefined: it would not. */
export function problemOf({ datum }: CloudwatchItem): string | undefined {
  const { MetricName: name = '', Dimensions: dimensions = [], Value, StatisticValues, Values } = datum
  if (name.length > 255) return 'its name has more than 255 characters'
  if (name.trim() === '') return 'its name is blank'
  if (dimensions.length > MOST_DIMENSIONS) return `it has more than ${MOST_DIMENSIONS} tags`
  for (const { Name: key = '', Value: value = '' } of dimensions) {
    if (key.length > 255 || value.length > 1_024) return 'a tag of it is too long'
    if (key.trim() === '' || value.trim() === '') return 'a tag of it is blank'
    if (key.startsWith(':')) return 'a tag of it begins with ":"'
  }
  const { Sum, Minimum, Maximum, SampleCount } = StatisticValues ?? {}
  const numbers = [Value, Sum, Minimum, Maximum, SampleCount, ...(Values ?? [])].filter(
    (value) => value !== undefined,
  )
  if (!numbers.every((value) => Math.abs(value) <= LARGEST_VALUE))
    return 'a value of it is out of the range of CloudWatch'
  return undefined
}

/** About: what it takes in a request. */
export function bytesOf({
  datum: { MetricName: name = '', Dimensions: dimensions = [], Values },
}: CloudwatchItem): number {
  const ofTags = dimensions.reduce(
    (sum, { Name: key = '', Value: value = '' }) => sum + 30 + escaped(key) + escaped(value),
    0,
  )
  return 250 + escaped(name) + ofTags + 2 * 25 * (Values?.length ?? 0)
}

/** As large as JSON makes it. */
function escaped(text: string): number {
  return JSON.stringify(text).length
}

const MOST_DIMENSIONS = 30
const MOST_VALUES = 150
const LARGEST_VALUE = 2 ** 360
/** How old it takes what comes, and how far ahead. */
export const TIME_LIMITS = { mostAgeMs: 14 * 86_400_000, mostAheadMs: 2 * 3_600_000 }

interface Metric {
  readonly key: SeriesKey
  readonly type: SeriesIdentity['metricType']
  /** By the name of the statistic. */
  readonly readings: Map<string, number>
}

function metricsOf({ series, values }: FlushBatch): Iterable<Metric> {
  const metrics = new Map<string, Metric>()
  for (const [index, identity] of series.entries()) {
    const { metricKey: key, metricType: type } = identity
    const id = `${type} ${key}`
    let metric = metrics.get(id)
    if (metric === undefined) {
      metric = { key, type, readings: new Map() }
      metrics.set(id, metric)
    }
    metric.readings.set(statisticName(identity), values[index] as number)
  }
  return metrics.values()
}

function commonOf(key: SeriesKey, time: Date, { resolutionSeconds }: MetricDataOptions) {
  const { name, tags } = parseSeriesKey(key)
  const dimensions = tags.map(([tag, value]) => ({ Name: toAscii(tag), Value: toAscii(value) }))
  return {
    MetricName: toAscii(name),
    Timestamp: time,
    StorageResolution: resolutionSeconds,
    ...(dimensions.length === 0 ? {} : { Dimensions: dimensions }),
  }
}

/** CloudWatch takes ASCII alone, without control characters. */
function toAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, '_')
}

function suffixOf(statistic: string): string {
  return statistic === 'value' ? '' : `.${statistic}`
}

/** undefined: nothing came. */
function timerValues(
  readings: ReadonlyMap<string, number>,
  details: readonly TimerDetail[] | undefined,
  { timers }: MetricDataOptions,
): Pick<MetricDatum, 'StatisticValues' | 'Values' | 'Counts' | 'Unit'> | undefined {
  const unit = details?.[0]?.kind === 'timing' ? { Unit: 'Milliseconds' as const } : {}
  if (timers === 'values' && details?.every(({ sketch }) => sketch === undefined))
    return { ...countedValues(details), ...unit }
  const set = details === undefined ? setOfReadings(readings) : setOfDetails(details)
  return set.SampleCount > 0 ? { StatisticValues: set, ...unit } : undefined
}

function setOfReadings(readings: ReadonlyMap<string, number>) {
  const SampleCount = readings.get('count') ?? 0
  const mean = readings.get('mean') ?? 0
  const Sum = readings.get('sum') ?? mean * SampleCount
  // Where the configuration leaves out lowest and highest, the mean is all that is known.
  const fallback = SampleCount > 0 ? Sum / SampleCount : 0
  return {
    SampleCount,
    Sum,
    Minimum: readings.get('lower') ?? fallback,
    Maximum: readings.get('upper') ?? fallback,
  }
}

function setOfDetails(details: readonly TimerDetail[]) {
  const set = { SampleCount: 0, Sum: 0, Minimum: Number.POSITIVE_INFINITY, Maximum: Number.NEGATIVE_INFINITY }
  for (const { values, weights, sketch } of details) {
    if (sketch !== undefined) {
      set.SampleCount += sketch.isWeighted ? sketch.weightedCount : sketch.valueCount
      set.Sum += sketch.sum
      set.Minimum = Math.min(set.Minimum, sketch.lower)
      set.Maximum = Math.max(set.Maximum, sketch.upper)
    }
    for (const [index, value] of values.entries()) {
      const weight = weights?.[index] ?? 1
      set.SampleCount += weight
      set.Sum += value * weight
      set.Minimum = Math.min(set.Minimum, value)
      set.Maximum = Math.max(set.Maximum, value)
    }
  }
  return set
}

/** Each different value with how often it came. Too many become the middles of buckets, wider and wider until they are few enough. */
function countedValues(details: readonly TimerDetail[]): Pick<MetricDatum, 'Values' | 'Counts'> {
  let counts = new Map<number, number>()
  for (const { values, weights } of details)
    for (const [index, value] of values.entries()) addTo(counts, value, weights?.[index] ?? 1)
  const exact = counts
  for (let scale = FINEST_SCALE; counts.size > MOST_VALUES; scale--) {
    counts = new Map()
    for (const [value, count] of exact) addTo(counts, middleOf(value, scale), count)
  }
  return { Values: [...counts.keys()], Counts: [...counts.values()] }
}

function middleOf(value: number, scale: number): number {
  if (value === 0) return 0
  return Math.sign(value) * bucketMiddle(bucketIndex(Math.abs(value)) >> (FINEST_SCALE - scale), scale)
}

function addTo(counts: Map<number, number>, value: number, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count)
}
