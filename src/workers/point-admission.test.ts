import { expect, test } from 'vitest'
import { createSeriesLimits, type SeriesLimits } from '../admission/index.ts'
import { PointAdmission } from './point-admission.ts'

const HOUR_MS = 3_600_000

function create(limits: SeriesLimits) {
  let nowMs = 0
  const admission = new PointAdmission({ limits, monotonicMs: () => nowMs })
  const pass = (hours: number): void => {
    nowMs += hours * HOUR_MS
    admission.forgetIdle()
  }
  return { admission, pass }
}

const heldBy = (limits: SeriesLimits): number | undefined => limits.covering('a').at(-1)?.held

test('new series are let in up to the limit, and those that are there go on', () => {
  const limits = createSeriesLimits({ series: 2, prefixes: [] })
  const { admission } = create(limits)
  const admits = () => ['a', 'b', 'c', 'a', 'b'].map((key) => admission.admits(key, 'untyped', false))
  expect([admits(), admits()]).toEqual([
    [true, true, false, true, true],
    [true, true, false, true, true],
  ])
  expect(admission.seriesCount).toBe(2)
})

test('one key of two types is two series, and counts against all limits that cover it', () => {
  const limits = createSeriesLimits({ series: 10, prefixes: [{ prefix: 'api', series: 2 }] })
  const { admission } = create(limits)
  expect(admission.admits('api.a', 'untyped', false)).toBe(true)
  expect(admission.admits('api.a', 'counter', false)).toBe(true)
  expect(admission.admits('api.a', 'gauge', false)).toBe(false)
  expect(admission.admits('web', 'gauge', false)).toBe(true)
  expect(heldBy(limits)).toBe(3)
})

test('what is stored is let in beyond a limit, and counts against it', () => {
  const limits = createSeriesLimits({ series: 1, prefixes: [] })
  const { admission } = create(limits)
  for (const key of ['a', 'b']) expect(admission.admits(key, 'untyped', true)).toBe(true)
  expect(admission.admits('c', 'untyped', false)).toBe(false)
  expect(heldBy(limits)).toBe(2)
})

test('series that are not sent for an hour or two give their room to others', () => {
  const limits = createSeriesLimits({ series: 2, prefixes: [] })
  const { admission, pass } = create(limits)
  for (const key of ['idle', 'busy']) admission.admits(key, 'untyped', false)
  for (let hour = 0; hour < 5; hour++) {
    expect(admission.admits('busy', 'untyped', false)).toBe(true)
    expect(admission.admits('other', 'untyped', false)).toBe(hour >= 2)
    pass(1)
  }
  expect(heldBy(limits)).toBe(2)
  for (let hour = 0; hour < 3; hour++) pass(1)
  expect([heldBy(limits), admission.seriesCount]).toEqual([0, 0])
})

test('other limits count what is there', () => {
  const { admission, pass } = create(createSeriesLimits({ series: 9, prefixes: [] }))
  admission.admits('a', 'untyped', false)
  pass(1)
  admission.admits('b', 'counter', false)
  const limits = createSeriesLimits({ series: 2, prefixes: [] })
  admission.reconfigure(limits)
  expect(admission.admits('c', 'untyped', false)).toBe(false)
  pass(1)
  pass(1)
  expect(heldBy(limits)).toBe(0)
})
