import type { TimerDetail } from '../../model/flush-details.ts'
import type { EncodedItem } from '../delivery/encoded-item.ts'
import { type MetricReading, problemOfValue } from '../delivery/metric-readings.ts'
import { weightedValues } from '../delivery/weighted-values.ts'
import { type DatadogMetric, problemOfName, toDatadogMetric } from './names.ts'

/** What v2 calls types. */
const COUNT = 1
const RATE = 2
const GAUGE = 3
/** Of one distribution and flush. */
const MOST_VALUES = 100_000

/** As Datadog's own agent names what it says of a histogram. */
const NODES: Readonly<Record<string, string>> = {
  mean: 'avg',
  upper: 'max',
  lower: 'min',
}

export interface SeriesOptions {
  readonly host: string | undefined
  /** Why Datadog would drop what is of this time. */
  readonly problemOfTime: (timeMs: number) => string | undefined
}

/**
 * A reading as series of the v2 API, with commas between. A rate is what a count and its interval say, and is not sent besides.
 *
 *   {"metric":"api.hits","type":1,"interval":10,"points":[{"timestamp":1700000010,"value":10}],"tags":["env:prod"]}
 */
export function encodeSeries(reading: MetricReading, options: SeriesOptions): EncodedItem {
  const metric = toDatadogMetric(reading.metricKey, options.host)
  const statistics = withoutRates(reading)
  const names = statistics.map(([statistic]) => nameOf(metric, reading, statistic))
  const series = statistics.map(([statistic, value], index) => {
    const type = typeOf(reading, statistic)
    return JSON.stringify({
      metric: names[index],
      type,
      ...(type === GAUGE ? {} : { interval: intervalOf(reading) }),
      points: [{ timestamp: secondsOf(reading), value }],
      ...(metric.host === undefined ? {} : { resources: [{ name: metric.host, type: 'host' }] }),
      tags: metric.tags,
    })
  })
  const longest = names.reduce((a, b) => (b.length > a.length ? b : a), metric.name)
  return {
    text: series.join(','),
    source: reading,
    problem:
      problemOfValue(reading) ??
      options.problemOfTime(reading.timeMs) ??
      problemOfName(metric.name && longest),
  }
}

/**
 * Its values, of which Datadog works out what it shows. `reading` is what the flush says of them, and is not sent.
 *
 *   {"metric":"api.time","type":"distribution","points":[[1700000010,[5,7,7]]],"tags":["env:prod"]}
 */
export function encodeDistribution(
  reading: MetricReading,
  detail: TimerDetail,
  { host: defaultHost, problemOfTime }: SeriesOptions,
): EncodedItem {
  const { name, host, tags } = toDatadogMetric(reading.metricKey, defaultHost)
  const text = JSON.stringify({
    metric: name,
    type: 'distribution',
    points: [[secondsOf(reading), weightedValues(detail, MOST_VALUES)]],
    ...(host === undefined ? {} : { host }),
    tags,
  })
  return { text, source: reading, problem: problemOfTime(reading.timeMs) ?? problemOfName(name) }
}

function withoutRates({ statistics }: MetricReading): MetricReading['statistics'] {
  const hasCount = statistics.some(([statistic]) => statistic === 'count')
  return hasCount ? statistics.filter(([statistic]) => !RATES.has(statistic)) : statistics
}

const RATES = new Set(['rate', 'count_ps'])

/** `api.time.avg`, `api.time.95percentile`; what is not a timer has its name alone. */
function nameOf({ name }: DatadogMetric, { metricType }: MetricReading, statistic: string): string {
  if (metricType !== 'timer') return name
  const percentile = /^upper_(\d+(?:_\d+)?)$/.exec(statistic)?.[1]
  return `${name}.${percentile === undefined ? (NODES[statistic] ?? statistic) : `${percentile}percentile`}`
}

function typeOf({ metricType }: MetricReading, statistic: string): number {
  if (metricType === 'set') return GAUGE
  if (RATES.has(statistic)) return RATE
  return statistic === 'count' ? COUNT : GAUGE
}

/** Whole seconds, at least one. A point with its own time stands for its second. */
function intervalOf({ intervalMs = 1_000 }: MetricReading): number {
  return Math.max(1, Math.round(intervalMs / 1_000))
}

const secondsOf = ({ timeMs }: MetricReading): number => Math.floor(timeMs / 1_000)
