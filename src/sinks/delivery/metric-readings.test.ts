import { expect, test } from 'vitest'
import { flushBatchOf, pointBatchOf } from '../testdata/batches.ts'
import { partedByFiniteness, problemOfValue, readingsOfFlush, readingsOfPoints } from './metric-readings.ts'

test('brings the series of a metric together, wherever they stand', () => {
  const batch = flushBatchOf([
    { metricKey: 'a', type: 'timer', statistic: 'count', value: 1 },
    { metricKey: '__proto__', type: 'gauge', statistic: 'value', value: 2 },
    { metricKey: 'a', type: 'counter', statistic: 'count', value: 3 },
    { metricKey: 'a', type: 'timer', statistic: 'upper', percentile: 99.9, value: 4 },
  ])
  const readings = readingsOfFlush(batch)
  expect(
    readings.map(({ metricKey, metricType, statistics }) => [metricKey, metricType, statistics]),
  ).toEqual([
    [
      'a',
      'timer',
      [
        ['count', 1],
        ['upper_99_9', 4],
      ],
    ],
    ['__proto__', 'gauge', [['value', 2]]],
    ['a', 'counter', [['count', 3]]],
  ])
  expect(
    readings.every(({ timeMs, intervalMs }) => timeMs === batch.timestampMs && intervalMs === 10_000),
  ).toBe(true)
  expect(readings[0]?.identity).toBe(batch.series[0])
})

test('gives each point its own time, and no interval', () => {
  const batch = pointBatchOf(['a', 'a'])
  expect([...readingsOfPoints(batch)].map(({ timeMs, intervalMs }) => [timeMs, intervalMs])).toEqual(
    Array.from(batch.timesMs, (timeMs) => [timeMs, undefined]),
  )
})

test('parts what is not finite from what is', () => {
  const batch = flushBatchOf([
    { metricKey: 'a', type: 'timer', statistic: 'count', value: 1 },
    { metricKey: 'a', type: 'timer', statistic: 'sum', value: Number.POSITIVE_INFINITY },
    { metricKey: 'a', type: 'timer', statistic: 'mean', value: Number.NaN },
    { metricKey: 'a', type: 'timer', statistic: 'upper', value: 2 },
    { metricKey: 'b', type: 'gauge', statistic: 'value', value: Number.NaN },
  ])
  const parted = [...partedByFiniteness(readingsOfFlush(batch))]
  expect(
    parted.map((reading) => [reading.metricKey, reading.statistics.length, problemOfValue(reading)]),
  ).toEqual([
    ['a', 2, undefined],
    ['a', 1, 'the value is not a finite number'],
    ['a', 1, 'the value is not a finite number'],
    ['b', 1, 'the value is not a finite number'],
  ])
})
