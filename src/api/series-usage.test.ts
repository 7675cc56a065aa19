import { expect, test } from 'vitest'
import { mergeUsage, SeriesUsage } from './series-usage.ts'

const panel = (dashboard: string, name: string | null = null) => ({ dashboard, panel: name })
const all = { dashboard: undefined, limit: 1_000_000 }

test('a series is counted by panel, and what was read last comes first', () => {
  const usage = new SeriesUsage()
  usage.record(['a', 'b'], panel('12', '3'), 1_000)
  usage.record(['c'], undefined, 2_000)
  usage.record(['a'], panel('12', '3'), 3_000)
  usage.record(['a'], panel('12', '4'), 3_000)
  expect(usage.list(all)).toEqual([
    {
      key: 'a',
      uses: [
        { origin: panel('12', '3'), count: 2, lastMs: 3_000 },
        { origin: panel('12', '4'), count: 1, lastMs: 3_000 },
      ],
    },
    { key: 'c', uses: [{ origin: null, count: 1, lastMs: 2_000 }] },
    { key: 'b', uses: [{ origin: panel('12', '3'), count: 1, lastMs: 1_000 }] },
  ])
  expect(usage.list({ dashboard: '12', limit: 1 }).map(({ key }) => key)).toEqual(['a'])
  expect(usage.list({ dashboard: '13', limit: 1 })).toEqual([])
})

test('it is told when the children of a prefix were read last, and for whom', () => {
  const usage = new SeriesUsage()
  usage.record(['a.b.c', 'a.b;x=y', 'd'], panel('12'), 1_000)
  usage.record(['a.b.c'], undefined, 3_000)
  usage.record(['a.b.c'], panel('12'), 2_000)
  const never = { lastMs: 0, origin: null }
  const first = { lastMs: 1_000, origin: panel('12') }
  expect(usage.lastReads('a', ['a.b', 'a.c'])).toEqual([{ lastMs: 3_000, origin: null }, never])
  expect(usage.lastReads('', ['a', 'd', ''])).toEqual([{ lastMs: 3_000, origin: null }, first, never])
  expect(usage.lastReads(';x', [';x=y', ';x=z'])).toEqual([first, never])
})

test('of the panels of a series, those stay that read it last', () => {
  const usage = new SeriesUsage()
  for (let index = 0; index < 12; index++) usage.record(['a'], panel(`${index}`), index)
  const [a] = usage.list(all)
  expect(a?.uses.map(({ origin }) => origin?.dashboard)).toEqual([
    '2',
    '3',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    '10',
    '11',
  ])
})

test('however many series and dashboards there are, only so many are remembered', () => {
  const usage = new SeriesUsage()
  usage.record(['first'], undefined, 0)
  usage.record(
    Array.from({ length: 200_000 }, (_value, index) => `s${index}`),
    undefined,
    1,
  )
  expect(usage.list(all)).toHaveLength(180_000)
  expect(usage.list(all).some(({ key }) => key === 'first')).toBe(false)
  for (let index = 0; index < 10_001; index++) usage.record(['last'], panel(`${index}`), index)
  expect(usage.list({ ...all, limit: 1 })[0]?.uses.at(-1)).toEqual({ origin: null, count: 1, lastMs: 10_000 })
})

test('what several threads say is added up', () => {
  const one = { key: 'a', uses: [{ origin: panel('1'), count: 2, lastMs: 10 }] }
  const other = {
    key: 'a',
    uses: [
      { origin: panel('1'), count: 3, lastMs: 20 },
      { origin: null, count: 1, lastMs: 30 },
    ],
  }
  const third = { key: 'b', uses: [{ origin: null, count: 1, lastMs: 5 }] }
  expect(mergeUsage([[one], [third, other]], 10)).toEqual([
    {
      key: 'a',
      uses: [
        { origin: null, count: 1, lastMs: 30 },
        { origin: panel('1'), count: 5, lastMs: 20 },
      ],
    },
    third,
  ])
  expect(mergeUsage([[one], [third]], 1)).toHaveLength(1)
})
