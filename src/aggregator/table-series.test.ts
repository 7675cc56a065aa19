import { expect, test } from 'vitest'
import { copyOfIdentity } from '../model/series-identity.ts'
import { CounterTable } from './counter-table.ts'
import { FlushRoom } from './flush-room.ts'
import { FlushRows } from './flush-rows.ts'
import { createSeriesForm } from './series-form.ts'

const HEAD = {
  timestampMs: 10_000,
  intervalMs: 10_000,
  metricCounts: { counter: 0, gauge: 0, timer: 0, set: 0 },
}

function scene() {
  const options = { type: 'counter', idleTimeoutMs: 0, admission: undefined } as const
  const table = new CounterTable(createSeriesForm({}), options)
  const room = new FlushRoom()
  let timestampMs = 0
  return {
    table,
    count: (key: string, sum: number) => table.add(table.hold(key), sum),
    flush: () => {
      const rows = new FlushRows(10_000, {}, room)
      table.flush(rows, (timestampMs += 10_000))
      return rows.toBatch(HEAD)
    },
  }
}

test('while the metrics are the same, so are the series, and their array', () => {
  const { count, flush } = scene()
  count('a', 1)
  count('b', 2)
  const first = flush()
  count('a', 3)
  count('b', 4)
  const second = flush()
  expect(second.series).toBe(first.series)
  expect([...second.values]).toEqual([0.3, 3, 0.4, 4])
  count('a', 5)
  count('b', 6)
  count('c', 7)
  const third = flush()
  expect(third.series.slice(0, 4)).toEqual(first.series)
  expect(third.series[0]).toBe(first.series[0])
  expect(third.series.map(({ key }) => key).slice(4)).toEqual([
    'stats.counters.c.rate',
    'stats.counters.c.count',
  ])
  expect(first.series.length).toBe(4)
})

test('whoever still has a series of a metric that was forgotten has it as it was, whoever has its slot now', () => {
  const { count, flush, table } = scene()
  count('gone', 1)
  const { series } = flush()
  const before = series.map(copyOfIdentity)
  expect(before[1]).toEqual({
    key: 'stats.counters.gone.count',
    metricKey: 'gone',
    metricType: 'counter',
    statistic: 'count',
    rollup: 'sum',
  })
  table.delete('gone')
  count('come', 1)
  const next = flush()
  expect(next.series.map(({ key }) => key)).toEqual(['stats.counters.come.rate', 'stats.counters.come.count'])
  expect(series.map(copyOfIdentity)).toEqual(before)
})

test('series that are called otherwise from now on are others', () => {
  const { count, flush, table } = scene()
  count('a', 1)
  const { series } = flush()
  table.reform(createSeriesForm({ naming: { legacyNamespace: true } }))
  count('a', 2)
  expect(flush().series.map(({ key }) => key)).toEqual(['stats.a', 'stats_counts.a'])
  expect(series.map(({ key }) => key)).toEqual(['stats.counters.a.rate', 'stats.counters.a.count'])
})

test('a flush without rows has none, whatever the one before had', () => {
  const { count, flush, table } = scene()
  count('a', 1)
  expect(flush().series.length).toBe(2)
  table.delete('a')
  const { series, values } = flush()
  expect([series.length, values.length]).toEqual([0, 0])
})
