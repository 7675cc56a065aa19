import type { SeriesKey } from '../../../model/series-key.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import type { PointSource } from '../point-source.ts'
import type { Aggregate } from './aggregates.ts'

/**
 * What is below a tier: points as they came. A tier is what its points were when they were folded, so a tier and the points
 * that came later say together what is so now.
 */
export interface RawPoints {
  /** In the order of the log. */
  readonly sources: readonly PointSource[]
  /** Every point from here on that ever came is still in the sources. */
  readonly completeFromMs: number
}

/** One tier as a reader sees it at one moment. */
export interface TierView {
  readonly stepMs: number
  /** What segments up to this one said of times before the horizon is in the tier. */
  readonly foldedThrough: number
  /** A multiple of the step; slots from here on are not in the tier yet. -Infinity: nothing is. */
  readonly horizonMs: number
  /** Every slot from here on has all that ever came for it. */
  readonly completeFromMs: number
  /** What there is of one aggregate, in the order it was written. */
  column(aggregate: Aggregate): readonly PointSource[]
}

/** The levels of some series. */
export interface Levels {
  readonly raw: RawPoints
  /** From the finest to the coarsest; each step is a multiple of the one before. */
  readonly tiers: readonly TierView[]
}

export interface ColumnsToRead {
  readonly keys: readonly SeriesKey[]
  readonly aggregates: readonly Aggregate[]
  /** Both ends multiples of the step of the coarsest tier. */
  readonly range: TimeRange
}

/** Per series, per aggregate: a value for each slot; NaN: none. */
export type Columns = readonly (readonly Float64Array[])[]
