import { describe, expect, test } from 'vitest'
import { createNaming, type NamingOptions } from './naming.ts'
import { createTimerLayouts } from './timer-layout.ts'

const layoutOf = createTimerLayouts({
  percentiles: [90, 99.9, -10],
  histogram: [{ metric: 't', upperEdges: [0.01, Number.POSITIVE_INFINITY] }],
  calculatedTimerMetrics: [],
})

describe('series are named as etsy names them in its modern namespace', () => {
  const naming = createNaming()

  test('counters', () => {
    expect(naming.counter('api;env=prod')).toEqual({
      rate: {
        key: 'stats.counters.api.rate;env=prod',
        metricKey: 'api;env=prod',
        metricType: 'counter',
        statistic: 'rate',
        rollup: 'mean',
      },
      count: {
        key: 'stats.counters.api.count;env=prod',
        metricKey: 'api;env=prod',
        metricType: 'counter',
        statistic: 'count',
        rollup: 'sum',
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

  test('timers, in its order, with how each statistic merges into a coarser interval', () => {
    const named = naming
      .timer('t;k=v', layoutOf('t;k=v'))
      .map(({ key, rollup, percentile, upperEdge }) => [key, rollup, percentile ?? upperEdge])
    expect(named).toEqual([
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
      ['stats.timers.t.std;k=v', 'mean', undefined],
      ['stats.timers.t.upper;k=v', 'max', undefined],
      ['stats.timers.t.lower;k=v', 'min', undefined],
      ['stats.timers.t.count;k=v', 'sum', undefined],
      ['stats.timers.t.count_ps;k=v', 'mean', undefined],
      ['stats.timers.t.sum;k=v', 'sum', undefined],
      ['stats.timers.t.sum_squares;k=v', 'sum', undefined],
      ['stats.timers.t.mean;k=v', 'mean', undefined],
      ['stats.timers.t.median;k=v', 'mean', undefined],
      ['stats.timers.t.histogram.bin_0_01;k=v', 'sum', 0.01],
      ['stats.timers.t.histogram.bin_inf;k=v', 'sum', Number.POSITIVE_INFINITY],
    ])
  })
})

type Kind = 'rate' | 'count' | 'timer' | 'gauge' | 'set' | 'numStats' | 'processing_time' | 'own'

function keysOf(options: NamingOptions): Record<Kind, string> {
  const naming = createNaming(options)
  const key = 'a.b;k=v'
  const { rate, count } = naming.counter(key)
  return {
    rate: rate.key,
    count: count.key,
    timer: naming.timer(key, layoutOf(key)).find(({ statistic }) => statistic === 'std')?.key ?? '',
    gauge: naming.gauge(key).key,
    set: naming.set(key).key,
    numStats: naming.own('numStats', 'last', 'top').key,
    processing_time: naming.own('processing_time', 'mean').key,
    own: naming.ownMetric('packets_received'),
  }
}

const empty = { globalPrefix: '', counterPrefix: '', gaugePrefix: '', timerPrefix: '', setPrefix: '' }

const cases: [about: string, NamingOptions, Record<Kind, string>][] = [
  [
    'the modern namespace',
    {},
    {
      rate: 'stats.counters.a.b.rate;k=v',
      count: 'stats.counters.a.b.count;k=v',
      timer: 'stats.timers.a.b.std;k=v',
      gauge: 'stats.gauges.a.b;k=v',
      set: 'stats.sets.a.b.count;k=v',
      numStats: 'stats.statsd.numStats',
      processing_time: 'stats.statsd.processing_time',
      own: 'statsd.packets_received',
    },
  ],
  [
    'the legacy namespace, which takes no notice of prefixes',
    { legacyNamespace: true, globalPrefix: 'x', counterPrefix: 'x', timerPrefix: '', setPrefix: 'x' },
    {
      rate: 'stats.a.b;k=v',
      count: 'stats_counts.a.b;k=v',
      timer: 'stats.timers.a.b.std;k=v',
      gauge: 'stats.gauges.a.b;k=v',
      set: 'stats.sets.a.b.count;k=v',
      numStats: 'statsd.numStats',
      processing_time: 'stats.statsd.processing_time',
      own: 'statsd.packets_received',
    },
  ],
  [
    'the legacy namespace with a suffix and a prefix of its own series',
    { legacyNamespace: true, globalSuffix: 'host1', statsPrefix: 'kymo' },
    {
      rate: 'stats.a.b.host1;k=v',
      count: 'stats_counts.a.b.host1;k=v',
      timer: 'stats.timers.a.b.std.host1;k=v',
      gauge: 'stats.gauges.a.b.host1;k=v',
      set: 'stats.sets.a.b.count.host1;k=v',
      numStats: 'kymo.numStats.host1',
      processing_time: 'stats.kymo.processing_time.host1',
      own: 'kymo.packets_received',
    },
  ],
  [
    'prefixes and a suffix of one’s own',
    {
      globalPrefix: 'x.y',
      counterPrefix: 'c',
      gaugePrefix: 'g',
      timerPrefix: 't',
      setPrefix: 's',
      globalSuffix: 'z',
    },
    {
      rate: 'x.y.c.a.b.rate.z;k=v',
      count: 'x.y.c.a.b.count.z;k=v',
      timer: 'x.y.t.a.b.std.z;k=v',
      gauge: 'x.y.g.a.b.z;k=v',
      set: 'x.y.s.a.b.count.z;k=v',
      numStats: 'x.y.statsd.numStats.z',
      processing_time: 'x.y.statsd.processing_time.z',
      own: 'statsd.packets_received',
    },
  ],
  [
    'nothing in front: what is empty is left out, with its dot',
    { ...empty, statsPrefix: '' },
    {
      rate: 'a.b.rate;k=v',
      count: 'a.b.count;k=v',
      timer: 'a.b.std;k=v',
      gauge: 'a.b;k=v',
      set: 'a.b.count;k=v',
      numStats: 'numStats',
      processing_time: 'processing_time',
      own: 'packets_received',
    },
  ],
  [
    'nothing by type',
    { ...empty, globalPrefix: 'stats' },
    {
      rate: 'stats.a.b.rate;k=v',
      count: 'stats.a.b.count;k=v',
      timer: 'stats.a.b.std;k=v',
      gauge: 'stats.a.b;k=v',
      set: 'stats.a.b.count;k=v',
      numStats: 'stats.statsd.numStats',
      processing_time: 'stats.statsd.processing_time',
      own: 'statsd.packets_received',
    },
  ],
]

test.each(cases)('names in %s', (_about, options, keys) => {
  expect(keysOf(options)).toEqual(keys)
})
