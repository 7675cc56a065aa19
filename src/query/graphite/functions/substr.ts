import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { node, seriesList, withDefault } from '../parameters.ts'

export const substr = defineFunction({
  name: 'substr',
  group: 'Special',
  description:
    'Cuts each name down to the nodes from start up to stop, which is left out; both are counted from the end if they are negative, and a stop of 0 is the end. Of a series that a function has made, what stands in the innermost parentheses, before the first comma, is cut.',
  example: 'substr(servers.web1.cpu.load, 1, 3)',
  params: { seriesList: seriesList(), start: withDefault(node(), 0), stop: withDefault(node(), 0) },
  evaluate: ({ seriesList: series, start, stop }) => cutNames(series, start, stop),
})

export const aliasByMetric = defineFunction({
  name: 'aliasByMetric',
  group: 'Alias',
  description: 'Names each series after the last node of its name.',
  example: 'aliasByMetric(servers.web1.cpu.*)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) => cutNames(series, -1, 0),
})

function cutNames(series: readonly QuerySeries[], start: number, stop: number): QuerySeries[] {
  return series.map((one) => {
    const nodes = innermost(one.name).split('.')
    const cut = nodes.slice(start, stop === 0 ? undefined : stop).join('.')
    return { ...one, name: cut.replace(/,.*$/, '') }
  })
}

/** From the last opening parenthesis to the first closing one, wherever that is. */
function innermost(name: string): string {
  const end = name.indexOf(')')
  return name.slice(name.lastIndexOf('(') + 1, end < 0 ? undefined : end)
}
