import { describe, expect, test } from 'vitest'
import type { UnitSystem } from './value-label.ts'
import { chooseStep, createValueScale, type ScaleRequest, type ValueRange } from './value-scale.ts'

function scale(range: ValueRange | undefined, request: Partial<ScaleRequest> = {}) {
  return createValueScale({
    range,
    min: undefined,
    max: undefined,
    limit: undefined,
    step: undefined,
    divisors: [4, 5, 6],
    unitSystem: 'si',
    logBase: undefined,
    minorLines: 0,
    ...request,
  })
}

const ticks = (...args: Parameters<typeof scale>): string =>
  scale(...args)
    .ticks.map((tick) => tick.label)
    .join(' ')

test.each<
  [
    min: number,
    max: number,
    divisors: number[],
    system: UnitSystem,
    step: number,
    bottom: number,
    top: number,
  ]
>([
  [0, 100, [4, 5, 6], 'si', 20, 0, 100],
  [605, 1_738, [4, 5, 6], 'si', 200, 600, 1_800],
  [0, 7, [4, 5, 6], 'si', 2, 0, 8],
  [0, 0.07, [4, 5, 6], 'si', 0.02, 0, 0.08],
  [-30, 50, [4, 5, 6], 'si', 20, -40, 60],
  [0, 100, [2], 'si', 50, 0, 100],
  [0, 1_000, [4], 'binary', 256, 0, 1_024],
  [0, 100, [4, 5, 6], 'sec', 20, 0, 100],
  [0, 5_400, [4, 5, 6], 'sec', 900, 0, 5_400],
  [0, 90_000, [4, 5, 6], 'msec', 15_000, 0, 90_000],
])('%d to %d by %j of %s are steps of %d from %d to %d', (min, max, divisors, system, step, bottom, top) => {
  const chosen = chooseStep({ min, max }, divisors, system)
  expect([chosen.step, chosen.bottom, chosen.top].map((one) => Number(one.toPrecision(12)))).toEqual([
    step,
    bottom,
    top,
  ])
})

describe('ends of the axis', () => {
  test.each<[range: ValueRange | undefined, request: Partial<ScaleRequest>, wanted: string]>([
    [{ min: 0, max: 100 }, {}, '0 20 40 60 80 100'],
    [undefined, {}, '0 0.2 0.4 0.6 0.8 1.0'],
    [{ min: 0, max: 0 }, {}, '0 0.2 0.4 0.6 0.8 1.0'],
    [{ min: 5, max: 5 }, {}, '4.4 4.6 4.8 5.0 5.2 5.4 5.6'],
    [{ min: 10, max: 70 }, { min: 0, max: 100 }, '0 20 40 60 80 100'],
    [{ min: 10, max: 73 }, { min: 0, max: 'max' }, '0 20 40 60'],
    [{ min: 0, max: 1_000 }, { limit: 100 }, '0 20 40 60 80 100'],
    [{ min: 0, max: 50 }, { limit: 100 }, '0 10 20 30 40 50'],
    [{ min: 1, max: 99 }, { step: 25 }, '0 25 50 75 100'],
  ])('%j with %j', (range, request, wanted) => {
    expect(ticks(range, request)).toBe(wanted)
  })

  test('where the axis ends, lines end', () => {
    const exact = scale({ min: 10, max: 73 }, { min: 0, max: 'max' })
    expect([exact.place(0), exact.place(73)]).toEqual([0, 1])
    const snapped = scale({ min: 10, max: 73 })
    expect(snapped.place(10)).toBeGreaterThanOrEqual(0)
    expect(snapped.place(73)).toBeLessThan(1)
  })

  test('areas end at 0, or at the end that is next to it', () => {
    expect(scale({ min: -10, max: 10 }).base).toBe(0)
    expect(scale({ min: 50, max: 60 }).base).toBe(50)
    expect(scale({ min: -60, max: -50 }).base).toBe(-50)
  })

  test('minor lines lie between', () => {
    expect(scale({ min: 0, max: 100 }, { minorLines: 1 }).minorValues).toEqual([10, 30, 50, 70, 90])
  })
})

describe('a logarithmic axis', () => {
  test('has powers of its base', () => {
    const log = scale({ min: 3, max: 2_000 }, { logBase: 10 })
    expect(log.ticks.map(({ label }) => label)).toEqual(['1', '10', '100', '1 k', '10 k'])
    expect([log.place(1), log.place(100), log.place(10_000)]).toEqual([0, 0.5, 1])
  })

  test.each([0, -1, -1e308])('has no place for %d', (value) => {
    expect(scale({ min: 1, max: 10 }, { logBase: 2 }).place(value)).toBeNaN()
  })
})

test.each<ValueRange>([
  { min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
  { min: 0, max: Number.MAX_VALUE },
  { min: 0, max: Number.MIN_VALUE },
  { min: 1e15, max: 1e15 + 0.25 },
  { min: 1e300, max: 1e300 },
  { min: -1e-320, max: 1e-320 },
  { min: 0.1, max: 0.1 + 2e-17 },
  { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
])('%j is an axis of some lines', (range) => {
  for (const unitSystem of ['si', 'binary', 'sec', 'msec', 'none'] as const) {
    for (const more of [{}, { logBase: 10 }, { step: 1e-9 }, { limit: 0 }, { min: 7 }, { max: -7 }]) {
      const made = scale(range, { unitSystem, ...more })
      expect(made.ticks.length).toBeLessThan(80)
      expect(Math.abs(made.place(1))).toBeGreaterThanOrEqual(0)
    }
  }
})
