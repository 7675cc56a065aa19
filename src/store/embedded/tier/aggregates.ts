import type { Rollup, SeriesIdentity } from '../../../model/series-identity.ts'
import type { SlotRollup } from '../../engine.ts'

/** What a tier keeps of the points of each of its slots: with these five every way to consolidate is exact at any age. */
export const AGGREGATES = ['count', 'sum', 'min', 'max', 'last'] as const
export type Aggregate = (typeof AGGREGATES)[number]

/** Weights of buckets are never anything but added up, and there are many; the counts tell where there are slots. */
export function isKeptOf({ statistic }: SeriesIdentity, aggregate: Aggregate): boolean {
  return statistic !== 'bucket' || aggregate === 'sum' || aggregate === 'count'
}

/** How values of one aggregate in finer slots become its value in a coarser one. */
export const COMBINING: Readonly<Record<Aggregate, Rollup>> = {
  count: 'sum',
  sum: 'sum',
  min: 'min',
  max: 'max',
  last: 'last',
}

/** What has to be read of a tier for a rollup. */
export function aggregatesFor(rollup: SlotRollup): readonly Aggregate[] {
  switch (rollup) {
    case 'mean':
      return ['sum', 'count']
    case 'avg_zero':
      return ['sum']
    case 'absmax':
    case 'absmin':
      return ['min', 'max']
    case 'sum':
    case 'min':
    case 'max':
    case 'last':
      return [rollup]
  }
}
