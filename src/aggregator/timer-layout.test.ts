import { expect, test } from 'vitest'
import { statisticName } from '../model/series-identity.ts'
import { createTimerLayouts, type TimerLayoutOptions } from './timer-layout.ts'

const NOTHING: TimerLayoutOptions = { percentiles: [], histogram: [], calculatedTimerMetrics: [] }

function namesOf(options: Partial<TimerLayoutOptions>, key = 'api.time'): string[] {
  return createTimerLayouts({ ...NOTHING, ...options })(key).columns.map(({ meaning }) =>
    statisticName(meaning),
  )
}

const whitelists: [calculatedTimerMetrics: string[], wanted: string[]][] = [
  [
    ['upper', 'count_ps'],
    ['upper', 'count_ps'],
  ],
  [['upper_percent'], ['upper_90']],
  [
    ['lower_percent', 'sum_squares_percent'],
    ['sum_squares_90', 'lower_top10', 'sum_squares_top10'],
  ],
  // The digits at the end are all that is cleaned.
  [['upper_99_percent'], ['upper_99_9']],
  [['lower_top0_percent'], ['lower_top0_5']],
  [['upper_90'], []],
  [['histogram'], ['histogram.bin_1_5', 'histogram.bin_inf']],
  [['histogram.bin_percent'], []],
  [['__proto__'], []],
]

test.each(whitelists)('%j leaves %j', (calculatedTimerMetrics, wanted) => {
  const histogram = [{ metric: '', upperEdges: [1.5, Number.POSITIVE_INFINITY] }]
  const percentiles = [90, 99.9, -10, -0.5]
  expect(namesOf({ percentiles, histogram, calculatedTimerMetrics })).toEqual(wanted)
})

test('the first rule whose text is in the key gives the histogram', () => {
  const histogram = [
    { metric: 'off', upperEdges: [] },
    { metric: 'abc', upperEdges: [1, 2.21] },
    { metric: 'host=web', upperEdges: [7] },
    { metric: 'a', upperEdges: [-10, 0.01, 1000] },
  ]
  const binsOf = (key: string) => namesOf({ histogram }, key).filter((name) => name.startsWith('histogram'))
  expect(binsOf('xabcx')).toEqual(['histogram.bin_1', 'histogram.bin_2_21'])
  expect(binsOf('a.off.abc')).toEqual([])
  expect(binsOf('b;host=web1')).toEqual(['histogram.bin_7'])
  expect(binsOf('a;host=db')).toEqual(['histogram.bin_-10', 'histogram.bin_0_01', 'histogram.bin_1000'])
  expect(binsOf('xyz')).toEqual([])
})

test('timers of one rule share one layout', () => {
  const layoutOf = createTimerLayouts({ ...NOTHING, histogram: [{ metric: 'a', upperEdges: [1] }] })
  expect(layoutOf('a1')).toBe(layoutOf('a2'))
  expect(layoutOf('x')).toBe(layoutOf('y'))
})
