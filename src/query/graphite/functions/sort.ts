import type { QuerySeries } from '../../query-series.ts'
import { maximum } from '../calculate/aggregate-values.ts'
import { sortByAggregate } from '../calculate/sort-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { aggregation, boolean, seriesList, withDefault } from '../parameters.ts'

export const sortBy = defineFunction({
  name: 'sortBy',
  group: 'Sorting',
  description:
    'Sorts series by an aggregate of their values, the least first, or, with reverse, the greatest. Those without values count as the least.',
  example: 'sortBy(servers.*.load, "max", true)',
  params: {
    seriesList: seriesList(),
    func: withDefault(aggregation(), 'average'),
    reverse: withDefault(boolean(), false),
  },
  evaluate: ({ seriesList: series, func, reverse }) =>
    sortByAggregate(series, func.aggregation, reverse ? 'descending' : 'ascending'),
})

export const sortByName = defineFunction({
  name: 'sortByName',
  group: 'Sorting',
  description:
    'Sorts series by name. In natural order numbers in names count as numbers: web2 comes before web10.',
  example: 'sortByName(servers.*.load, true)',
  params: {
    seriesList: seriesList(),
    natural: withDefault(boolean(), false),
    reverse: withDefault(boolean(), false),
  },
  evaluate({ seriesList: series, natural, reverse }) {
    const sign = reverse ? -1 : 1
    return series
      .map((one) => ({ one, key: natural ? naturalKey(one.name) : one.name }))
      .sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -sign : sign))
      .map(({ one }) => one)
  },
})

export const sortByTotal = defineFunction({
  name: 'sortByTotal',
  group: 'Sorting',
  description: 'Sorts series by the sum of their values, the greatest first.',
  example: 'sortByTotal(shop.*.orders)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) => sortByAggregate(series, 'sum', 'descending'),
})

export const sortByMaxima = defineFunction({
  name: 'sortByMaxima',
  group: 'Sorting',
  description: 'Sorts series by their greatest value, the greatest first.',
  example: 'sortByMaxima(servers.*.load)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) => sortByAggregate(series, 'max', 'descending'),
})

export const sortByMinima = defineFunction({
  name: 'sortByMinima',
  group: 'Sorting',
  description:
    'Sorts series by their least value, the least first, and leaves out those without any value above 0.',
  example: 'sortByMinima(servers.*.memory.free)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) => sortByAggregate(series.filter(isEverAboveZero), 'min', 'ascending'),
})

/** Ten digits for each number, as Graphite has it. */
function naturalKey(name: string): string {
  return name.replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(10, '0'))
}

function isEverAboveZero({ values }: QuerySeries): boolean {
  return maximum(values) > 0
}
