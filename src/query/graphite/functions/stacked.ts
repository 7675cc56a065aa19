import type { QuerySeries } from '../../query-series.ts'
import { withTags } from '../calculate/create-series.ts'
import { mapValues } from '../calculate/map-values.ts'
import { defineFunction } from '../graphite-function.ts'
import { optional, seriesList, text } from '../parameters.ts'

export const stacked = defineFunction({
  name: 'stacked',
  group: 'Graph',
  description:
    'Draws the series on top of each other, each with the sum of its values and of those that are below it. With a name there may be several stacks in a graph; all that have the same one are one stack.',
  example: 'stacked(servers.web1.cpu.*, "web1")',
  isEachCallItsOwn: true,
  params: { seriesList: seriesList(), stack: optional(text()) },
  shownSignature: "stacked(seriesLists, stackName='__DEFAULT__')",
  evaluate({ seriesList: series, stack = DEFAULT_STACK }, { stacks }) {
    const sums = stacks.get(stack) ?? []
    stacks.set(stack, sums)
    return series.map((one): QuerySeries => {
      const values = mapValues(one.values, (value, index) => {
        const sum = (sums[index] ?? 0) + value
        sums[index] = sum
        return sum
      })
      const style = { ...one.style, isStacked: true }
      if (stack !== DEFAULT_STACK) return { ...one, pathExpression: one.name, values, style }
      const name = `stacked(${one.name})`
      return {
        ...one,
        name,
        pathExpression: name,
        values,
        style,
        tags: withTags(one.tags, { stacked: stack }),
      }
    })
  },
})

const DEFAULT_STACK = '__DEFAULT__'
