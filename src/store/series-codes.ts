import type { Rollup, SeriesIdentity, Statistic } from '../model/series-identity.ts'

// Codes are part of the format: they are added to, never changed.
const METRIC_TYPE_CODES: Record<SeriesIdentity['metricType'], number> = {
  counter: 1,
  gauge: 2,
  timer: 3,
  set: 4,
  untyped: 5,
}
const STATISTIC_CODES: Record<Statistic, number> = {
  count: 1,
  rate: 2,
  value: 3,
  count_ps: 4,
  lower: 5,
  upper: 6,
  mean: 7,
  median: 8,
  std: 9,
  sum: 10,
  sum_squares: 11,
  bin: 12,
  bucket: 13,
}
const ROLLUP_CODES: Record<Rollup, number> = { sum: 1, min: 2, max: 3, mean: 4, last: 5 }

const METRIC_TYPES = invert(METRIC_TYPE_CODES)
const STATISTICS = invert(STATISTIC_CODES)
const ROLLUPS = invert(ROLLUP_CODES)

/** What kind of series it is, in three bytes, the lowest first: metric type, statistic, rollup. */
export function codesOf({ metricType, statistic, rollup }: SeriesIdentity): number {
  return METRIC_TYPE_CODES[metricType] | (STATISTIC_CODES[statistic] << 8) | (ROLLUP_CODES[rollup] << 16)
}

/** undefined: there are no such codes. */
export function kindOf(
  codes: number,
): Pick<SeriesIdentity, 'metricType' | 'statistic' | 'rollup'> | undefined {
  const metricType = METRIC_TYPES.get(codes & 0xff)
  const statistic = STATISTICS.get((codes >>> 8) & 0xff)
  const rollup = ROLLUPS.get((codes >>> 16) & 0xff)
  if (metricType === undefined || statistic === undefined || rollup === undefined) return undefined
  return { metricType, statistic, rollup }
}

function invert<Name extends string>(codes: Record<Name, number>): ReadonlyMap<number, Name> {
  return new Map((Object.entries(codes) as [Name, number][]).map(([name, code]) => [code, name]))
}
