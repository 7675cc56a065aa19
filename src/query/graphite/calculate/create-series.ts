import type { QuerySeries, SeriesTags } from '../../query-series.ts'

/** A series that a function makes from nothing, or from many: its tags say only what it is called. */
export function createSeries(
  made: Pick<QuerySeries, 'name' | 'startSeconds' | 'endSeconds' | 'stepSeconds' | 'values'> &
    Partial<QuerySeries>,
): QuerySeries {
  return {
    pathExpression: made.name,
    tags: withTags({}, { name: made.name }),
    consolidation: 'average',
    xFilesFactor: 0,
    ...made,
  }
}

/**
 * What a function makes of one series: with another name, which the functions around it print, and its mark among the tags.
 * What is not changed is shared.
 */
export function derive(
  series: QuerySeries,
  name: string,
  changes: Partial<QuerySeries> & { readonly mark?: SeriesTags } = {},
): QuerySeries {
  const { mark, ...changed } = changes
  const tags = mark === undefined ? series.tags : withTags(series.tags, mark)
  return { ...series, name, pathExpression: name, tags, ...changed }
}

/** Values and length; the end follows. */
export function withValues(
  values: Float64Array,
  { startSeconds, stepSeconds }: Pick<QuerySeries, 'startSeconds' | 'stepSeconds'>,
): Pick<QuerySeries, 'values' | 'startSeconds' | 'endSeconds' | 'stepSeconds'> {
  return { values, startSeconds, endSeconds: startSeconds + values.length * stepSeconds, stepSeconds }
}

/** Without a prototype, as any text is a tag. */
export function withTags(tags: SeriesTags, more: SeriesTags): SeriesTags {
  return Object.assign(Object.create(null) as Record<string, string | number>, tags, more)
}

/** The expressions that series came from, each once, in order. */
export function joinPathExpressions(series: readonly QuerySeries[]): string {
  return [...new Set(series.map((one) => one.pathExpression))].join(',')
}
