import { describe, expect, test } from 'vitest'
import type { Tag } from '../../model/series-key.ts'
import { Exporter } from './exporter.ts'
import { DEFAULT_MAPPED_AS, type MappedAs, type Mapping, type MappingRule, NO_MAPPING } from './mapping.ts'

function mappingOf(rules: readonly Partial<MappingRule>[], defaults: Partial<MappedAs> = {}): Mapping {
  const all = { ...DEFAULT_MAPPED_AS, ...defaults }
  const rule = {
    match: '*',
    matchType: 'glob' as const,
    metricType: undefined,
    name: '${1}',
    labels: [],
    honorsLabels: false,
    isDrop: false,
    help: undefined,
    scale: undefined,
    ...all,
  }
  return { ...NO_MAPPING, defaults: all, rules: rules.map((given) => ({ ...rule, ...given })) }
}

class Bench {
  nowMs = 0
  readonly exporter: Exporter

  constructor(mapping: Mapping = NO_MAPPING, mostSeries = 100) {
    this.exporter = new Exporter(mapping, { mostSeries, nowMs: () => this.nowMs })
  }

  count(name: string, increment: number, tags: readonly Tag[] = []): string | undefined {
    const target = this.exporter.counter({ name, tags })
    return target.series === undefined ? target.refusal : this.exporter.count(target, increment)
  }

  observe(name: string, values: readonly number[], weights = values.map(() => 1), tags: readonly Tag[] = []) {
    const target = this.exporter.observer({ name, tags })
    if (target.series === undefined) return target.refusal
    this.exporter.observe(target, { values: Float64Array.from(values), weights: Float64Array.from(weights) })
    return undefined
  }

  /** `name{labels}` and what it has. */
  exposed(): Record<string, unknown> {
    this.exporter.expire()
    const lines = [...this.exporter.families()].flatMap(({ name, series }) =>
      [...series].map(({ labelsText, value, summary, histogram }) => [
        labelsText === '' ? name : `${name}{${labelsText}}`,
        value ?? summary ?? histogram,
      ]),
    )
    return Object.fromEntries(lines) as Record<string, unknown>
  }
}

describe('the exporter', () => {
  test('counters add up, by name and labels', () => {
    const bench = new Bench()
    bench.count('api.hits', 3, [['code', '200']])
    bench.count('api.hits', 4, [['code', '200']])
    bench.count('api.hits', 5, [['code', '500']])
    expect(bench.exposed()).toEqual({ 'api_hits{code="200"}': 7, 'api_hits{code="500"}': 5 })
  })

  test('names, keys of tags and values are escaped, each in its way; a label without a value is none', () => {
    const bench = new Bench()
    bench.count('9-a--b.c', 1, [
      ['a.b', 'x"y\\z\n'],
      ['0', 'zero'],
      ['none', ''],
    ])
    expect(bench.exposed()).toEqual({ '_9_a_b_c{_0="zero",a_b="x\\"y\\\\z\\n"}': 1 })
  })

  test('a rule names, labels, scales, and drops', () => {
    const bench = new Bench(
      mappingOf([
        { match: 'dropped', isDrop: true },
        { match: 'api.*', name: 'api_total', labels: [['node', '$1']], scale: 0.5, help: 'Hits.' },
      ]),
    )
    expect(bench.count('dropped', 1)).toBeUndefined()
    bench.count('api.a', 4, [['node', 'tag']])
    expect(bench.exposed()).toEqual({ 'api_total{node="a"}': 2 })
    expect([...bench.exporter.families()][0]?.help).toBe('Hits.')
  })

  test.each([
    ['a counter that goes down', (bench: Bench) => bench.count('a', -1), 'negative_counter'],
    [
      'a label of a summary',
      (bench: Bench) => bench.observe('a', [1], [1], [['quantile', '1']]),
      'reserved_label',
    ],
    ['a label of Prometheus', (bench: Bench) => bench.count('a', 1, [['__name__', 'b']]), 'reserved_label'],
    ['a name without anything', (bench: Bench) => bench.count('', 1), 'empty_name'],
    [
      'a series too many',
      (bench: Bench) => {
        for (let index = 0; index < 100; index++) bench.count(`c${index}`, 1)
        return bench.count('a', 1)
      },
      'full',
    ],
  ])('%s is refused', (_, take, refusal) => {
    const bench = new Bench()
    expect(take(bench)).toBe(refusal)
    expect(Object.keys(bench.exposed()).filter((name) => name.startsWith('a{'))).toEqual([])
  })

  test('the label le is refused by histograms, and an ordinary one elsewhere', () => {
    const bench = new Bench(mappingOf([], { observerType: 'histogram' }))
    expect(bench.observe('a', [1], [1], [['le', '1']])).toBe('reserved_label')
    expect(bench.count('b', 1, [['le', '1']])).toBeUndefined()
  })

  test('a histogram counts by weight, in its buckets, and natively', () => {
    const histogram = { buckets: [1, 2], nativeBucketFactor: 2, nativeMaxBuckets: 10 }
    const bench = new Bench(mappingOf([], { observerType: 'histogram', histogram }))
    bench.observe('a', [3, 1, 2], [10, 1, 1])
    expect(bench.exposed()).toMatchObject({
      a: {
        sum: 33,
        count: 12,
        edges: [1, 2],
        counts: Float64Array.of(1, 1, 10),
        native: {
          schema: 0,
          positive: new Map([
            [0, 1],
            [1, 1],
            [2, 10],
          ]),
        },
      },
    })
  })

  test('a series is forgotten when its time to live is over since it last brought something', () => {
    const bench = new Bench(mappingOf([{ match: 'a', name: 'a', ttlMs: 1_000 }]))
    bench.count('a', 1, [['tag', '1']])
    bench.count('a', 1, [['tag', '2']])
    bench.count('b', 1)
    bench.nowMs = 900
    bench.count('a', 1, [['tag', '2']])
    bench.nowMs = 1_001
    expect(bench.exposed()).toEqual({ 'a{tag="2"}': 2, b: 1 })
    bench.nowMs = 1_901
    expect(bench.exposed()).toEqual({ b: 1 })
    expect(bench.exporter.seriesCount).toBe(1)
    // Nothing is left of the family, so another type may have its name.
    bench.observe('a', [1])
    expect(bench.exposed()).toMatchObject({ a: { count: 1 } })
  })
})
