import { groupByNodes } from '../calculate/node-key.ts'
import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { atLeastOne, node, nodeOrTag, seriesList, seriesLists, text } from '../parameters.ts'

export const mapSeries = defineFunction({
  name: 'mapSeries',
  aliases: ['map'],
  group: 'Combine',
  description: 'Puts series that have the same nodes into one group. The groups are for reduceSeries.',
  example: 'reduceSeries(mapSeries(servers.*.disk.*, 1), "asPercent", 3, "used", "size")',
  givesLists: true,
  params: { seriesList: seriesList(), mapNodes: atLeastOne(nodeOrTag()) },
  evaluate: ({ seriesList: series, mapNodes }) => [...groupByNodes(series, mapNodes).values()],
})

export const reduceSeries = defineFunction({
  name: 'reduceSeries',
  aliases: ['reduce'],
  group: 'Combine',
  description:
    'Calls a function for series whose names begin alike: of those, the ones whose node reduceNode (counted from 0) is one of the matchers are its arguments, in the order of the matchers. The result is called like the beginning, then reduce and the function.',
  example: 'reduceSeries(mapSeries(servers.*.disk.*, 1), "asPercent", 3, "used", "size")',
  params: {
    seriesLists: seriesLists(),
    reduceFunction: text(),
    reduceNode: node(),
    reduceMatchers: atLeastOne(text()),
  },
  async evaluate({ seriesLists: lists, reduceFunction, reduceNode, reduceMatchers }, call) {
    const groups = new Map<string, (QuerySeries | undefined)[]>()
    for (const series of lists.flat()) {
      const names = series.name.split('.')
      const matcher = reduceMatchers.indexOf(names.at(reduceNode) ?? '')
      if (matcher < 0) continue
      const name = `${names.slice(0, reduceNode).join('.')}.reduce.${reduceFunction}`
      const group = groups.get(name) ?? reduceMatchers.map((): QuerySeries | undefined => undefined)
      groups.set(name, group)
      group[matcher] = series
    }
    const reduced: QuerySeries[] = []
    for (const [name, group] of groups) {
      const args = group.map((series) => (series === undefined ? [] : [series]))
      const [one] = await call.apply(reduceFunction, args)
      if (one !== undefined) reduced.push({ ...one, name })
    }
    return reduced
  },
})
