import type { QuerySeries } from '../../query-series.ts'
import { sortedPresent } from '../calculate/aggregate-values.ts'
import { sortByValue } from '../calculate/sort-series.ts'
import type { FunctionCall } from '../function-call.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import type { WindowSize } from '../interval.ts'
import type { Parameter } from '../parameter.ts'
import { float, integer, seriesList, windowSize, withDefault } from '../parameters.ts'

export const tukeyAbove = defineTukey('tukeyAbove', 'above')
export const tukeyBelow = defineTukey('tukeyBelow', 'below')

function defineTukey(name: string, side: 'above' | 'below'): GraphiteFunction {
  const border = side === 'above' ? 'above the third' : 'below the first'
  return defineFunction({
    name,
    group: 'Transform',
    description: `The n series with the most outliers, by Tukey's fences: values that lie, ${border} quartile of all values, basis times as far as the quartiles are apart. 1.5 is a usual basis, and 3 for extreme outliers. With an interval only the last points count, or, if it is negative, all but those.`,
    example: `${name}(servers.*.load, 1.5, 5)`,
    params: {
      seriesList: seriesList(),
      basis: float(),
      n: integer(),
      interval: withDefault(signedWindowSize(), 0),
    },
    evaluate({ seriesList: series, basis, n, interval }, call) {
      if (!(basis > 0)) return call.fail('the basis has to be above 0')
      if (n < 1) return call.fail('n has to be at least 1')
      const parts = series.map((one) => partOf(one, interval))
      const isOutlier = outlierTest(joinPresent(parts, call), basis, side)
      const counts = new Map(series.map((one, index) => [one, countValues(parts[index], isOutlier)]))
      const withOutliers = series.filter((one) => (counts.get(one) ?? 0) > 0)
      return sortByValue(withOutliers, (one) => counts.get(one) ?? 0, 'descending').slice(0, n)
    },
  })
}

/** Points may be negative, too. */
function signedWindowSize(): Parameter<WindowSize> {
  const base = windowSize()
  return {
    ...base,
    read: (literal, context) =>
      literal.kind === 'number' && Number.isSafeInteger(literal.value)
        ? { value: { points: literal.value } }
        : base.read(literal, context),
  }
}

/** An interval of nothing, or of more than there is, is the whole. */
function partOf({ values, stepSeconds }: QuerySeries, interval: WindowSize): Float64Array {
  const points = 'points' in interval ? interval.points : Math.trunc(interval.seconds / stepSeconds)
  if (points === 0 || Math.abs(points) >= values.length) return values
  return points > 0 ? values.subarray(values.length - points) : values.subarray(0, values.length + points)
}

function joinPresent(parts: readonly Float64Array[], call: FunctionCall): Float64Array {
  const length = parts.reduce((total, part) => total + part.length, 0)
  call.reserve(length)
  const joined = new Float64Array(length)
  let end = 0
  for (const part of parts) {
    joined.set(part, end)
    end += part.length
  }
  return sortedPresent(joined)
}

function outlierTest(
  sorted: Float64Array,
  basis: number,
  side: 'above' | 'below',
): (value: number) => boolean {
  const first = sorted[Math.trunc(0.25 * sorted.length)] ?? Number.NaN
  const third = sorted[Math.trunc(0.75 * sorted.length)] ?? Number.NaN
  const most = third + basis * (third - first)
  const least = first - basis * (third - first)
  return side === 'above' ? (value) => value >= most : (value) => value <= least
}

function countValues(values: Float64Array | undefined, counts: (value: number) => boolean): number {
  let count = 0
  for (const value of values ?? []) if (counts(value)) count++
  return count
}
