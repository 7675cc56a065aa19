import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FlushBatch } from '../../model/flush-batch.ts'
import { flushBatchOf, gaugesOf, pointBatchOf, type ReadingSpec } from '../testdata/batches.ts'
import { BatchShaper, type Shape } from './batch-shaper.ts'

const MINUTE_MS = 60_000
const START_MS = 1_700_000_040_000

function shaped(shape: Shape, batches: readonly FlushBatch[]): FlushBatch[] {
  const emitted: FlushBatch[] = []
  const shaper = new BatchShaper(shape, (batch) => emitted.push(batch))
  for (const batch of batches) shaper.flush(batch)
  shaper.end()
  return emitted
}

const ROLLUPS = {
  count: 'sum',
  sum: 'sum',
  rate: 'mean',
  value: 'last',
  lower: 'min',
  upper: 'max',
  mean: 'mean',
} as const

/** As the aggregator has them. */
function rollingUp(batch: FlushBatch): FlushBatch {
  const series = batch.series.map((identity) => ({
    ...identity,
    rollup: ROLLUPS[identity.statistic as keyof typeof ROLLUPS],
  }))
  return { ...batch, series }
}

function keysOf({ series }: Pick<FlushBatch, 'series'>): string[] {
  return series.map(({ key }) => key)
}

test('a sink that takes a share is given that, of series as they are named by then', () => {
  const shape = { rename: [{ match: 'stats.gauges.**', replace: 'g.$1' }], exclude: ['**.c'] }
  const emitted: FlushBatch[] = []
  const asked: string[] = []
  const shaper = new BatchShaper(shape, (batch) => emitted.push(batch), {
    takes: ({ key }) => asked.push(key) > 0 && key !== 'g.b',
  })
  const batch = gaugesOf(['a', 'b', 'c', 'd'])
  shaper.flush(batch)
  shaper.flush(batch)
  expect(emitted.map(keysOf)).toEqual([
    ['g.a', 'g.d'],
    ['g.a', 'g.d'],
  ])
  expect(asked).toEqual(['g.a', 'g.b', 'g.d'])
  expect(keysOf(shaper.points(pointBatchOf(['a', 'g.b'])))).toEqual(['a'])
})

describe('filters', () => {
  const names = ['api.hits;env=prod', 'api.hits;env=dev', 'api.time', 'db.size;env=prod;host=web1']

  test.each<[string, Shape, string[]]>([
    ['nothing', {}, names.map((name) => `stats.gauges.${name}`)],
    ['a name', { include: ['stats.gauges.api.time'] }, ['stats.gauges.api.time']],
    ['all below a name', { exclude: ['stats.gauges.api.**'] }, ['stats.gauges.db.size;env=prod;host=web1']],
    [
      'a tag',
      { include: ['**;env=p*'] },
      ['stats.gauges.api.hits;env=prod', 'stats.gauges.db.size;env=prod;host=web1'],
    ],
    ['two tags', { include: ['**;env=prod;host=web?'] }, ['stats.gauges.db.size;env=prod;host=web1']],
    ['that there is no tag', { include: ['**;env='] }, ['stats.gauges.api.time']],
    [
      'an exception from what is included',
      { include: ['**.api.*'], exclude: ['**;env=dev'] },
      ['stats.gauges.api.hits;env=prod', 'stats.gauges.api.time'],
    ],
    ['nothing that is left', { exclude: ['**'] }, []],
  ])('by %s', (_, shape, wanted) => {
    const [batch] = shaped(shape, [gaugesOf(names)])
    expect(batch && keysOf(batch)).toEqual(wanted)
    const values = wanted.map((key) => names.indexOf(key.replace('stats.gauges.', '')))
    expect([...(batch?.values ?? [])]).toEqual(values)
    expect(batch?.metricCounts.gauge).toBe(wanted.length)
  })

  test.each<[string, Shape, readonly string[]]>([
    [
      'a name of its parts, the first that matches',
      {
        rename: [
          { match: 'stats.gauges.*.hits', replace: 'hits.$1' },
          { match: 'stats.**', replace: 'all.$1' },
        ],
      },
      [
        'hits.api;env=prod hits.api;env=prod',
        'hits.api;env=dev hits.api;env=dev',
        'all.gauges.api.time all.gauges.api.time',
        'all.gauges.db.size;env=prod;host=web1 all.gauges.db.size;env=prod;host=web1',
      ],
    ],
    [
      'the metric beside its series',
      { rename: [{ match: '*.*.api.*', replace: '$1.$2.web.$3' }], exclude: ['**.db.**'] },
      [
        'stats.gauges.web.hits;env=prod web.hits;env=prod',
        'stats.gauges.web.hits;env=dev web.hits;env=dev',
        'stats.gauges.web.time web.time',
      ],
    ],
    [
      'tags',
      {
        drop_tags: ['h*'],
        tags: [
          ['env', 'test'],
          ['dc', 'fra'],
        ],
        include: ['**.size', '**.time'],
      },
      [
        'stats.gauges.api.time;dc=fra;env=test api.time;dc=fra;env=test',
        'stats.gauges.db.size;dc=fra;env=test db.size;dc=fra;env=test',
      ],
    ],
    [
      'nothing where nothing would be left',
      { rename: [{ match: '**', replace: '..' }], include: ['**.time'] },
      ['stats.gauges.api.time api.time'],
    ],
  ])('change %s', (_, shape, wanted) => {
    const [batch] = shaped(shape, [gaugesOf(names)])
    expect(batch?.series.map(({ key, metricKey }) => `${key} ${metricKey}`)).toEqual(wanted)
  })

  test('give a statistic a metric of the new name', () => {
    const reading: ReadingSpec = {
      metricKey: 'api',
      type: 'timer',
      statistic: 'upper',
      percentile: 90,
      value: 1,
    }
    const [batch] = shaped({ rename: [{ match: 'stats.timers.**', replace: 'prod.$1' }] }, [
      flushBatchOf([reading]),
    ])
    expect(batch?.series).toMatchObject([
      { key: 'prod.api.upper_90', metricKey: 'prod.api', statistic: 'upper', percentile: 90 },
    ])
  })

  test('give the same objects for the same series, in whatever order they come', () => {
    const shape = { exclude: ['**.b'], tags: [['k', 'v']] } as const
    const { series } = gaugesOf(['a', 'b', 'c', 'd', 'e'])
    const seen = new Map<string, object>()
    const shaper = new BatchShaper(shape, (batch) => {
      for (const identity of batch.series) {
        expect(seen.get(identity.key) ?? identity).toBe(identity)
        seen.set(identity.key, identity)
      }
      expect(keysOf(batch).every((key) => key.endsWith(';k=v'))).toBe(true)
    })
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(0, 1, 2, 3, 4)), (order) => {
        const batch = gaugesOf([])
        const ordered = order.map((index) => series[index]).filter((identity) => identity !== undefined)
        shaper.flush({ ...batch, series: ordered, values: new Float64Array(ordered.length) })
      }),
    )
    expect(seen.size).toBe(4)
  })

  test('are for points with times of their own as well', () => {
    const shaper = new BatchShaper({ exclude: ['b'], rename: [{ match: 'c', replace: 'd' }] }, () => {})
    const batch = shaper.points(pointBatchOf(['a', 'b', 'c']))
    expect(keysOf(batch)).toEqual(['a', 'd'])
    expect([...batch.values]).toEqual([0, 2])
    expect([...batch.timesMs]).toEqual([1_700_000_000_000, 1_700_000_000_500])
    const untouched = pointBatchOf(['a'])
    expect(shaper.points(untouched)).toBe(untouched)
  })

  describe('that make one series of several', () => {
    const timer = (pod: string, count: number, mean: number, lower: number, upper: number): ReadingSpec[] => {
      const of = { metricKey: `t;pod=${pod}`, type: 'timer' } as const
      return [
        { ...of, statistic: 'count', value: count },
        { ...of, statistic: 'mean', value: mean },
        { ...of, statistic: 'lower', value: lower },
        { ...of, statistic: 'upper', value: upper },
        { ...of, statistic: 'sum', value: count * mean },
      ]
    }
    const readings: ReadingSpec[] = [
      ...['a', 'b'].flatMap((pod, index): ReadingSpec[] => [
        { metricKey: `c;pod=${pod}`, type: 'counter', statistic: 'rate', value: 0.5 + index },
        { metricKey: `c;pod=${pod}`, type: 'counter', statistic: 'count', value: 5 + 10 * index },
        { metricKey: `g;pod=${pod}`, type: 'gauge', statistic: 'value', value: 3 + index },
      ]),
      ...timer('a', 1, 10, 10, 10),
      ...timer('b', 3, 2, 1, 4),
      ...timer('idle', 0, 0, 0, 0),
      { metricKey: 'alone', type: 'gauge', statistic: 'value', value: 9 },
    ]

    test('combine them as each of them says', () => {
      const batch = rollingUp(flushBatchOf(readings))
      const emitted = shaped({ drop_tags: ['pod'] }, [batch, batch])
      for (const { series, values, metricCounts } of emitted) {
        const found = series.map(({ metricKey, statistic }, index) => [
          `${metricKey} ${statistic}`,
          values[index],
        ])
        expect(Object.fromEntries(found)).toEqual({
          'c rate': 2,
          'c count': 20,
          'g value': 4,
          't count': 4,
          't mean': 4,
          't lower': 1,
          't upper': 10,
          't sum': 16,
          'alone value': 9,
        })
        expect(found).toHaveLength(9)
        expect(metricCounts).toEqual({ counter: 1, gauge: 2, timer: 1, set: 0 })
      }
      // The same objects each time.
      expect(emitted[0]?.series.every((identity, index) => identity === emitted[1]?.series[index])).toBe(true)
    })

    test('also with what has the name already, and means are right without counts', () => {
      const batch = rollingUp(
        flushBatchOf([
          ...timer('a', 1, 10, 10, 10),
          ...timer('b', 3, 2, 1, 4),
          { metricKey: 'g', type: 'gauge', statistic: 'value', value: 1 },
          { metricKey: 'h', type: 'gauge', statistic: 'value', value: 2 },
        ]),
      )
      const [combined] = shaped(
        {
          drop_tags: ['pod'],
          exclude: ['**.count'],
          rename: [{ match: 'stats.gauges.h', replace: 'stats.gauges.g' }],
        },
        [batch],
      )
      const found = combined?.series.map(({ key }, index) => [key, combined.values[index]])
      expect(Object.fromEntries(found ?? [])).toMatchObject({ 'stats.timers.t.mean': 4, 'stats.gauges.g': 2 })
      expect(found).toHaveLength(5)
    })

    test('are found also where many others have come and gone in between', () => {
      const emitted: FlushBatch[] = []
      const shaper = new BatchShaper({ drop_tags: ['pod'] }, (batch) => emitted.push(batch))
      const [first, second] = [gaugesOf(['g;pod=a']), gaugesOf(['g;pod=b'])]
      shaper.flush(first)
      for (let flush = 0; flush < 30; flush++)
        shaper.flush(gaugesOf(Array.from({ length: 1_000 }, (_, index) => `other${flush}_${index};pod=a`)))
      const series = [...first.series, ...second.series]
      shaper.flush({ ...first, series, values: Float64Array.of(1, 2) })
      expect(emitted.at(-1)).toMatchObject({ series: [{ metricKey: 'g' }], values: Float64Array.of(2) })
    })

    test('join what came for them', () => {
      const values = (pod: string, numbers: number[]) => ({
        metricKey: `t;pod=${pod}`,
        kind: 'timing' as const,
        values: Float64Array.from(numbers),
      })
      const details = {
        timers: [values('a', [10]), values('b', [1, 4, 1])],
        sets: [],
        idleGauges: ['g;pod=a', 'alone'],
      }
      const [combined] = shaped({ drop_tags: ['pod'] }, [{ ...flushBatchOf(readings), details }])
      expect(combined?.details).toEqual({
        timers: [{ metricKey: 't', kind: 'timing', values: Float64Array.of(10, 1, 4, 1) }],
        sets: [],
        idleGauges: ['alone'],
      })
    })

    test('leave out what means something else, and say so once', () => {
      const clashes: string[][] = []
      const emitted: FlushBatch[] = []
      const shaper = new BatchShaper(
        { rename: [{ match: '**', replace: 'same' }], drop_tags: ['pod'] },
        (batch) => emitted.push(batch),
        { onClash: ({ kept, leftOut }) => clashes.push([kept.statistic, leftOut.statistic]) },
      )
      for (let flush = 0; flush < 3; flush++) {
        // Another series each time: it is looked at anew.
        const more: ReadingSpec = { metricKey: `more${flush}`, type: 'gauge', statistic: 'value', value: 1 }
        shaper.flush(rollingUp(flushBatchOf([...readings, more])))
      }
      expect(emitted.map(({ series, values }) => [keysOf({ series }), ...values])).toEqual([
        [['same'], 2],
        [['same'], 2],
        [['same'], 2],
      ])
      expect(clashes).toEqual([['rate', 'count']])
    })
  })

  test('leave out the values of metrics that are left out', () => {
    const readings = ['api', 'db'].map(
      (metricKey): ReadingSpec => ({ metricKey, type: 'timer', statistic: 'mean', value: 1 }),
    )
    const timers = ['api', 'db'].map((metricKey) => ({
      metricKey,
      kind: 'timing' as const,
      values: Float64Array.of(1),
    }))
    const gauges = ['api', 'db'].map(
      (metricKey): ReadingSpec => ({ metricKey, type: 'gauge', statistic: 'value', value: 1 }),
    )
    const batch = {
      ...flushBatchOf([...readings, ...gauges]),
      details: { timers, sets: [], idleGauges: ['api', 'db'] },
    }
    const [kept] = shaped({ exclude: ['**.db.**', '**.db'], tags: [['k', 'v']] }, [batch])
    expect(kept?.details).toEqual({
      timers: [{ metricKey: 'api;k=v', kind: 'timing', values: Float64Array.of(1) }],
      sets: [],
      idleGauges: ['api;k=v'],
    })
  })
})

describe('fewer flushes', () => {
  const every6 = { flush_every: 6 }
  const flushAt = (index: number, readings: readonly ReadingSpec[]) =>
    flushBatchOf(readings, START_MS + (index + 1) * 10_000)

  test('fall on multiples of the longer interval, whenever it began', () => {
    const flushes = Array.from({ length: 15 }, (_, index) => flushAt(index + 3, []))
    expect(shaped(every6, flushes).map(({ timestampMs, intervalMs }) => [timestampMs, intervalMs])).toEqual([
      [START_MS + MINUTE_MS, 30_000],
      [START_MS + 2 * MINUTE_MS, MINUTE_MS],
      [START_MS + 3 * MINUTE_MS, MINUTE_MS],
    ])
  })

  test('wait for no flush that did not come', () => {
    const flushes = [0, 1, 7, 8].map((index) => flushAt(index, []))
    expect(shaped(every6, flushes).map(({ timestampMs }) => timestampMs)).toEqual([
      START_MS + 20_000,
      START_MS + 90_000,
    ])
  })

  test('merge each series as it rolls up', () => {
    const reading = (
      statistic: ReadingSpec['statistic'],
      type: ReadingSpec['type'],
      value: number,
      percentile?: number,
    ) => ({ metricKey: 'm', type, statistic, value, ...(percentile === undefined ? {} : { percentile }) })
    const batches = [
      [10, 1, 7, 2, 9, 4, 8, 3],
      [30, 3, 5, 1, 8, 8, 2, 6],
    ].map((values, index) => {
      const batch = flushAt(index, [
        reading('count', 'timer', values[0] ?? 0),
        reading('rate', 'counter', values[1] ?? 0),
        reading('value', 'gauge', values[2] ?? 0),
        reading('lower', 'timer', values[3] ?? 0),
        reading('upper', 'timer', values[4] ?? 0),
        reading('mean', 'timer', values[5] ?? 0),
        reading('count', 'timer', values[6] ?? 0, 90),
        reading('mean', 'timer', values[7] ?? 0, 90),
      ])
      return batch
    })
    const [first, second] = batches
    const series = (first?.series ?? []).map((identity) => ({
      ...identity,
      rollup: ROLLUPS[identity.statistic as keyof typeof ROLLUPS],
    }))
    const merged = shaped({ flush_every: 2 }, [
      { ...(first as FlushBatch), series },
      { ...(second as FlushBatch), series },
    ])
    expect(merged).toHaveLength(1)
    expect([...(merged[0]?.values ?? [])]).toEqual([
      40, 2, 5, 1, 9,
      // 10 values of 4 and 30 of 8; of the percentile 8 of 3 and 2 of 6.
      7, 10, 3.6,
    ])
  })

  test('count a flush without the series as a rate of 0', () => {
    const rate: ReadingSpec = { metricKey: 'hits', type: 'counter', statistic: 'rate', value: 6 }
    const flush = flushAt(0, [rate])
    const series = flush.series.map((identity) => ({ ...identity, rollup: 'mean' as const }))
    const [merged] = shaped({ flush_every: 3 }, [{ ...flush, series }, flushAt(1, []), flushAt(2, [])])
    expect([...(merged?.values ?? [])]).toEqual([2])
  })

  test('have the values of all', () => {
    const timer = (values: number[], weights?: number[]) => ({
      metricKey: 't',
      kind: 'timing' as const,
      values: Float64Array.from(values),
      ...(weights === undefined ? {} : { weights: Float64Array.from(weights) }),
    })
    const [merged] = shaped({ flush_every: 2 }, [
      {
        ...flushAt(0, []),
        details: {
          timers: [timer([1, 2])],
          sets: [{ metricKey: 's', members: ['a', 'b'] }],
          idleGauges: ['g', 'h'],
        },
      },
      {
        ...flushAt(1, []),
        details: {
          timers: [timer([3], [10])],
          sets: [{ metricKey: 's', members: ['b', 'c'] }],
          idleGauges: ['h', 'i'],
        },
      },
    ])
    expect(merged?.details).toEqual({
      timers: [timer([1, 2, 3], [1, 1, 10])],
      sets: [{ metricKey: 's', members: ['a', 'b', 'c'] }],
      idleGauges: ['h'],
    })
  })
})
