import { describe, expect, test } from 'vitest'
import { readMapping } from '../src/config/read-mapping.ts'
import { escapeName } from '../src/sinks/prometheus/escape-name.ts'
import { createMapper } from '../src/sinks/prometheus/mapper.ts'
import { DEFAULT_MAPPED_AS, type MappedType } from '../src/sinks/prometheus/mapping.ts'
import type { FamilySeries } from '../src/model/metric-family.ts'
import { Exporter } from '../src/sinks/prometheus/exporter.ts'
import { decodePacket } from './vectors/statsd-peer.ts'
import vectors from './fixtures/statsd/statsd-exporter-mappings.json' with { type: 'json' }

// What statsd_exporter makes of mapping files, names and events. All of its vectors hold.

interface Lookup {
  readonly statsd_metric: string
  readonly metric_type: MappedType
  readonly expect_unmapped?: boolean
  readonly name?: string
  readonly labels: Readonly<Record<string, string>>
  readonly ttl_s?: number
  readonly max_age_s?: number
  readonly age_buckets?: number
  readonly buf_cap?: number
  readonly quantiles?: readonly { readonly quantile: number; readonly error: number }[]
  readonly buckets?: readonly number[] | 'prometheus.DefBuckets'
}

interface MappingCase {
  readonly id: string
  readonly config_yaml: string
  readonly expect: {
    readonly config_error: boolean
    readonly lookups?: readonly Lookup[]
    readonly action?: string
  }
}

const casesOf = <Case>(kind: string): readonly Case[] =>
  vectors.cases.filter((vector) => vector.kind === kind) as unknown as readonly Case[]

describe.each(['mapping', 'mapping_config'])('vectors of the kind %s', (kind) => {
  test.each(casesOf<MappingCase>(kind))('$id', ({ config_yaml, expect: wanted }) => {
    if (wanted.config_error) {
      expect(() => readMapping(config_yaml, 'mapping.yml')).toThrow(/mapping\.yml:\d+:\d+ {2}/)
      return
    }
    const mapping = readMapping(config_yaml, 'mapping.yml')
    if (wanted.action !== undefined)
      expect(mapping.rules.map(({ isDrop }) => isDrop)).toEqual([wanted.action === 'drop'])
    const mapper = createMapper(mapping)
    for (const lookup of wanted.lookups ?? []) {
      const found = mapper.find(lookup.statsd_metric, lookup.metric_type)
      if (lookup.expect_unmapped) {
        expect(found).toBeUndefined()
        expect(escapeName(lookup.statsd_metric)).toBe(lookup.name)
        continue
      }
      if (lookup.name === undefined) continue
      expect(found?.name).toBe(lookup.name)
      expect(Object.fromEntries(found?.labels ?? [])).toEqual(lookup.labels)
      if (lookup.ttl_s !== undefined) expect(found?.rule.ttlMs).toBe(lookup.ttl_s * 1_000)
      if (lookup.max_age_s !== undefined) expect(found?.rule.summary.maxAgeMs).toBe(lookup.max_age_s * 1_000)
      if (lookup.age_buckets !== undefined) expect(found?.rule.summary.ageBuckets).toBe(lookup.age_buckets)
      if (lookup.buf_cap !== undefined) expect(found?.rule.summary.bufferCapacity).toBe(lookup.buf_cap)
      if (lookup.quantiles !== undefined) expect(found?.rule.summary.quantiles).toEqual(lookup.quantiles)
      if (lookup.buckets !== undefined) {
        const isDefault = lookup.buckets === 'prometheus.DefBuckets'
        expect(found?.rule.histogram.buckets).toEqual(
          isDefault ? DEFAULT_MAPPED_AS.histogram.buckets : lookup.buckets,
        )
      }
    }
  })
})

test.each(casesOf<{ id: string; input: string; expect: string }>('escape_metric_name'))(
  '$id',
  ({ input, expect: wanted }) => {
    expect(escapeName(input)).toBe(wanted)
  },
)

interface Event {
  readonly type: MappedType
  readonly name: string
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
  readonly relative?: boolean
}

interface ExposedCase {
  readonly id: string
  readonly config_yaml: string
  readonly input_events?: readonly Event[]
  readonly input_lines?: readonly (string | { readonly _bytes_latin1: string })[]
  readonly expect: {
    readonly series?: readonly {
      readonly name: string
      readonly labels: Readonly<Record<string, string>>
      readonly value?: number
    }[]
    readonly summary?: { readonly name: string; readonly has_quantiles: boolean }
    readonly internal?: Readonly<Record<string, string>>
  }
}

/** One event at a time, as statsd_exporter takes them. Says why one is refused. */
function take(
  exporter: Exporter,
  { type, name, value, labels, relative = false }: Event,
): string | undefined {
  const metric = { name, tags: Object.entries(labels) }
  if (type === 'observer') {
    const target = exporter.observer(metric)
    if (target.series === undefined) return target.refusal
    exporter.observe(target, { values: Float64Array.of(value), weights: Float64Array.of(1) })
    return undefined
  }
  const target = exporter[type](metric)
  if (target.series === undefined) return target.refusal
  if (type === 'counter') return exporter.count(target, value)
  if (relative) exporter.add(target, value)
  else exporter.set(target, value)
  return undefined
}

function eventsOf(line: string | { readonly _bytes_latin1: string }): Event[] {
  return decodePacket(line, { rules: { names: 'utf8' } }).taken.map(
    ({ name, type, value, weight, tags, isDelta }) => ({
      type: type === 'timer' ? 'observer' : (type as MappedType),
      name,
      value: type === 'timer' ? value / 1_000 : value * weight,
      labels: tags,
      relative: isDelta,
    }),
  )
}

function valueOf({ value, summary, histogram }: FamilySeries): number | undefined {
  return value ?? summary?.sum ?? histogram?.sum
}

describe.each(['exporter_conflict', 'exporter_scrape'])('vectors of the kind %s', (kind) => {
  test.each(casesOf<ExposedCase>(kind))(
    '$id',
    ({ config_yaml, input_events, input_lines, expect: wanted }) => {
      const mapping = readMapping(config_yaml, 'mapping.yml')
      const exporter = new Exporter(mapping, { mostSeries: 100, nowMs: () => 0 })
      const events = input_events ?? input_lines?.flatMap(eventsOf) ?? []
      expect(events).not.toEqual([])
      const refusals = events.map((event) => take(exporter, event))
      const families = [...exporter.families()]
      const exposed = families.flatMap(({ name, series }) =>
        [...series].map((one) => ({ name, labels: Object.fromEntries(one.labels), value: valueOf(one) })),
      )
      if (kind === 'exporter_conflict') expect(exposed).toEqual(wanted.series)
      else {
        // Beside those, a tag that is no UTF-8 has made one with U+FFFD in it.
        const series = (wanted.series ?? []).map((one): unknown => expect.objectContaining(one))
        expect(exposed).toEqual(expect.arrayContaining(series))
      }
      if (wanted.internal !== undefined) expect(refusals).toContain('empty_name')
      if (wanted.summary !== undefined) {
        const [family] = families
        expect(family?.name).toBe(wanted.summary.name)
        const [series] = family?.series ?? []
        expect((series?.summary?.quantiles.length ?? 0) > 0).toBe(wanted.summary.has_quantiles)
      }
    },
  )
})
