import { describe, expect, test } from 'vitest'
import { analyseHoltWinters } from './holt-winters.ts'

test('a null alone is predicted by nothing, and deviates by nothing', () => {
  expect(analyseHoltWinters(Float64Array.of(Number.NaN), 60)).toEqual({
    predictions: Float64Array.of(Number.NaN),
    deviations: Float64Array.of(0),
  })
})

test('what repeats with the season is foreseen more and more closely', () => {
  const season = [0, 10, 20, 10]
  const values = Float64Array.from({ length: 400 }, (_, index) => season[index % 4] ?? 0)
  const { predictions, deviations } = analyseHoltWinters(values, 4)
  const errorOf = (from: number): number =>
    Math.max(
      ...season.map((_value, place) => Math.abs((predictions[from + place] ?? 0) - (season[place] ?? 0))),
    )
  expect(errorOf(396)).toBeLessThan(1)
  expect(errorOf(396)).toBeLessThan(errorOf(40) / 2)
  expect(deviations[399]).toBeLessThan(1)
})

describe('a season that is no time, or longer than all there is, is none', () => {
  test.each([0, -1, 1_000])('%d', (seasonLength) => {
    const { predictions } = analyseHoltWinters(Float64Array.of(5, 5, 5), seasonLength)
    for (const prediction of predictions) expect(prediction).toBeCloseTo(5)
  })
})
