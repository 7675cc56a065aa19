import {
  ADMITTED_TYPES,
  type AdmittedType,
  createIntakeRules,
  createSeriesLimits,
} from '../admission/index.ts'
import type { IntakeExplanation, IntakeStep, RuleVerb } from '../admission/index.ts'
import { IntervalMerger, Shard } from '../aggregator/index.ts'
import type { Config } from '../config/config.ts'
import { quote } from '../config/problem.ts'
import type { Setting } from '../config/settings.ts'
import { formatSource, type Source } from '../config/source.ts'
import { createStatsdFormat, graphitePlaintextFormat } from '../formats/index.ts'
import type { LineFormat } from '../formats/format.ts'
import type { MetricType, Sample } from '../model/sample.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { metricTypeOf } from '../model/point.ts'
import { KymoError } from '../telemetry/errors.ts'

/** What becomes of a metric: what the rules make of it, what it counts against, and what it is stored as. */
export interface MetricExplanation {
  readonly type: AdmittedType
  /** Its key as it was decoded. */
  readonly received: SeriesKey
  /** The rules that matched, in order. */
  readonly steps: readonly ExplainedStep[]
  /** null: refused. */
  readonly admittedAs: SeriesKey | null
  readonly refusedBy?: 'exclude' | 'no_include'
  /** The nearest first. */
  readonly limits: readonly ExplainedLimit[]
  readonly series: readonly SeriesKey[]
}

export interface ExplainedStep {
  /** `rules[2]` */
  readonly option: string
  /** `kymo.yaml:4:14` */
  readonly from: string
  readonly source: Source
  readonly verb: RuleVerb
  readonly pattern: string
  readonly isTooLate: boolean
  /** As the rule left it; null: refused. */
  readonly key: SeriesKey | null
}

export interface ExplainedLimit {
  /** `limits.prefixes[0].series`, or `limits.series`. */
  readonly option: string
  readonly from: string
  readonly prefix: string
  readonly series: number
  /** What new metrics beyond it are added up as. null: they are refused. */
  readonly overflowKey: SeriesKey
}

export interface ExplainRequest {
  /** A name, with Graphite's tags or without, or a whole line of StatsD. Of a name all types are explained. */
  readonly text: string
  readonly config: Config
  readonly settings: readonly Setting[]
}

/** Sends a metric through the parts that it would pass, as they are configured. Throws the KymoError `usage`. */
export function explainMetric({ text, config, settings }: ExplainRequest): MetricExplanation[] {
  const rules = createIntakeRules(config.rules)
  const limits = createSeriesLimits(config.limits)
  const sourceOf = (key: string): Source =>
    settings.find((setting) => setting.key === key)?.source ?? { kind: 'default' }

  const explainStep = ({ rule, verb, isTooLate, key }: IntakeStep): ExplainedStep => {
    const option = `rules[${rule}]`
    const source = sourceOf(`${option}.${verb}`)
    const pattern = config.rules[rule]?.[verb] ?? ''
    return { option, from: formatSource(source), source, verb, pattern, isTooLate, key: key ?? null }
  }
  const explainLimits = ({ key, type }: Received): ExplainedLimit[] =>
    // Points with times of their own are not aggregated, and not limited.
    (type === 'untyped' ? [] : limits.covering(key)).map(({ prefix, series, overflowKey }) => {
      const index = config.limits.prefixes.findIndex((limit) => limit.prefix === prefix)
      const option = index < 0 ? 'limits.series' : `limits.prefixes[${index}].series`
      return { option, from: formatSource(sourceOf(option)), prefix, series, overflowKey }
    })
  const explain = ({ key, type }: Received): MetricExplanation => {
    const { steps, admittedAs, refusedBy }: IntakeExplanation = rules.explain(key, type)
    return {
      type,
      received: key,
      steps: steps.map(explainStep),
      admittedAs: admittedAs ?? null,
      ...(refusedBy === undefined ? {} : { refusedBy }),
      limits: admittedAs === undefined ? [] : explainLimits({ key: admittedAs, type }),
      series: admittedAs === undefined ? [] : seriesOf({ key: admittedAs, type }, config),
    }
  }
  return receive(text, createStatsdFormat(config.statsd)).map(explain)
}

interface Received {
  readonly key: SeriesKey
  readonly type: AdmittedType
}

/** Any time will do, as long as it is the same everywhere. */
const NOW_MS = 1_700_000_000_000

/** As the listeners would: so the name is sanitised, and its tags are in order. */
function receive(text: string, statsdFormat: LineFormat): Received[] {
  if (/[\r\n]/.test(text))
    throw new KymoError('usage', { problem: `--explain: ${quote(text)} is several lines` })
  if (text.includes('|')) return decode(statsdFormat, text)
  const types = ADMITTED_TYPES.map((type) => {
    const isUntyped = type === 'untyped'
    const line = isUntyped ? `${text} 1 ${NOW_MS / 1000}` : `${text}:1|${STATSD_TYPES[type]}`
    return () => decode(isUntyped ? graphitePlaintextFormat : statsdFormat, line)
  })
  const [first, ...others] = types
  // A name that is none as a counter is none at all. It may still be none in Graphite's plaintext, where blanks part fields.
  return [...(first?.() ?? []), ...others.flatMap((other) => attempt(other))]
}

const STATSD_TYPES: Readonly<Record<MetricType, string>> = { counter: 'c', gauge: 'g', timer: 'ms', set: 's' }

function attempt(action: () => Received[]): Received[] {
  try {
    return action()
  } catch (error) {
    if (error instanceof KymoError) return []
    throw error
  }
}

function decode(format: LineFormat, line: string): Received[] {
  const received: Received[] = []
  const bytes = Buffer.from(line)
  const reason = format.decodeLine(bytes, 0, bytes.length, NOW_MS, {
    packet() {},
    sample: ({ key, type }) => received.push({ key, type }),
    point: ({ key, type }) => received.push({ key, type: metricTypeOf(type) }),
    event() {},
  })
  if (reason === undefined && received.length > 0) return received
  const problem = reason === undefined ? 'is no metric' : `would be rejected as ${reason}`
  throw new KymoError('usage', { problem: `--explain: ${quote(line)} ${problem}` })
}

/** Aggregates one sample, to see what comes out. */
function seriesOf({ key, type }: Received, config: Config): SeriesKey[] {
  if (type === 'untyped') return [key]
  const { intervalMs } = config.flush
  const shard = new Shard({ intervalMs, nowMs: NOW_MS })
  const sample: Sample = { key, type, value: 1, weight: 1, isDelta: false, member: '' }
  shard.add(sample, NOW_MS)
  const merger = new IntervalMerger({ intervalMs, ...config.aggregator })
  const partial = shard.seal(NOW_MS)
  merger.merge(0, partial)
  return merger
    .close(partial.intervalEndMs)
    .series.filter(({ metricKey }) => metricKey === key)
    .map((identity) => identity.key)
}
