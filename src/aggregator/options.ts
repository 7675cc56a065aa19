import path from 'node:path'
import * as z from 'zod'
import type { StatsdProfile } from '../formats/statsd/profile.ts'
import {
  duration,
  integer,
  optionalChoice,
  optionalDurationOrNever,
  optionalToggle,
  RELOADABLE,
  section,
  toggle,
} from '../lib/option.ts'
import type { MetricType } from '../model/sample.ts'
import { DEFAULT_SET_EXACT_MEMBERS, DEFAULT_TIMER_EXACT_VALUES } from './exact-bounds.ts'
import { FLUSH_PROFILES } from './flush-profile.ts'
import type { NamingOptions } from './naming.ts'
import type { HistogramRule } from './timer-layout.ts'
import type { TimerWeighting } from './timer-statistics.ts'

const COMPONENT = 'letters, digits, "_" and "-", with dots between, or nothing'
const PERCENT = 'a number over 0, at most 100'

/** How samples become values, as it is written in kymo.yaml. The keys that etsy's StatsD has too are called as there. */
export const aggregatorOptions = section('How samples become values, and what the series are called.', {
  percentiles: z
    .array(
      z
        .number()
        .min(-100)
        .max(100)
        .refine((percentile) => percentile !== 0, { error: 'a number from -100 to 100 other than 0' }),
    )
    .max(32)
    .refine((percentiles) => new Set(percentiles).size === percentiles.length, {
      error: 'a list without repetitions',
    })
    .prefault([90])
    .meta({
      description:
        'Percentiles of timers. 90 gives `upper_90` and its like, of the lowest 90 % of the values; -10 gives `lower_top10` and its like, of the highest 10 %; 99.9 gives `upper_99_9`.',
    }),
  histogram: z
    .array(
      z.strictObject({
        metric: z.string().max(1000).meta({ description: 'Text that the name of the timer contains.' }),
        bins: z
          .array(z.union([z.number(), z.literal('inf')]))
          .max(1000)
          .refine(areAscending, { error: 'ascending numbers, the last of which may be "inf"' })
          .meta({ description: 'Upper edges, exclusive.' }),
      }),
    )
    .max(1000)
    .prefault([])
    .meta({
      description:
        'Histograms of timers, such as `[{metric: api, bins: [0.01, 1, inf]}]`, which gives `histogram.bin_0_01`, `histogram.bin_1` and `histogram.bin_inf` to every timer with `api` in its name. `bins` are upper edges, exclusive; values beyond the last are in no bin. The first `metric` that fits counts; `bins: []` switches off.',
    }),
  calculated_timer_metrics: z.array(z.string().min(1).max(100)).max(100).prefault([]).meta({
    description:
      'The only statistics of timers to flush; empty for all. Those of percentiles are named without their number: `upper_percent` for `upper_90`, but `upper_99_percent` for `upper_99_9`. Histograms are `histogram`.',
  }),
  timer_weighting: optionalChoice(
    'What sample rates weigh: `all` that a timer says, or its `count` and `count_ps` alone. Left out: `all`, and `count` in the profile `statsd`.',
    ['all', 'count'],
  ),
  timer_exact_values: integer(
    'Values that a timer keeps as they are in one interval. When more come, it keeps a sketch of them: counts, sums, means, deviations, `lower` and `upper` stay exact, medians, percentiles and histograms are right to 1.1 %.',
    DEFAULT_TIMER_EXACT_VALUES,
    { min: 1, max: 10_000_000 },
  ),
  set_exact_members: integer(
    'Members that a set keeps as they are in one interval. When more come, it counts them with a standard error of 0.8 %, in 16 KiB.',
    DEFAULT_SET_EXACT_MEMBERS,
    { min: 1, max: 10_000_000 },
  ),
  flush_counts: toggle('Flush the sums of counters, and not only their rates.', true),
  legacy_namespace: toggle(
    "Name series as etsy's StatsD does by default: `stats.k` for the rate of a counter, `stats_counts.k` for its sum. If not, `stats.counters.k.rate` and `stats.counters.k.count`.",
    false,
  ),
  global_prefix: prefix('First component of every name. Not in the legacy namespace.', 'stats'),
  prefix_counter: prefix('Component in front of counters. Not in the legacy namespace.', 'counters'),
  prefix_timer: prefix('Component in front of timers. Not in the legacy namespace.', 'timers'),
  prefix_gauge: prefix('Component in front of gauges. Not in the legacy namespace.', 'gauges'),
  prefix_set: prefix('Component in front of sets. Not in the legacy namespace.', 'sets'),
  prefix_stats: prefix('Component in front of the series about Kymo itself.', 'statsd'),
  global_suffix: prefix('Last component of every name, in front of the tags.', ''),
  own_series: toggle(
    "Flush series about Kymo itself, with the names that they have in etsy's StatsD: `statsd.metrics_received` and its like.",
    true,
  ),
  idle_timeout: section(
    'How long a metric that receives nothing goes on flushing before it is forgotten. Then nothing stands for it any more, and a gauge begins at 0 again. In the profile `statsd` all are `never` where they are left out.',
    {
      counter: idleTimeout('Of counters, which flush 0 meanwhile. Left out: 5m.'),
      gauge: idleTimeout('Of gauges, which flush the value they have. Left out: 24h.'),
      timer: idleTimeout('Of timers, which flush counts of 0. Left out: 5m.'),
      set: idleTimeout('Of sets, which flush 0 meanwhile. Left out: 5m.'),
    },
  ),
  delete_idle_stats: optionalToggle(
    'Sets the four below where they are left out. True: metrics flush with samples only. False: idle ones flush for ever. Left out: `idle_timeout` says how long.',
  ),
  delete_counters: optionalToggle('Of counters: as `delete_idle_stats`, before `idle_timeout`.'),
  delete_timers: optionalToggle('Of timers: as `delete_idle_stats`, before `idle_timeout`.'),
  delete_sets: optionalToggle('Of sets: as `delete_idle_stats`, before `idle_timeout`.'),
  delete_gauges: optionalToggle(
    'Of gauges: as `delete_idle_stats`, before `idle_timeout`. True: a gauge does not keep its value; `gauges_max_ttl` says for how many flushes it does.',
  ),
  gauges_max_ttl: integer('Flushes that a gauge lives for after a sample, if `delete_gauges` is on.', 1, {
    min: 1,
    max: 1_000_000_000,
  }),
  key_flush: section('A log of the names that are sent most.', {
    interval: duration('How often it is written. 0s: never.', '0s', { max: '1d' }),
    percent: z
      .number()
      .gt(0)
      .max(100)
      .prefault(100)
      .meta({ description: 'Share of the names that is written, those sent most first.', noun: PERCENT }),
    log: z
      .string()
      .min(1)
      .max(4096)
      .refine((text) => !text.includes('\0'), { error: 'text without a NUL' })
      .optional()
      .meta({
        description:
          'File that it is added to; a relative one starts at the working directory. Left out: stdout.',
      }),
  }),
}).meta(RELOADABLE)

export type AggregatorValues = z.output<typeof aggregatorOptions>

/** What is set, as the rest of Kymo is handed it. An IntervalMerger takes it as it is. */
export interface AggregatorConfig {
  readonly naming: Required<NamingOptions>
  readonly percentiles: readonly number[]
  readonly histogram: readonly HistogramRule[]
  readonly calculatedTimerMetrics: readonly string[]
  readonly timerWeighting: TimerWeighting
  readonly timerExactValues: number
  readonly setExactMembers: number
  readonly flushCounts: boolean
  /** Infinity: for ever. */
  readonly idleTimeoutMs: Readonly<Record<MetricType, number>>
  readonly ownSeries: boolean
  /** Left out: off. */
  readonly keyFlush?: KeyFlushConfig
}

export interface KeyFlushConfig {
  readonly intervalMs: number
  readonly percent: number
  /** Absolute. Left out: stdout. */
  readonly logPath?: string
}

export interface AggregatorSurroundings {
  /** Decides where an option is left out. */
  readonly profile: StatsdProfile
  readonly intervalMs: number
  /** Where relative paths start. */
  readonly cwd: string
}

export function toAggregatorConfig(
  values: AggregatorValues,
  { profile, intervalMs, cwd }: AggregatorSurroundings,
): AggregatorConfig {
  const { interval, percent, log } = values.key_flush
  return {
    naming: {
      legacyNamespace: values.legacy_namespace,
      globalPrefix: values.global_prefix,
      counterPrefix: values.prefix_counter,
      timerPrefix: values.prefix_timer,
      gaugePrefix: values.prefix_gauge,
      setPrefix: values.prefix_set,
      statsPrefix: values.prefix_stats,
      globalSuffix: values.global_suffix,
    },
    percentiles: values.percentiles,
    histogram: values.histogram.map(({ metric, bins }) => ({
      metric,
      upperEdges: bins.map((bin) => (bin === 'inf' ? Number.POSITIVE_INFINITY : bin)),
    })),
    calculatedTimerMetrics: values.calculated_timer_metrics,
    timerWeighting: values.timer_weighting ?? FLUSH_PROFILES[profile].timerWeighting,
    timerExactValues: values.timer_exact_values,
    setExactMembers: values.set_exact_members,
    flushCounts: values.flush_counts,
    idleTimeoutMs: {
      counter: idleTimeoutOf('counter', values.delete_counters, values, profile),
      gauge: idleTimeoutOf('gauge', values.delete_gauges, values, profile, gaugeLifeMs(values, intervalMs)),
      timer: idleTimeoutOf('timer', values.delete_timers, values, profile),
      set: idleTimeoutOf('set', values.delete_sets, values, profile),
    },
    ownSeries: values.own_series,
    ...(interval === 0
      ? {}
      : {
          keyFlush: {
            intervalMs: interval,
            percent,
            ...(log === undefined ? {} : { logPath: path.resolve(cwd, log) }),
          },
        }),
  }
}

function idleTimeoutOf(
  type: MetricType,
  isDeletedOfType: boolean | undefined,
  values: AggregatorValues,
  profile: StatsdProfile,
  deletedAfterMs = 0,
): number {
  const isDeleted = isDeletedOfType ?? values.delete_idle_stats
  if (isDeleted !== undefined) return isDeleted ? deletedAfterMs : Number.POSITIVE_INFINITY
  return values.idle_timeout[type] ?? FLUSH_PROFILES[profile].idleTimeoutMs[type]
}

/** The first of the flushes is that with the sample. */
function gaugeLifeMs({ gauges_max_ttl: flushes }: AggregatorValues, intervalMs: number): number {
  return (flushes - 1) * intervalMs
}

function idleTimeout(description: string) {
  return optionalDurationOrNever(description, { max: '5y' })
}

function prefix(description: string, defaultText: string) {
  return z
    .string()
    .max(200)
    .regex(/^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)?$/, { error: COMPONENT })
    .prefault(defaultText)
    .meta({ description: `${description} Empty: left out.`, noun: COMPONENT })
}

function areAscending(bins: readonly (number | 'inf')[]): boolean {
  const edges = bins.map((bin) => (bin === 'inf' ? Number.POSITIVE_INFINITY : bin))
  return edges.every((edge, index) => index === 0 || edge > (edges[index - 1] ?? edge))
}
