import { describe, expect, test } from 'vitest'
import { createNaming, type NamingOptions } from './naming.ts'

describe('series are named as etsy names them in its modern namespace', () => {
  const naming = createNaming()

  test('counters', () => {
    expect(naming.counter('api;env=prod')).toEqual({
      count: {
        key: 'stats.counters.api.count;env=prod',
        metricKey: 'api;env=prod',
        metricType: 'counter',
        statistic: 'count',
        rollup: 'sum',
      },
      rate: {
        key: 'stats.counters.api.rate;env=prod',
        metricKey: 'api;env=prod',
        metricType: 'counter',
        statistic: 'rate',
        rollup: 'mean',
      },
    })
  })

  test('gauges and sets', () => {
    expect(naming.gauge('a.b;k=v')).toEqual({
      key: 'stats.gauges.a.b;k=v',
      metricKey: 'a.b;k=v',
      metricType: 'gauge',
      statistic: 'value',
      rollup: 'last',
    })
    expect(naming.set('__proto__')).toEqual({
      key: 'stats.sets.__proto__.count',
      metricKey: '__proto__',
      metricType: 'set',
      statistic: 'count',
      rollup: 'max',
    })
  })

  test('timers, with how each statistic merges into a coarser interval', () => {
    const { percentiles, ...rest } = naming.timer('t;k=v', [90, 99.9, -10])
    const named = [rest, ...percentiles].flatMap((identities) =>
      Object.values(identities).map(({ key, rollup, percentile }) => [key, rollup, percentile]),
    )
    expect(named).toEqual([
      ['stats.timers.t.count;k=v', 'sum', undefined],
      ['stats.timers.t.count_ps;k=v', 'mean', undefined],
      ['stats.timers.t.lower;k=v', 'min', undefined],
      ['stats.timers.t.upper;k=v', 'max', undefined],
      ['stats.timers.t.mean;k=v', 'mean', undefined],
      ['stats.timers.t.median;k=v', 'mean', undefined],
      ['stats.timers.t.std;k=v', 'mean', undefined],
      ['stats.timers.t.sum;k=v', 'sum', undefined],
      ['stats.timers.t.sum_squares;k=v', 'sum', undefined],
      ['stats.timers.t.count_90;k=v', 'sum', 90],
      ['stats.timers.t.mean_90;k=v', 'mean', 90],
      ['stats.timers.t.upper_90;k=v', 'max', 90],
      ['stats.timers.t.sum_90;k=v', 'sum', 90],
      ['stats.timers.t.sum_squares_90;k=v', 'sum', 90],
      ['stats.timers.t.count_99_9;k=v', 'sum', 99.9],
      ['stats.timers.t.mean_99_9;k=v', 'mean', 99.9],
      ['stats.timers.t.upper_99_9;k=v', 'max', 99.9],
      ['stats.timers.t.sum_99_9;k=v', 'sum', 99.9],
      ['stats.timers.t.sum_squares_99_9;k=v', 'sum', 99.9],
      ['stats.timers.t.count_top10;k=v', 'sum', -10],
      ['stats.timers.t.mean_top10;k=v', 'mean', -10],
      ['stats.timers.t.lower_top10;k=v', 'min', -10],
      ['stats.timers.t.sum_top10;k=v', 'sum', -10],
      ['stats.timers.t.sum_squares_top10;k=v', 'sum', -10],
    ])
  })
})

const cases: [NamingOptions, string, string][] = [
  [{ globalPrefix: '' }, 'counters.a.count;k=v', 'gauges.a;k=v'],
  [{ counterPrefix: '', gaugePrefix: '' }, 'stats.a.count;k=v', 'stats.a;k=v'],
  [{ globalPrefix: '', counterPrefix: '', gaugePrefix: '' }, 'a.count;k=v', 'a;k=v'],
  [{ globalPrefix: 'x.y', counterPrefix: 'c', gaugePrefix: 'g' }, 'x.y.c.a.count;k=v', 'x.y.g.a;k=v'],
  [{ globalSuffix: 'host1' }, 'stats.counters.a.count.host1;k=v', 'stats.gauges.a.host1;k=v'],
]

test.each(cases)('%j leaves out what is empty', (options, counterKey, gaugeKey) => {
  const naming = createNaming(options)
  expect(naming.counter('a;k=v').count.key).toBe(counterKey)
  expect(naming.gauge('a;k=v').key).toBe(gaugeKey)
})
