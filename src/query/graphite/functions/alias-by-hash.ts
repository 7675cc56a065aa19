import { defineFunction } from '../graphite-function.ts'
import { seriesList, text } from '../parameters.ts'

export const aliasByHash = defineFunction({
  name: 'aliasByHash',
  group: 'Alias',
  description:
    'Names each series after the last node of its name. carbonapi looks that node up in a hash of a Redis server, and keeps it where the hash does not have it; Kymo asks no other server.',
  example: 'aliasByHash(servers.*, "titles")',
  params: { seriesList: seriesList(), hashName: text() },
  evaluate: ({ seriesList: series }) => series.map((one) => ({ ...one, name: lastNode(one.name) })),
})

/** Without arguments and the parentheses of functions. */
function lastNode(name: string): string {
  const [node = ''] = name.slice(name.lastIndexOf('.') + 1).split(',', 1)
  return node.replace(/^\)+|\)+$/g, '')
}
