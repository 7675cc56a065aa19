import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { float, optional, seriesList } from '../parameters.ts'

export const removeEmptySeries = defineFunction({
  name: 'removeEmptySeries',
  group: 'Filter Series',
  description:
    'Leaves out the series without values, or, with an xFilesFactor, those of which a lesser share of the points has values.',
  example: 'removeEmptySeries(servers.*.load, 0.5)',
  params: { seriesList: seriesList(), xFilesFactor: optional(float()) },
  evaluate: ({ seriesList: series, xFilesFactor }) =>
    keepShare(series, xFilesFactor, (value) => !Number.isNaN(value)),
})

export const removeZeroSeries = defineFunction({
  name: 'removeZeroSeries',
  group: 'Filter Series',
  description:
    'Leaves out the series that are always 0 or null, or, with an xFilesFactor, those of which a lesser share of the points is neither.',
  example: 'removeZeroSeries(servers.*.errors)',
  params: { seriesList: seriesList(), xFilesFactor: optional(float()) },
  evaluate: ({ seriesList: series, xFilesFactor }) =>
    keepShare(series, xFilesFactor, (value) => !Number.isNaN(value) && value !== 0),
})

function keepShare(
  series: readonly QuerySeries[],
  xFilesFactor = 0,
  counts: (value: number) => boolean,
): QuerySeries[] {
  return series.filter(({ values }) => {
    let count = 0
    for (const value of values) if (counts(value)) count++
    return count > 0 && count / values.length >= xFilesFactor
  })
}
