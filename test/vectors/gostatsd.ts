import { expect } from 'vitest'
import type { MetricEvent } from '../../src/model/event.ts'
import vectors from '../fixtures/statsd/gostatsd-lines.json' with { type: 'json' }
import { decodePacket, tagsOf, type Taken } from './statsd-peer.ts'

// What gostatsd makes of lines. It has no profile of its own: `default`.

export const GOSTATSD_CASES = vectors.cases.map((vector) => ({
  id: vector.id,
  check: () => check(vector as unknown as Case),
}))

interface Case {
  readonly kind: string
  readonly input: string | string[]
  readonly namespace?: string
  readonly expect: {
    readonly ok?: boolean | 'PANIC'
    readonly metric?: Metric
    readonly metrics?: readonly Metric[]
    readonly event?: Event
    readonly events?: readonly Event[]
  }
}

interface Metric {
  readonly name: string
  readonly type: string
  readonly values?: readonly number[]
  readonly string_value?: string
  readonly rate: number
  readonly tags: readonly string[]
}

interface Event {
  readonly title: string
  readonly text: string
  readonly date_happened?: number
  readonly source?: string
  readonly priority?: string
  readonly alert_type?: string
  readonly aggregation_key?: string
  readonly source_type_name?: string
  readonly tags?: readonly string[]
}

function check({ kind, input, namespace = '', expect: wanted }: Case): void {
  if (kind === 'tags_to_map') {
    const [sample] = decodePacket(`a:1|c|#${(input as string[]).join()}`, {}).taken
    expect(sample?.tags).toEqual(Array.isArray(wanted) ? {} : wanted)
    return
  }
  const { taken, events, reasons } = decodePacket(input as string, {})
  if (wanted.ok === 'PANIC') return
  if (wanted.ok === false) {
    expect(reasons).toHaveLength(1)
    return
  }
  expect(reasons).toEqual([])
  if (wanted.metric !== undefined) {
    const metric = wanted.metric
    const values = metric.values ?? [0]
    expect(taken.map((sample) => briefly(sample, namespace))).toEqual(
      values.map((value) => ({
        name: metric.name,
        type: metric.type,
        value,
        member: metric.string_value ?? '',
        tags: tagsOf(metric.tags),
        isDelta: false,
        ...(hasWeight(metric.type) ? { rate: metric.rate } : {}),
      })),
    )
  }
  if (wanted.metrics !== undefined) checkAggregated(taken, wanted.metrics)
  const wantedEvents = wanted.event === undefined ? wanted.events : [wanted.event]
  expect(events.map(spelled)).toEqual((wantedEvents ?? []).map(normalised))
}

function briefly(sample: Taken, namespace: string) {
  return {
    name: namespace === '' ? sample.name : `${namespace}.${sample.name}`,
    type: sample.type,
    value: sample.value,
    member: sample.member,
    tags: sample.tags,
    isDelta: sample.isDelta,
    ...(hasWeight(sample.type) ? { rate: 1 / sample.weight } : {}),
  }
}

/** Counters summed, gauges the last, timers in a list with their number divided by their weights as the rate. */
function checkAggregated(taken: readonly Taken[], metrics: readonly Metric[]): void {
  expect(new Set(taken.map((sample) => sample.name))).toEqual(new Set(metrics.map((metric) => metric.name)))
  for (const metric of metrics) {
    const samples = taken.filter((sample) => sample.name === metric.name)
    expect(samples.map((sample) => sample.tags)).toEqual(samples.map(() => tagsOf(metric.tags)))
    const values = samples.map((sample) => sample.value)
    if (metric.type === 'counter') expect([sum(values)]).toEqual(metric.values)
    if (metric.type === 'gauge') expect(values.slice(-1)).toEqual(metric.values)
    if (metric.type === 'timer') {
      expect(values).toEqual(metric.values)
      expect(values.length / sum(samples.map((sample) => sample.weight))).toBe(metric.rate)
    }
  }
}

/** An event of ours in gostatsd's words. The sender's address is no part of a line. */
function spelled(event: MetricEvent): Event {
  return {
    title: event.title,
    text: event.text,
    priority: event.priority === 'low' ? 'PriLow' : 'PriNormal',
    alert_type: ALERTS[event.alertType ?? 'info'],
    aggregation_key: event.aggregationKey ?? '',
    source_type_name: event.sourceType ?? '',
    ...(event.timeMs === 1_700_000_000_000 ? {} : { date_happened: event.timeMs / 1_000 }),
    ...(event.hostname === undefined ? {} : { source: event.hostname }),
    tags: Object.entries(Object.fromEntries(event.tags)).map(([key, value]) =>
      value === 'true' ? key : `${key}:${value}`,
    ),
  }
}

const ALERTS = {
  info: 'AlertInfo',
  warning: 'AlertWarning',
  error: 'AlertError',
  success: 'AlertSuccess',
} as const

function normalised(event: Event): Event {
  const { source, ...rest } = event
  return {
    priority: 'PriNormal',
    alert_type: 'AlertInfo',
    aggregation_key: '',
    source_type_name: '',
    tags: [],
    ...rest,
    ...(source === undefined || source === '127.0.0.1' ? {} : { source }),
  }
}

function hasWeight(type: string): boolean {
  return type === 'counter' || type === 'timer'
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
