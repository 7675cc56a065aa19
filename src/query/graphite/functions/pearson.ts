import type { QuerySeries } from '../../query-series.ts'
import { derive } from '../calculate/create-series.ts'
import { pearsonCorrelation } from '../calculate/pearson.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import { integer, seriesList, text, withDefault } from '../parameters.ts'

export const pearson = defineFunction({
  name: 'pearson',
  group: 'Transform',
  description:
    "How much two series go together over the last windowSize points, from -1 to 1 (Pearson's correlation). Points at which one of them is null do not count; where one of them does not change at all, the answer is null.",
  example: 'pearson(shop.visits, shop.orders, 60)',
  params: { series: seriesList(), otherSeries: seriesList(), windowSize: integer() },
  evaluate({ series, otherSeries, windowSize }, call) {
    if (series.length === 0 && otherSeries.length === 0) return []
    const a = only(series, call)
    const b = only(otherSeries, call)
    if (windowSize < 1) return call.fail('the window needs at least 1 point')
    return slidePairs(a, b, windowSize, call).then((values) => [
      derive(a, `pearson(${a.name},${b.name},${windowSize})`, { values }),
    ])
  },
})

export const pearsonClosest = defineFunction({
  name: 'pearsonClosest',
  group: 'Transform',
  description:
    'The n series that go together best with another one, by Pearson\'s correlation over all points, the best first. The direction "pos" or "neg" leaves out those that go the other way; "abs" takes both. Series of another length are left out.',
  example: 'pearsonClosest(shop.errors, servers.*.load, 5, "pos")',
  params: {
    series: seriesList(),
    seriesList: seriesList(),
    n: integer(),
    direction: withDefault(text({ options: ['abs', 'pos', 'neg'] }), 'abs'),
  },
  evaluate({ series, seriesList: candidates, n, direction }, call) {
    if (candidates.length === 0) return []
    const { values } = only(series, call)
    return candidates
      .filter((one) => one.values.length === values.length)
      .map((one) => ({ one, closeness: closenessOf(pearsonCorrelation(values, one.values), direction) }))
      .filter(({ closeness }) => closeness >= 0)
      .sort((a, b) => b.closeness - a.closeness)
      .slice(0, Math.max(0, n))
      .map(({ one }) => one)
  },
})

/** From 0 to 1; NaN: it does not count. */
function closenessOf(correlation: number, direction: string): number {
  if (direction === 'abs') return Math.abs(correlation)
  const directed = direction === 'pos' ? correlation : -correlation
  return directed >= 0 ? directed : Number.NaN
}

function only(series: readonly QuerySeries[], call: FunctionCall): QuerySeries {
  const [one] = series
  if (one === undefined || series.length > 1)
    return call.fail(`it compares exactly 1 series, not ${series.length}`)
  return one
}

async function slidePairs(
  { values: a }: QuerySeries,
  { values: b }: QuerySeries,
  windowSize: number,
  call: FunctionCall,
): Promise<Float64Array> {
  const correlations = new Float64Array(a.length).fill(Number.NaN)
  for (let end = windowSize; end <= Math.min(a.length, b.length); end++) {
    await call.work(windowSize * STEPS_PER_PAIR)
    const start = end - windowSize
    correlations[end - 1] = pearsonCorrelation(a.subarray(start, end), b.subarray(start, end))
  }
  return correlations
}

const STEPS_PER_PAIR = 4
