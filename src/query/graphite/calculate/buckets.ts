import type { QuerySeries } from '../../query-series.ts'
import type { Aggregation } from '../aggregation-name.ts'
import { aggregateValues } from './aggregate-values.ts'

/**
 * One value for each bucket of time from `startSeconds` on, until `endSeconds` lies in the last. A bucket has a value if it has
 * any point, and if the share of its points that have values is not below the series' xFilesFactor.
 *
 *   series, step 60        |  .  .  .  .  .  .
 *   buckets of 180   |---------|---------|---------|
 *                    ^ start
 */
export function summarizeInto(
  series: QuerySeries,
  buckets: { startSeconds: number; endSeconds: number; seconds: number },
  aggregation: Aggregation,
): Float64Array {
  const { seconds } = buckets
  const bucketCount = bucketCountOf(buckets)
  const pointsPerBucket = seconds / series.stepSeconds
  const summarized = new Float64Array(bucketCount).fill(Number.NaN)
  const shown = (series.endSeconds - series.startSeconds) / series.stepSeconds
  const end = Math.min(series.values.length, Math.max(0, Math.ceil(shown)))
  let first = 0
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const bucketEnd = buckets.startSeconds + (bucket + 1) * seconds
    const next = clamp(Math.ceil((bucketEnd - series.startSeconds) / series.stepSeconds), first, end)
    // In one loop over all values: most buckets are short.
    let present = 0
    let sum = 0
    for (let index = first; index < next; index++) {
      const value = series.values[index] as number
      if (value !== value) continue
      present++
      sum += value
    }
    if (present > 0 && present / pointsPerBucket >= series.xFilesFactor) {
      if (aggregation === 'sum') summarized[bucket] = sum
      else if (aggregation === 'average') summarized[bucket] = sum / present
      else summarized[bucket] = aggregateValues(series.values.subarray(first, next), aggregation)
    }
    first = next
  }
  return summarized
}

export function bucketCountOf(buckets: {
  startSeconds: number
  endSeconds: number
  seconds: number
}): number {
  return Math.max(0, Math.ceil((buckets.endSeconds - buckets.startSeconds) / buckets.seconds))
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
