import { describe, expect, test } from 'vitest'
import { consolidateToFit, consolidateValues } from './consolidate.ts'
import { fetchWindow } from './fetch-window.ts'
import type { Consolidation, QuerySeries } from './query-series.ts'

const _ = Number.NaN

function series(values: readonly number[], changes: Partial<QuerySeries> = {}): QuerySeries {
  const startSeconds = changes.startSeconds ?? 1_700_006_460
  const stepSeconds = changes.stepSeconds ?? 60
  return {
    name: 'a',
    pathExpression: 'a',
    tags: {},
    consolidation: 'average',
    xFilesFactor: 0,
    ...changes,
    startSeconds,
    stepSeconds,
    endSeconds: startSeconds + values.length * stepSeconds,
    values: new Float64Array(values),
  }
}

describe('a bucket', () => {
  const cases: [consolidation: Consolidation, values: number[], wanted: number[]][] = [
    ['average', [1, 2, _, 4, _, _, _, 5], [1.5, 4, _, 5]],
    ['avg_zero', [1, 2, _, 4, _, _, _, 5], [1.5, 2, _, 2.5]],
    ['sum', [1, 2, _, 4, _, _, _, 5], [3, 4, _, 5]],
    ['max', [1, 2, -4, -3, _, _, _, 5], [2, -3, _, 5]],
    ['min', [1, 2, -4, -3, _, _, _, 5], [1, -4, _, 5]],
    ['first', [1, 2, _, 4, _, _, 5, _], [1, 4, _, 5]],
    ['last', [1, 2, _, 4, _, _, 5, _], [2, 4, _, 5]],
  ]
  test.each(cases)('%s takes %j to %j', (consolidation, values, wanted) => {
    expect([...consolidateValues(new Float64Array(values), 2, { consolidation, xFilesFactor: 0 })]).toEqual(
      wanted,
    )
  })

  test('that is partial is averaged over what it has, zeros only for its own nulls', () => {
    const values = new Float64Array([1, 1, 1, 4, _])
    expect([...consolidateValues(values, 3, { consolidation: 'average', xFilesFactor: 0 })]).toEqual([1, 4])
    expect([...consolidateValues(values, 3, { consolidation: 'avg_zero', xFilesFactor: 0 })]).toEqual([1, 2])
  })

  test.each([
    [0, [1, 2, 3, 4]],
    [0.5, [1, 2, _, _]],
    [0.75, [1, _, _, _]],
    [1, [1, _, _, _]],
  ])('needs the share %d of its full length, also when it is partial', (xFilesFactor, wanted) => {
    const values = new Float64Array([1, 1, 1, 1, 2, 2, _, _, 3, _, _, _, 4])
    const got = consolidateValues(values, 4, { consolidation: 'average', xFilesFactor })
    expect([...got]).toEqual(wanted)
  })
})

describe('maxDataPoints', () => {
  const thirty = Array.from({ length: 30 }, (_value, index) => index)

  test('10 of 30 points: labels are multiples of the bucket, which begins one step before its label', () => {
    const window = fetchWindow({ fromSeconds: 1_700_006_400, untilSeconds: 1_700_008_200, stepSeconds: 60 })
    expect(window).toMatchObject({ startSeconds: 1_700_006_460, endSeconds: 1_700_008_260, slotCount: 30 })
    const [one] = consolidateToFit([series(thirty)], 10)
    expect(one?.stepSeconds).toBe(180)
    expect(one?.startSeconds).toBe(1_700_006_580)
    expect((one?.startSeconds ?? 0) % 180).toBe(0)
    // The points from 120 s after `from` to 240 s after it come first.
    expect([...(one?.values ?? [])]).toEqual([2, 5, 8, 11, 14, 17, 20, 23, 26, 28.5])
  })

  const nudges: [startOffset: number, firstLabel: number, first: number, count: number][] = [
    // Start relative to a multiple of the bucket of 180 s, then what comes of it.
    [0, 180, 3, 10],
    [60, 180, 2, 10],
    [120, 180, 1, 10],
  ]
  test.each(nudges)('a start %d s into a bucket', (startOffset, firstLabel, first, count) => {
    const base = 180 * 9_444_480
    const [one] = consolidateToFit([series(thirty, { startSeconds: base + startOffset })], 10)
    expect((one?.startSeconds ?? 0) - base).toBe(firstLabel)
    expect(one?.values[0]).toBe(first)
    expect(one?.values.length).toBe(count)
  })

  test('a refresh one step later keeps the buckets that both have', () => {
    const [before] = consolidateToFit([series(thirty)], 10)
    const [after] = consolidateToFit(
      [
        series(
          thirty.map((value) => value + 1),
          { startSeconds: 1_700_006_520 },
        ),
      ],
      10,
    )
    const labelled = (one: QuerySeries | undefined) =>
      [...(one?.values ?? [])].map((value, index) => [(one?.startSeconds ?? 0) + index * 180, value])
    const shared = labelled(after).filter(([label]) => labelled(before).some((other) => other[0] === label))
    expect(shared.length).toBeGreaterThan(8)
    for (const [label, value] of shared.slice(0, -1)) expect(labelled(before)).toContainEqual([label, value])
  })

  test('1 is the whole series at its start', () => {
    const [one] = consolidateToFit([series([1, _, 3])], 1)
    expect(one).toMatchObject({ startSeconds: 1_700_006_460, stepSeconds: 180, endSeconds: 1_700_006_640 })
    expect([...(one?.values ?? [])]).toEqual([2])
  })

  test.each([30, 31, 1e9])('%d leaves 30 points alone', (maxDataPoints) => {
    const one = series(thirty)
    expect(consolidateToFit([one], maxDataPoints)).toEqual([one])
  })

  test('counts the range of all series, each by its own step', () => {
    const fine = series(thirty)
    const coarse = series([1, 2, 3, 4, 5, 6], { stepSeconds: 300 })
    const [first, second] = consolidateToFit([fine, coarse], 10)
    expect([first?.stepSeconds, second?.stepSeconds]).toEqual([180, 300])
  })

  test('no series, and series without points, stay so', () => {
    expect(consolidateToFit([], 1)).toEqual([])
    expect(consolidateToFit([series([])], 1)[0]?.values.length).toBe(0)
    expect(consolidateToFit([series([]), series(thirty)], 2)[0]?.values.length).toBe(0)
  })
})

describe('the window of a request', () => {
  const cases: [from: number, until: number, step: number, wanted: [number, number, number]][] = [
    [1000, 1060, 10, [1010, 1070, 6]],
    [1001, 1059, 10, [1010, 1060, 5]],
    [1001, 1005, 10, [1010, 1020, 1]],
    [1000, 1001, 1, [1001, 1002, 1]],
    [-100, 25, 10, [10, 30, 2]],
    [-100, -50, 10, [10, 20, 1]],
  ]
  test.each(cases)('from %d until %d, step %d', (fromSeconds, untilSeconds, stepSeconds, wanted) => {
    const window = fetchWindow({ fromSeconds, untilSeconds, stepSeconds })
    expect([window.startSeconds, window.endSeconds, window.slotCount]).toEqual(wanted)
  })
})
