import { expect, test } from 'vitest'
import { joinSeries } from '../../formats/point-columns/join-series.ts'
import type { Rollup } from '../../model/series-identity.ts'
import { Sample } from './sample.ts'

type Points = readonly (readonly [timeMs: number, value: number])[]

function verified(sent: Points, found: Points, rollup: Rollup = 'mean'): Promise<number> {
  const sample = new Sample(1)
  const columns = (points: Points) => ({
    timesMs: Float64Array.from(points, ([timeMs]) => timeMs),
    values: Float64Array.from(points, ([, value]) => value),
  })
  sample.see({ key: 'a', rollup }, 0, { ...columns(sent), count: sent.length })
  return sample.verify({ points: () => Promise.resolve(joinSeries([{ key: 'a', ...columns(found) }])) })
}

const SENT: Points = [10, 20, 30, 40, 50, 60].map((timeMs) => [timeMs, timeMs * 2])

test('what is as it was sent is right', async () => {
  expect(await verified(SENT, SENT)).toBe(6)
})

test('what has been rolled up by now is right when its value follows from what was sent', async () => {
  expect(
    await verified(SENT, [
      [10, 30],
      [30, 70],
      [50, 110],
    ]),
  ).toBe(4)
  expect(
    await verified(
      SENT,
      [
        [10, 0],
        [30, 140],
        [50, 220],
      ],
      'sum',
    ),
  ).toBe(4)
  expect(
    await verified(
      SENT,
      [
        [30, 80],
        [50, 120],
      ],
      'max',
    ),
  ).toBe(2)
  expect(
    await verified(
      SENT,
      [
        [30, 60],
        [50, 100],
      ],
      'min',
    ),
  ).toBe(2)
  expect(
    await verified(
      SENT,
      [
        [30, 80],
        [50, 120],
      ],
      'last',
    ),
  ).toBe(2)
})

test('what is older than all that is there was not to be kept', async () => {
  expect(
    await verified(SENT, [
      [50, 100],
      [60, 120],
    ]),
  ).toBe(2)
  expect(await verified(SENT, [])).toBe(0)
})

test.each([
  [
    'a value is another',
    [
      [10, 20],
      [20, 41],
      [30, 60],
      [40, 80],
      [50, 100],
      [60, 120],
    ],
  ],
  [
    'a point is missing',
    [
      [10, 20],
      [20, 40],
      [40, 80],
      [50, 100],
      [60, 120],
    ],
  ],
  [
    'the last point is missing',
    [
      [10, 20],
      [20, 40],
      [30, 60],
      [40, 80],
      [50, 100],
    ],
  ],
] as [string, Points][])('%s: that is told', async (_what, found) => {
  await expect(verified(SENT, found)).rejects.toThrow('are not what was sent; the first is of "a" at 1970')
})

test('only some series are looked at, and only so many of their points', async () => {
  const sample = new Sample(1_000)
  const many = Array.from({ length: 3_000 }, (_, index) => index + 1)
  const columns = { timesMs: Float64Array.from(many), values: Float64Array.from(many), count: many.length }
  for (let number = 0; number < 1_000; number++)
    sample.see({ key: `s${number}`, rollup: 'mean' }, number, columns)
  const asked: string[] = []
  const right = await sample.verify({
    points(series) {
      asked.push(...series.map(({ key }) => key))
      return Promise.resolve(joinSeries([{ key: 's', ...columns }]))
    },
  })
  expect(asked).toHaveLength(20)
  expect(right).toBe(20_000)
})
