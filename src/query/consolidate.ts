import type { Consolidation, QuerySeries } from './query-series.ts'

/**
 * Makes series small enough to draw, exactly as Graphite does for `maxDataPoints`:
 *
 *   series   . . . . . . . . . . . .      step 60
 *            |lost|---bucket---|---bucket---|--last, partial
 *                              ^ labelled here: a multiple of bucket x step
 *
 * The first label is moved forward to the next multiple of the bucket's length, so that buckets stay where they are
 * when a page is refreshed; of the points before it Graphite drops one fewer than it moved by, and so a bucket holds
 * the points from one step before its label. Length is that of all series together; each has its own step.
 * With one point asked for, it is the whole series at its start.
 */
export function consolidateToFit(series: readonly QuerySeries[], maxDataPoints: number): QuerySeries[] {
  const start = series.reduce((least, one) => Math.min(least, one.startSeconds), Number.POSITIVE_INFINITY)
  const end = series.reduce((most, one) => Math.max(most, one.endSeconds), Number.NEGATIVE_INFINITY)
  return series.map((one) => {
    if (maxDataPoints === 1) return toOnePoint(one)
    const pointCount = (end - start) / one.stepSeconds
    if (maxDataPoints >= pointCount) return one
    return toBuckets(one, Math.ceil(pointCount / maxDataPoints))
  })
}

/**
 * One value for each `bucketLength` values; the last bucket may hold fewer, and its share of present values is
 * still taken of the full length. Below the series' xFilesFactor, and with no value at all, a bucket is null.
 */
export function consolidateValues(
  values: Float64Array,
  bucketLength: number,
  rule: Pick<QuerySeries, 'consolidation' | 'xFilesFactor'>,
): Float64Array {
  const consolidated = new Float64Array(Math.ceil(values.length / bucketLength)).fill(Number.NaN)
  for (let index = 0; index < consolidated.length; index++) {
    const bucket = values.subarray(index * bucketLength, (index + 1) * bucketLength)
    const present = bucket.filter((value) => !Number.isNaN(value))
    if (present.length === 0 || present.length / bucketLength < rule.xFilesFactor) continue
    consolidated[index] = consolidateBucket(present, bucket.length, rule.consolidation)
  }
  return consolidated
}

function toOnePoint(series: QuerySeries): QuerySeries {
  if (series.values.length === 0) return series
  return withValues(series, {
    values: consolidateValues(series.values, series.values.length, series),
    startSeconds: series.startSeconds,
    stepSeconds: series.stepSeconds * series.values.length,
  })
}

function toBuckets(series: QuerySeries, bucketLength: number): QuerySeries {
  const bucketSeconds = bucketLength * series.stepSeconds
  const nudge =
    bucketSeconds +
    floorModulo(series.startSeconds, series.stepSeconds) -
    floorModulo(series.startSeconds, bucketSeconds)
  const startSeconds = series.startSeconds + nudge
  const lostValues = Math.max(0, Math.floor(nudge / series.stepSeconds) - 1)
  const values = consolidateValues(series.values.subarray(lostValues), bucketLength, series)
  // Labels run up to the end of the series, that moment included; a bucket without a label is not given out.
  const labelCount = Math.max(0, Math.floor((series.endSeconds - startSeconds) / bucketSeconds) + 1)
  return withValues(series, {
    values: values.subarray(0, labelCount),
    startSeconds,
    stepSeconds: bucketSeconds,
  })
}

function withValues(
  series: QuerySeries,
  changed: Pick<QuerySeries, 'values' | 'startSeconds' | 'stepSeconds'>,
): QuerySeries {
  return {
    ...series,
    ...changed,
    endSeconds: changed.startSeconds + changed.values.length * changed.stepSeconds,
  }
}

function consolidateBucket(
  present: Float64Array,
  bucketLength: number,
  consolidation: Consolidation,
): number {
  switch (consolidation) {
    case 'average':
      return sum(present) / present.length
    case 'avg_zero':
      return sum(present) / bucketLength
    case 'sum':
      return sum(present)
    case 'max':
      return present.reduce((most, value) => Math.max(most, value))
    case 'min':
      return present.reduce((least, value) => Math.min(least, value))
    case 'first':
      return present[0] ?? Number.NaN
    case 'last':
      return present.at(-1) ?? Number.NaN
  }
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function floorModulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor
}
