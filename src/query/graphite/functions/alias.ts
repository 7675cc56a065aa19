import { compileSubstitution } from '../calculate/name-pattern.ts'
import { renameEach } from '../calculate/rename-each.ts'
import { nodeKey } from '../calculate/node-key.ts'
import { defineFunction } from '../graphite-function.ts'
import { atLeastOne, nodeOrTag, seriesList, text } from '../parameters.ts'

export const alias = defineFunction({
  name: 'alias',
  group: 'Alias',
  description: 'Gives all series the same new name.',
  example: 'alias(sumSeries(shop.*.orders), "Orders")',
  params: { seriesList: seriesList(), newName: text() },
  evaluate: ({ seriesList: series, newName }) => series.map((one) => ({ ...one, name: newName })),
})

export const aliasByNode = defineFunction({
  name: 'aliasByNode',
  group: 'Alias',
  description:
    'Names each series after nodes of its name, counted from 0, or from -1 at the end, or after values of its tags, with dots between them. Of a series that a function has made, the first path in its name is meant.',
  example: 'aliasByNode(servers.*.cpu.*, 1, 3)',
  params: { seriesList: seriesList(), nodes: atLeastOne(nodeOrTag()) },
  evaluate: ({ seriesList: series, nodes }, call) => renameEach(series, call, (one) => nodeKey(one, nodes)),
})

export const aliasByTags = defineFunction({
  name: 'aliasByTags',
  group: 'Alias',
  description: 'The same as aliasByNode, by the name that is read best with tags.',
  example: 'aliasByTags(seriesByTag("name=cpu"), "host", "datacenter")',
  params: { seriesList: seriesList(), tags: atLeastOne(nodeOrTag()) },
  evaluate: ({ seriesList: series, tags }, call) => renameEach(series, call, (one) => nodeKey(one, tags)),
})

export const aliasSub = defineFunction({
  name: 'aliasSub',
  group: 'Alias',
  description:
    'Replaces, in each name, whatever the regular expression finds. In the replacement `\\1` or `\\g<name>` stands for a group of the match.',
  example: 'aliasSub(servers.*.cpu, "^servers\\.(\\w+).*", "CPU of \\1")',
  params: { seriesList: seriesList(), search: text(), replace: text() },
  evaluate({ seriesList: series, search, replace }, call) {
    const substitute = compileSubstitution(search, replace, call)
    return renameEach(series, call, ({ name }) => substitute(name))
  },
})
