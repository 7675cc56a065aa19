import type { FlushBatch } from '../../model/flush-batch.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'

export function isRate(statistic: SeriesIdentity['statistic']): boolean {
  return statistic === 'rate' || statistic === 'count_ps'
}

/** How many values a mean stands for. */
export type WeightOf = (identity: SeriesIdentity) => number

/** How many values a mean of this flush stands for; 1 where the flush does not say. */
export function createWeights({ series, values }: Pick<FlushBatch, 'series' | 'values'>): WeightOf {
  const counts = new Map<string, number>()
  for (let index = 0; index < series.length; index++) {
    const identity = series[index] as SeriesIdentity
    if (identity.metricType !== 'timer' || identity.statistic !== 'count') continue
    counts.set(weightKey(identity.metricKey, identity.percentile), values[index] as number)
  }
  if (counts.size === 0) return () => 1
  let last: SeriesIdentity | undefined
  let lastWeight = 1
  return (identity) => {
    if (identity.metricType !== 'timer') return 1
    if (identity.metricKey === last?.metricKey && identity.percentile === last.percentile) return lastWeight
    const { metricKey, percentile } = identity
    last = identity
    lastWeight = counts.get(weightKey(metricKey, percentile)) ?? counts.get(metricKey) ?? 1
    return lastWeight
  }
}

function weightKey(metricKey: string, percentile: number | undefined): string {
  // No key of a metric holds a line feed.
  return percentile === undefined ? metricKey : `${metricKey}\n${percentile}`
}
