import type { GraphSeries } from './graph-series.ts'

export interface StackedSeries {
  readonly series: GraphSeries
  readonly isOnRight: boolean
  /** It is filled down to what is below it. */
  readonly isStacked: boolean
  /** It is what others are put on, and adds nothing to see. */
  readonly isInvisible: boolean
  /** Its values are sums already. */
  readonly isSum: boolean
}

export interface StackedLine {
  readonly series: GraphSeries
  /** What its area reaches down to, for each value; NaN: the base of the axis. undefined: it is not stacked on anything. */
  readonly lower: Float64Array | undefined
}

/**
 * Puts series on each other, in order, those of each axis apart:
 *
 *   values 1 2 _ 3    sum  1 2 _ 3    lower  _ _ _ _
 *   values 4 _ 1 1         5 _ 1 4           1 _ _ 3
 *
 * A band (areaBetween) is a sum on an invisible one: only the two count.
 */
export function stackAreas(all: readonly StackedSeries[]): StackedLine[] {
  const grids = new Map<boolean, Grid>()
  for (const isOnRight of [false, true]) {
    const stacked = all.filter((one) => one.isStacked && one.isOnRight === isOnRight)
    const grid = finestGrid(stacked.map((one) => one.series))
    if (grid !== undefined) grids.set(isOnRight, grid)
  }
  const tops = new Map<boolean, Tops>()
  return all.map((one) => {
    const grid = grids.get(one.isOnRight)
    if (!one.isStacked || grid === undefined) return { series: one.series, lower: undefined }
    const before = tops.get(one.isOnRight) ?? {
      sum: new Float64Array(grid.length),
      top: new Float64Array(grid.length).fill(Number.NaN),
      isBand: false,
    }
    const values = resample(one.series, grid)
    const lower = Float64Array.from(before.top)
    const top = before.isBand ? new Float64Array(grid.length).fill(Number.NaN) : before.top
    if (one.isInvisible) top.fill(Number.NaN)
    for (const [i, value] of values.entries()) {
      if (Number.isNaN(value)) continue
      if (!one.isSum) {
        before.sum[i] = (before.sum[i] ?? 0) + value
        values[i] = before.sum[i] ?? value
      }
      const reached = values[i] ?? value
      const previous = top[i] ?? Number.NaN
      top[i] = previous > reached ? previous : reached
    }
    tops.set(one.isOnRight, { sum: before.sum, top, isBand: one.isInvisible })
    return { series: { ...one.series, ...grid, values }, lower }
  })
}

interface Tops {
  /** Of those that were not sums before. */
  readonly sum: Float64Array
  readonly top: Float64Array
  /** What comes next is the other side of a band. */
  readonly isBand: boolean
}

interface Grid {
  readonly startSeconds: number
  readonly stepSeconds: number
  readonly length: number
}

/** Points are as many as those of the finest series can be, and no more. */
const MOST_POINTS = 100_000

function finestGrid(series: readonly GraphSeries[]): Grid | undefined {
  const filled = series.filter((one) => one.values.length > 0)
  if (filled.length === 0) return undefined
  const startSeconds = filled.reduce(
    (least, one) => Math.min(least, one.startSeconds),
    Number.POSITIVE_INFINITY,
  )
  const endSeconds = filled.reduce(
    (most, one) => Math.max(most, one.startSeconds + one.values.length * one.stepSeconds),
    0,
  )
  const finest = filled.reduce((least, one) => Math.min(least, one.stepSeconds), Number.POSITIVE_INFINITY)
  const stepSeconds = Math.max(finest, (endSeconds - startSeconds) / MOST_POINTS)
  return { startSeconds, stepSeconds, length: Math.ceil((endSeconds - startSeconds) / stepSeconds) }
}

/** A coarser series has its value in each point of its step. */
function resample(series: GraphSeries, { startSeconds, stepSeconds, length }: Grid): Float64Array {
  const values = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const seconds = startSeconds + i * stepSeconds
    values[i] = series.values[Math.floor((seconds - series.startSeconds) / series.stepSeconds)] ?? Number.NaN
  }
  return values
}
