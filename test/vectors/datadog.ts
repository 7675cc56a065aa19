import { expect } from 'vitest'
import type { MetricEvent } from '../../src/model/event.ts'
import vectors from '../fixtures/statsd/datadog-agent-lines.json' with { type: 'json' }
import { decodePacket, RECEIVED_AT_MS, tagsOf, type Decoded, type Taken } from './statsd-peer.ts'

// What the Datadog agent makes of lines, under the profile `dogstatsd`.

export const DATADOG_CASES = vectors.cases.map((vector) => ({
  id: vector.id,
  check: () => check(vector as unknown as Case),
}))

interface Case {
  readonly kind: string
  /** A packet, or what the kind of the case is about. */
  readonly input: unknown
  readonly config?: { readonly default_hostname?: string }
  readonly expect: Expectation
}

interface Expectation extends Partial<Metric> {
  readonly ok?: boolean
  readonly samples?: readonly Metric[]
  readonly aggregated?: readonly Metric[]
  readonly late?: readonly Metric[]
  readonly events?: readonly Event[]
}

interface Metric {
  readonly name: string
  readonly type: string
  readonly value?: number
  readonly values?: readonly number[]
  readonly raw_value?: string
  readonly sample_rate?: number
  readonly tags?: readonly string[] | null
  readonly host?: string
  readonly timestamp?: number | null
}

interface Event {
  readonly title: string
  readonly text: string
  readonly tags: readonly string[]
}

function check({ kind, input, config, expect: wanted }: Case): void {
  const text = String(input as string)
  const host = config?.default_hostname ?? ''
  switch (kind) {
    case 'metric_parse':
      checkMetric(decode(text), wanted)
      return
    case 'enriched_metric':
      checkSamples(decode(text).taken, wanted.samples ?? [], host)
      return
    case 'packet_parse': {
      const decoded = decode(text)
      checkSamples(decoded.taken, [...(wanted.aggregated ?? []), ...(wanted.late ?? [])], host)
      expect(decoded.events).toHaveLength(wanted.events?.length ?? 0)
      wanted.events?.forEach((event, index) => checkEvent(decoded.events[index], event, host))
      return
    }
    case 'event_parse':
    case 'service_check_parse':
    case 'enriched_event':
    case 'enriched_service_check': {
      const { events, reasons } = decode(text)
      if (wanted.ok === false) expect([events.length, reasons.length]).toEqual([0, 1])
      else {
        expect(reasons).toEqual([])
        checkEvent(events[0], wanted, host)
      }
      return
    }
    case 'message_type':
      expect(decode(text).events[0]?.kind).toBe(wanted)
      return
    case 'tags':
      expect(decode(`a:1|c|#${text}`).taken[0]?.tags).toEqual(tagsOf(wanted as unknown as string[]))
      return
    case 'internal_tag_strip':
      expect(decode(`a:1|c|#${(input as string[]).join()}`).taken[0]?.tags).toEqual(
        tagsOf(wanted as unknown as string[]),
      )
      return
    case 'origin_extraction': {
      const { tags, cardinality } = input as { tags: string[] | null; cardinality: string }
      const line = `a:1|c|#${(tags ?? []).join()}|card:${cardinality}`
      expect(decode(line).taken[0]?.tags).toEqual(tagsOf(wanted.tags))
      return
    }
    case 'local_data':
      // The agent logs what is wrong with such a field and takes the line nevertheless.
      expect(decode(`a:1|c|c:${text}|#k:v`).taken[0]?.tags).toEqual({ k: 'v' })
      return
    case 'external_data':
      expect(decode(`a:1|c|e:${text}|#k:v`).taken[0]?.tags).toEqual({ k: 'v' })
      return
    case 'packed_values':
    case 'float': {
      const { taken, reasons } = decode(`a:${text}|h`)
      if (wanted.ok === false) expect(reasons).toHaveLength(1)
      else expect(taken.map((sample) => sample.value)).toEqual(wanted.values ?? [wanted.value])
      return
    }
    default:
      throw new Error(`no check for ${kind}`)
  }
}

function checkMetric({ taken, reasons }: Decoded, wanted: Expectation): void {
  if (wanted.ok === false) {
    expect(reasons).toHaveLength(1)
    return
  }
  expect(reasons).toEqual([])
  const { name, type, tags, sample_rate, timestamp } = wanted
  if (name === undefined || type === undefined) return
  const metrics = wanted.values?.map(
    (value): Metric => ({ name, type, value, tags, sample_rate, timestamp }) as Metric,
  )
  checkSamples(taken, metrics ?? [], '')
}

/** A host of its own, which the agent takes out of the tags, is a tag like any other here. */
function checkSamples(taken: readonly Taken[], metrics: readonly Metric[], defaultHost: string): void {
  expect(taken).toHaveLength(metrics.length)
  metrics.forEach((metric, index) => {
    const sample = taken[index]
    expect(sample?.name).toBe(metric.name)
    if (metric.value === undefined) return
    const host = metric.host ?? ''
    expect(sample).toMatchObject({
      type: TYPES.get(metric.type),
      value: metric.value,
      member: metric.raw_value ?? '',
      isDelta: false,
    })
    expect(sample?.tags).toEqual({
      ...tagsOf(metric.tags),
      ...(host === '' || host === defaultHost ? {} : { host }),
    })
    const hasWeight = sample?.type === 'counter' || sample?.type === 'timer'
    if (hasWeight) expect(1 / sample.weight).toBeCloseTo(metric.sample_rate ?? 1, 9)
    if (metric.timestamp !== undefined)
      expect(sample?.timeMs).toBe(metric.timestamp === null ? undefined : metric.timestamp * 1_000)
  })
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['count', 'counter'],
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'timer'],
  ['timing', 'timer'],
  ['distribution', 'timer'],
  ['set', 'set'],
])

/** What is said about the agent's container is not kept here, and is not compared. */
function checkEvent(event: MetricEvent | undefined, wanted: object, defaultHost: string): void {
  const {
    ok: _,
    container_id: __,
    pod_uid: ___,
    event_type: ____,
    tags,
    host,
    hostname = host,
    name,
    ...others
  } = wanted as Record<string, unknown>
  const isDefault = hostname === undefined || hostname === '' || hostname === defaultHost
  const { host: ownHost, ...ownTags } = Object.fromEntries(event?.tags ?? [])
  if (tags !== undefined) expect(ownTags).toEqual(tagsOf(tags as string[]))
  expect(event?.hostname ?? ownHost).toBe(isDefault ? undefined : hostname)
  expect(spelled(event)).toMatchObject({ ...others, ...(name === undefined ? {} : { name }) })
}

/** An event or service check of ours in the agent's words, with its defaults. */
function spelled(event: MetricEvent | undefined): Record<string, unknown> {
  return {
    title: event?.title,
    name: event?.title,
    text: event?.text,
    message: event?.text,
    status: event?.status,
    timestamp: event?.timeMs === RECEIVED_AT_MS ? 0 : (event?.timeMs ?? 0) / 1_000,
    priority: event?.priority ?? 'normal',
    alert_type: event?.alertType ?? 'info',
    aggregation_key: event?.aggregationKey ?? '',
    source_type: event?.sourceType ?? '',
  }
}

function decode(packet: string): Decoded {
  return decodePacket(packet, { profile: 'dogstatsd' })
}
