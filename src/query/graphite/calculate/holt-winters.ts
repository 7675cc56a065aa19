/** What Holt and Winters foresee of a series, point by point. */
export interface HoltWinters {
  /** NaN: none. */
  readonly predictions: Float64Array
  /** How far values usually are from their prediction. */
  readonly deviations: Float64Array
}

const ALPHA = 0.1
const BETA = 0.0035
const GAMMA = 0.1

/**
 * Triple exponential smoothing, additive, by Graphite's constants: a value is expected to be the intercept, plus the slope, plus
 * what values were off by one season ago. A null leaves no trace but that the next point is not predicted.
 */
export function analyseHoltWinters(values: Float64Array, seasonLength: number): HoltWinters {
  const predictions = new Float64Array(values.length).fill(Number.NaN)
  const deviations = new Float64Array(values.length)
  const seasonals = new Float64Array(values.length)
  let intercept = Number.NaN
  let slope = 0
  let next = Number.NaN
  const seasonAgo = (series: Float64Array, index: number): number => {
    // A season of no length would look at the point itself, which is not known yet.
    return seasonLength > 0 ? (series[index - seasonLength] ?? 0) : 0
  }
  for (let index = 0; index < values.length; index++) {
    const actual = values[index] as number
    if (actual !== actual) {
      predictions[index] = next
      next = Number.NaN
      intercept = Number.NaN
      slope = 0
      continue
    }
    const prediction = index === 0 ? actual : next
    const before = intercept === intercept ? intercept : actual
    const season = seasonAgo(seasonals, index)
    intercept = ALPHA * (actual - season) + (1 - ALPHA) * (before + slope)
    slope = BETA * (intercept - before) + (1 - BETA) * slope
    seasonals[index] = GAMMA * (actual - intercept) + (1 - GAMMA) * season
    next = intercept + slope + seasonAgo(seasonals, index + 1)
    const expected = prediction === prediction ? prediction : 0
    deviations[index] = GAMMA * Math.abs(actual - expected) + (1 - GAMMA) * seasonAgo(deviations, index)
    predictions[index] = prediction
  }
  return { predictions, deviations }
}
