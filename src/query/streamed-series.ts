import type { QuerySeries } from './query-series.ts'

/** A series whose values come one part after the other, so that all of them are never held at once. */
export interface StreamedSeries {
  readonly head: Omit<QuerySeries, 'values'>
  readonly values: Iterable<Float64Array> | AsyncIterable<Float64Array>
}

/** A series that is there as a whole. */
export function streamOf({ values, ...head }: QuerySeries): StreamedSeries {
  return { head, values: [values] }
}
