import { groupByNodes as groupSeries } from '../calculate/node-key.ts'
import type { QuerySeries } from '../../query-series.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import { aggregationOrFunction, many, nodeOrTag, seriesList, withDefault } from '../parameters.ts'

export const group = defineFunction({
  name: 'group',
  group: 'Combine',
  description: 'Puts several lists of series into one, for functions that take only one.',
  example: 'aliasByNode(group(servers.web1.load, databases.db1.load), 1)',
  params: { seriesLists: many(seriesList()) },
  evaluate: ({ seriesLists }) => seriesLists.flat(),
})

export const groupByNode = defineFunction({
  name: 'groupByNode',
  group: 'Combine',
  description:
    'Makes one series of all that have the same node, or the same value of a tag, by the aggregation or function that is named. The node is the name of the result.',
  example: 'groupByNode(servers.*.*.load, 1, "average")',
  params: {
    seriesList: seriesList(),
    nodeNum: nodeOrTag(),
    callback: withDefault(aggregationOrFunction(), 'average'),
  },
  evaluate: ({ seriesList: series, nodeNum, callback }, call) =>
    combineGroups(groupSeries(series, [nodeNum]), callback, call),
})

export const groupByNodes = defineFunction({
  name: 'groupByNodes',
  group: 'Combine',
  description:
    'Makes one series of all that have the same nodes, or the same values of tags, by the aggregation or function that is named. The nodes, with dots between them, are the name of the result.',
  example: 'groupByNodes(servers.*.*.load, "max", 1, 2)',
  params: { seriesList: seriesList(), callback: aggregationOrFunction(), nodes: many(nodeOrTag()) },
  evaluate: ({ seriesList: series, callback, nodes }, call) =>
    combineGroups(groupSeries(series, nodes), callback, call),
})

async function combineGroups(
  groups: ReadonlyMap<string, readonly QuerySeries[]>,
  callback: string,
  call: FunctionCall,
): Promise<QuerySeries[]> {
  const combined: QuerySeries[] = []
  for (const [name, series] of groups) {
    const [one] = await call.apply(callback, [series])
    if (one !== undefined) combined.push({ ...one, name })
  }
  return combined
}
