import type { QuerySeries, SeriesTags } from '../../query-series.ts'
import type { NamedAggregation } from '../aggregation-name.ts'
import type { FunctionCall } from '../function-call.ts'
import { aggregateRows } from './aggregate-rows.ts'
import { createSeries, joinPathExpressions, withTags } from './create-series.ts'
import { normalize } from './normalize.ts'

/** One series of many, row by row, named after the expressions that they came from; none of none. */
export function aggregateSeries(
  series: readonly QuerySeries[],
  { name: word, aggregation }: NamedAggregation,
  { xFilesFactor = 0 }: Pick<FunctionCall, 'xFilesFactor'>,
): QuerySeries[] {
  const normalized = normalize(series)
  if (normalized === undefined) return []
  const name = `${word}Series(${joinPathExpressions(series)})`
  const { startSeconds, endSeconds, stepSeconds } = normalized
  const values = aggregateRows(normalized, aggregation, xFilesFactor)
  const tags = withTags({ name }, withTags(commonTags(series), { aggregatedBy: word }))
  return [createSeries({ name, startSeconds, endSeconds, stepSeconds, values, tags, xFilesFactor })]
}

/** The tags that all series have, with the same value. */
function commonTags(series: readonly QuerySeries[]): SeriesTags {
  const common = withTags({}, series[0]?.tags ?? {}) as Record<string, string | number>
  for (const { tags } of series) {
    for (const tag of Object.keys(common)) if (tags[tag] !== common[tag]) delete common[tag]
  }
  return common
}
