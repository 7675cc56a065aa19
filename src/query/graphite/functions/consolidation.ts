import type { QuerySeries } from '../../query-series.ts'
import { CONSOLIDATIONS } from '../../query-series.ts'
import { derive, withTags } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText } from '../number-text.ts'
import { float, seriesList, text } from '../parameters.ts'

export const consolidateBy = defineFunction({
  name: 'consolidateBy',
  group: 'Special',
  description:
    'Says how points of the series become one, where there are more of them than are asked for, and where series of different steps meet: by their average, unless it is said.',
  example: 'consolidateBy(shop.orders, "sum")',
  params: {
    seriesList: seriesList(),
    consolidationFunc: text({
      options: ['sum', 'average', 'avg', 'avg_zero', 'min', 'max', 'first', 'last'],
    }),
  },
  consolidation: ({ consolidationFunc }) => consolidationOf(consolidationFunc),
  evaluate: ({ seriesList: series, consolidationFunc }) => consolidated(series, consolidationFunc),
})

export const cumulative = defineFunction({
  name: 'cumulative',
  group: 'Special',
  description: 'The same as consolidateBy with "sum".',
  example: 'cumulative(shop.orders)',
  params: { seriesList: seriesList() },
  consolidation: () => 'sum',
  evaluate: ({ seriesList: series }) => consolidated(series, 'sum'),
})

export const setXFilesFactor = defineFunction({
  name: 'setXFilesFactor',
  aliases: ['xFilesFactor'],
  group: 'Special',
  description:
    'Says which share of points has to have values, between 0 and 1, for several of them to become one: in the functions around it, and where there are more points than are asked for.',
  example: 'xFilesFactor(shop.orders, 0.5)',
  params: { seriesList: seriesList(), xFilesFactor: float() },
  setsXFilesFactor: ({ xFilesFactor }) => xFilesFactor,
  evaluate: ({ seriesList: series, xFilesFactor }) =>
    series.map((one) => ({
      ...one,
      xFilesFactor,
      tags: withTags(one.tags, { xFilesFactor: floatText(xFilesFactor) }),
    })),
})

function consolidated(series: readonly QuerySeries[], name: string): QuerySeries[] {
  return series.map((one) =>
    derive(one, `consolidateBy(${one.name},"${name}")`, {
      consolidation: consolidationOf(name),
      mark: { consolidateBy: name },
    }),
  )
}

function consolidationOf(name: string): QuerySeries['consolidation'] {
  return CONSOLIDATIONS.find((one) => one === name) ?? 'average'
}
