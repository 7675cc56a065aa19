import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import type { MetricType } from '../../model/sample.ts'
import type { SeriesIdentity, Statistic } from '../../model/series-identity.ts'
import { appendToName } from '../../model/series-key.ts'

export const BATCH_TIME_MS = 1_700_000_000_000

export interface ReadingSpec {
  readonly metricKey: string
  readonly type: MetricType
  readonly statistic: Statistic
  readonly percentile?: number
  readonly value: number
}

/** A batch of the readings given, in their order. */
export function flushBatchOf(readings: readonly ReadingSpec[], timestampMs = BATCH_TIME_MS): FlushBatch {
  const keys = { counter: new Set(), gauge: new Set(), timer: new Set(), set: new Set() }
  for (const { type, metricKey } of readings) keys[type].add(metricKey)
  return {
    timestampMs,
    intervalMs: 10_000,
    series: readings.map(identityOf),
    values: Float64Array.from(readings, (reading) => reading.value),
    metricCounts: {
      counter: keys.counter.size,
      gauge: keys.gauge.size,
      timer: keys.timer.size,
      set: keys.set.size,
    },
  }
}

/** One gauge per name, each with its place in the list as its value. */
export function gaugesOf(names: readonly string[], timestampMs = BATCH_TIME_MS): FlushBatch {
  return flushBatchOf(
    names.map((metricKey, value) => ({ metricKey, type: 'gauge', statistic: 'value', value })),
    timestampMs,
  )
}

/** Points without a type, a quarter of a second apart, with their places in the list as values. */
export function pointBatchOf(names: readonly string[]): PointBatch {
  return {
    kind: 'number',
    series: names.map((key) => ({
      key,
      metricKey: key,
      metricType: 'untyped',
      statistic: 'value',
      rollup: 'mean',
    })),
    timesMs: Float64Array.from(names, (_, index) => BATCH_TIME_MS + index * 250),
    values: Float64Array.from(names, (_, index) => index),
  }
}

/** One event per title, a second apart, with the title as its text and a tag as well. */
export function eventsOf(titles: readonly string[]): MetricEvent[] {
  return titles.map((title, index) => ({
    kind: 'event',
    timeMs: BATCH_TIME_MS + index * 1000,
    title,
    text: title,
    tags: [['key', title]],
  }))
}

/** Five increments, gauge values and timings, as every StatsD tutorial has them. */
export const TUTORIAL_BATCH = flushBatchOf([
  { metricKey: 'counter', type: 'counter', statistic: 'count', value: 10 },
  { metricKey: 'counter', type: 'counter', statistic: 'rate', value: 1 },
  { metricKey: 'timer;env=prod', type: 'timer', statistic: 'count', value: 5 },
  { metricKey: 'timer;env=prod', type: 'timer', statistic: 'upper', value: 4 },
  { metricKey: 'timer;env=prod', type: 'timer', statistic: 'upper', percentile: 99.9, value: 4 },
  { metricKey: 'timer;env=prod', type: 'timer', statistic: 'mean', percentile: -10, value: 3.5 },
  { metricKey: 'gauge', type: 'gauge', statistic: 'value', value: 4 },
])

/** Names that break framing, escaping or lookups where they can. */
export const HOSTILE_NAMES: readonly string[] = [
  'plain',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'a b',
  'a\nb 1 1\nc',
  'a\r\n',
  'tab\there',
  'nul\u0000here',
  'escape\u001b[2J',
  'c1\u009b2J',
  'line\u2028separator',
  'next\u0085line',
  'no\u00a0break',
  'wide\u3000space',
  'override\u202etxt',
  'lone\ud800surrogate',
  'emoji\u{1f600}',
  '"quoted"\\',
  ' ',
  '.',
  'a..b',
  'tagged;k=v;__proto__=x',
  'tagged;empty=',
  'tagged;a b=c\nd',
  'tagged;!k^=~v',
  'long'.repeat(1000),
]

function identityOf({ metricKey, type, statistic, percentile }: ReadingSpec): SeriesIdentity {
  const node = type === 'gauge' ? '' : `.${statistic}${percentile === undefined ? '' : `_${percentile}`}`
  const identity = {
    key: appendToName(`stats.${type}s.${metricKey}`, node),
    metricKey,
    metricType: type,
    statistic,
    rollup: 'last',
  } as const
  return percentile === undefined ? identity : { ...identity, percentile }
}
