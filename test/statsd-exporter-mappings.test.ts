import { describe, expect, test } from 'vitest'
import { readMapping } from '../src/config/read-mapping.ts'
import { escapeName } from '../src/sinks/prometheus/escape-name.ts'
import { createMapper } from '../src/sinks/prometheus/mapper.ts'
import { DEFAULT_MAPPED_AS, type MappedType } from '../src/sinks/prometheus/mapping.ts'
import vectors from './fixtures/statsd/statsd-exporter-mappings.json' with { type: 'json' }

// What statsd_exporter makes of mapping files and names. All of its vectors hold.

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
