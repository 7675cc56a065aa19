import type { QuerySeries } from '../../query-series.ts'
import { combinePair } from '../calculate/combine-pair.ts'
import { derive } from '../calculate/create-series.ts'
import { mapValues } from '../calculate/map-values.ts'
import { power } from '../calculate/power.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText } from '../number-text.ts'
import { boolean, float, optional, seriesList } from '../parameters.ts'

export const powSeriesLists = defineFunction({
  name: 'powSeriesLists',
  group: 'Combine',
  description:
    'Each series of the first list to the power of one of the second, both sorted by name. One series in the second list is for all of the first. Lists of other lengths, or matching, pair series of the same name; what has no partner is left out, or takes the default for it.',
  example: 'powSeriesLists(a.*, b.*)',
  params: {
    sourceSeriesList: seriesList(),
    factorSeriesList: seriesList(),
    matching: optional(boolean()),
    default: optional(float()),
  },
  evaluate({ sourceSeriesList, factorSeriesList, matching, default: fallback }) {
    const sources = sortByName(sourceSeriesList)
    const factors = sortByName(factorSeriesList)
    if (sources.length === 0) {
      return fallback === undefined ? [] : factors.map((one) => raise(fallback, one))
    }
    if (factors.length === 0 && fallback === undefined) return []
    const isMatching = matching ?? (factors.length !== sources.length && factors.length !== 1)
    const byName = new Map(factors.map((one) => [one.name, one]))
    return sources.flatMap((source, index) => {
      const factor = isMatching ? byName.get(source.name) : (factors[index] ?? factors[0])
      if (factor !== undefined)
        return [combinePair(source, factor, `powSeries(${source.name},${factor.name})`, power)]
      return fallback === undefined ? [] : [raiseTo(source, fallback)]
    })
  },
})

function raise(base: number, factor: QuerySeries): QuerySeries {
  return derive(factor, `powSeries(${shortText(base)},${factor.name})`, {
    values: mapValues(factor.values, (value) => power(base, value)),
  })
}

function raiseTo(source: QuerySeries, exponent: number): QuerySeries {
  return derive(source, `powSeries(${source.name},${shortText(exponent)})`, {
    values: mapValues(source.values, (value) => power(value, exponent)),
    mark: { pow: floatText(exponent) },
  })
}

function sortByName(series: readonly QuerySeries[]): QuerySeries[] {
  return [...series].sort((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1))
}
