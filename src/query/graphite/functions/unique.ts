import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { atLeastOne, seriesList } from '../parameters.ts'

export const unique = defineFunction({
  name: 'unique',
  group: 'Filter Series',
  description: 'The series of all lists; of those that have the same name, only the first.',
  example: 'unique(mostDeviant(servers.*.load, 5), highestMax(servers.*.load, 5))',
  params: { seriesLists: atLeastOne(seriesList()) },
  evaluate({ seriesLists }) {
    const byName = new Map<string, QuerySeries>()
    for (const one of seriesLists.flat()) if (!byName.has(one.name)) byName.set(one.name, one)
    return [...byName.values()]
  },
})
