import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { seriesList, text, withDefault } from '../parameters.ts'

export const join = defineFunction({
  name: 'join',
  group: 'Transform',
  description:
    'Compares two lists of series by name: AND gives those of the first that are in the second too, OR those of the first and what the second has besides, XOR those that are in only one of them, SUB those of the first that are not in the second.',
  example: 'join(servers.*.load, highestMax(servers.*.load, 5), "SUB")',
  params: {
    seriesA: seriesList(),
    seriesB: seriesList(),
    type: withDefault(text({ suggestions: ['AND', 'OR', 'XOR', 'SUB'] }), 'AND'),
  },
  evaluate({ seriesA, seriesB, type }, call) {
    switch (type.toUpperCase()) {
      case 'AND':
        return onlyIn(seriesA, seriesB, true)
      case 'OR':
        return [...seriesA, ...onlyIn(seriesB, seriesA, false)]
      case 'XOR':
        return [...onlyIn(seriesA, seriesB, false), ...onlyIn(seriesB, seriesA, false)]
      case 'SUB':
        return onlyIn(seriesA, seriesB, false)
      default:
        return call.fail('the type has to be AND, OR, XOR or SUB')
    }
  },
})

/** Those whose names are among the others, or are not. */
function onlyIn(
  series: readonly QuerySeries[],
  others: readonly QuerySeries[],
  isIn: boolean,
): QuerySeries[] {
  const names = new Set(others.map(({ name }) => name))
  return series.filter(({ name }) => names.has(name) === isIn)
}
