import { describe, expect, test } from 'vitest'
import { decodePartial } from '../formats/partial-aggregate/decode.ts'
import { encodePartial } from '../formats/partial-aggregate/encode.ts'
import type { PartialAggregate } from '../model/partial-aggregate.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { timerSketchAt } from '../model/timer-sketch.ts'
import { FlushRows } from './flush-rows.ts'
import { createNaming } from './naming.ts'
import { PartialBuilder } from './partial-builder.ts'
import { TimerMetric } from './timer.ts'
import { createTimerLayouts } from './timer-layout.ts'
import type { TimerWeighting } from './timer-statistics.ts'

const layout = createTimerLayouts({
  percentiles: [90, -10],
  histogram: [{ metric: '', upperEdges: [50, Number.POSITIVE_INFINITY] }],
  calculatedTimerMetrics: [],
})('t')
const HEAD = {
  timestampMs: 10_000,
  intervalMs: 10_000,
  metricCounts: { counter: 0, gauge: 0, timer: 1, set: 0 },
}
const identities = createNaming().timer('t', layout)

function newTimer(exactValues: number, weighting: TimerWeighting = 'all'): TimerMetric {
  return new TimerMetric({ layout, weighting, exactValues })
}

function flushed(timer: TimerMetric): Map<string, number> {
  const rows = new FlushRows(10_000)
  rows.begin({ identityOf: (_, column) => identities[column] as SeriesIdentity })
  timer.flush(0, rows)
  const { series, values } = rows.toBatch(HEAD)
  return new Map(series.map(({ key }, i) => [key.replace('stats.timers.t.', ''), values[i] ?? Number.NaN]))
}

function saved(timer: TimerMetric): PartialAggregate {
  const builder = new PartialBuilder()
  timer.save(1, builder)
  return decodePartial(encodePartial(builder.build(0)))
}

function addHundred(timer: TimerMetric, weight = 1): void {
  for (let value = 1; value <= 100; value++) timer.add(value, weight)
}

const EXACT = ['count', 'count_ps', 'sum', 'sum_squares', 'mean', 'std', 'lower', 'upper']

describe.each<TimerWeighting>(['all', 'count'])('where rates weigh %s', (weighting) => {
  test('as many values as the bound says are exact, and one more makes the order of values approximate', () => {
    const [bounded, exact] = [newTimer(100, weighting), newTimer(1_000, weighting)]
    for (const timer of [bounded, exact]) addHundred(timer, 2)
    expect(flushed(bounded)).toEqual(flushed(exact))

    for (const timer of [bounded, exact]) {
      addHundred(timer, 2)
      timer.add(77, 4)
    }
    const [actual, wanted] = [flushed(bounded), flushed(exact)]
    expect([...actual.keys()]).toEqual([...wanted.keys()])
    for (const [name, value] of wanted) {
      const share = Math.abs((actual.get(name) ?? Number.NaN) / value - 1)
      expect(share, name).toBeLessThanOrEqual(EXACT.includes(name) ? 1e-12 : 0.022)
    }
    expect(actual.get('median')).not.toBe(wanted.get('median'))
  })

  test('the next interval is exact again', () => {
    const [bounded, fresh] = [newTimer(10, weighting), newTimer(10, weighting)]
    addHundred(bounded)
    flushed(bounded)
    for (const timer of [bounded, fresh]) timer.add(33, 10)
    expect(flushed(bounded)).toEqual(flushed(fresh))
    expect(flushed(bounded)).toEqual(
      new Map([
        ['count_ps', 0],
        ['count', 0],
      ]),
    )
  })

  test('values and sketches of one metric come together in any order', () => {
    const whole = newTimer(10, weighting)
    const [few, many] = [newTimer(10, weighting), newTimer(10, weighting)]
    for (const timer of [whole, few]) {
      timer.add(7, 1)
      timer.add(3, 5)
    }
    for (const timer of [whole, many]) addHundred(timer, 2)
    const { timers } = saved(few)
    const { timerSketches } = saved(many)
    expect([timers.ids.length, timerSketches.ids.length]).toEqual([2, 1])
    const addValues = (timer: TimerMetric) => {
      for (const [row, value] of timers.values.entries()) timer.add(value, timers.weights[row] ?? 0)
    }
    const [first, last] = [newTimer(10, weighting), newTimer(10, weighting)]
    addValues(first)
    first.mergeSketch(timerSketchAt(timerSketches, 0))
    last.mergeSketch(timerSketchAt(timerSketches, 0))
    addValues(last)
    const wanted = flushed(whole)
    for (const actual of [flushed(first), flushed(last)]) {
      expect([...actual.keys()]).toEqual([...wanted.keys()])
      for (const [name, value] of wanted)
        expect(Math.abs((actual.get(name) ?? Number.NaN) - value), name).toBeLessThanOrEqual(value * 1e-12)
    }
  })
})

test('the first values of the open interval can be looked at, also when there are too many to keep', () => {
  const timer = newTimer(5)
  addHundred(timer)
  expect(timer.openValues(3)).toEqual({ values: [1, 2, 3], valueCount: 100 })
  expect(timer.openValues(10)).toEqual({ values: [1, 2, 3, 4, 5], valueCount: 100 })
  const other = newTimer(5)
  other.mergeSketch(timerSketchAt(saved(timer).timerSketches, 0))
  expect(other.openValues(3)).toEqual({ values: [], valueCount: 0 })
})
