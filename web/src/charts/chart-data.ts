import type { SeriesPoints } from '../series-points.ts'
import { mergedStep, type TimeWindow } from '../time-range.ts'
import { type Band, type ChartPlan, columnsOf, extremesOf, type Merge, seriesOf } from './chart-plan.ts'

/**
 * The points of a chart on one even grid of time, merged where there are more than can be drawn. A flush is stamped
 * with the end of its interval, and so is a merged point:
 *
 *   flushes      10  20  30  40  50  60
 *   merged to 30        [--30--]    [--60--]
 */
export interface ChartData {
  /** Seconds: the end of the interval that a point covers. */
  readonly times: readonly number[]
  /** By series key; null: no point. Each as long as `times`. */
  readonly columns: ReadonlyMap<string, readonly (number | null)[]>
  /** Length of the interval that a point covers. */
  readonly stepSeconds: number
  /** Length of the intervals it was merged from. */
  readonly flushSeconds: number
  /** A point may have a lowest and a highest value that are not the same. */
  readonly hasExtremes: boolean
  readonly window: TimeWindow
}

/** undefined: not loaded yet. */
export function layOut(
  plan: ChartPlan,
  loaded: ReadonlyMap<string, SeriesPoints>,
  window: TimeWindow,
): ChartData | undefined {
  const keys = seriesOf(plan)
  const series = keys.flatMap((key) => loaded.get(key) ?? [])
  if (series.length === 0 || series.length < keys.length) return undefined
  const flushSeconds = series.find((points) => points.stepSeconds !== undefined)?.stepSeconds ?? 1
  const stepSeconds = mergedStep(window.spanSeconds, flushSeconds, plan.maxPoints)
  const first = Math.floor((window.untilSeconds - window.spanSeconds) / stepSeconds)
  const last = Math.ceil(window.untilSeconds / stepSeconds)
  const grid: Grid = { first, length: last - first, stepSeconds }
  const hasOwnExtremes = areExtremesThere(plan, loaded)
  const columns = [...columnsOf(plan, hasOwnExtremes)].map(
    ([key, column]) => [key, mergePoints(loaded.get(column.series), column.merge, grid)] as const,
  )
  return {
    times: Array.from({ length: grid.length }, (_, i) => (first + i + 1) * stepSeconds),
    columns: new Map(columns),
    stepSeconds,
    flushSeconds,
    hasExtremes: hasOwnExtremes || stepSeconds > flushSeconds,
    window,
  }
}

/**
 * Series that a chart needs of Kymo, as far as is known by now: where the points are further apart than flushes, they may be rolled up, and their lows
 * and highs are asked for, too.
 */
export function neededSeries(
  plan: ChartPlan,
  loaded: ReadonlyMap<string, SeriesPoints>,
  flushSeconds: number,
): string[] {
  const stepSeconds = loaded.get(plan.band?.ofKey ?? '')?.stepSeconds ?? 0
  const mayBeRolledUp = flushSeconds > 0 && stepSeconds > flushSeconds
  return mayBeRolledUp ? [...seriesOf(plan), ...extremesOf(plan)] : seriesOf(plan)
}

function areExtremesThere(plan: ChartPlan, loaded: ReadonlyMap<string, SeriesPoints>): boolean {
  const extremes = extremesOf(plan)
  return extremes.length > 0 && extremes.every((key) => (loaded.get(key)?.seconds.length ?? 0) > 0)
}

/** null: there is none, or each point of the chart is but one value. */
export function shownBand({ band }: ChartPlan, data: ChartData): Band | null {
  return band?.ofKey === undefined || data.hasExtremes ? band : null
}

/** null: there is no point. */
export function valueAt(data: ChartData, key: string | null | undefined, index: number): number | null {
  return data.columns.get(key ?? '')?.[index] ?? null
}

/** How long the interval that ends then has lasted: one that is not over, as far as it has come. */
export function lastedSeconds({ window, stepSeconds, flushSeconds }: ChartData, endSeconds: number): number {
  const stillToCome = Math.max(0, endSeconds - window.untilSeconds)
  return Math.max(flushSeconds, stepSeconds - stillToCome)
}

/** The newest time at which any series has a point. */
export function newestTime(data: ChartData): number | undefined {
  const keys = [...data.columns.keys()]
  return data.times.findLast((_, index) => keys.some((key) => valueAt(data, key, index) !== null))
}

export function hasValues(data: ChartData): boolean {
  return newestTime(data) !== undefined
}

interface Grid {
  /** Interval 0 begins at `first * stepSeconds`, exclusive. */
  readonly first: number
  readonly length: number
  readonly stepSeconds: number
}

function mergePoints(points: SeriesPoints | undefined, merge: Merge, grid: Grid): (number | null)[] {
  const column = Array.from({ length: grid.length }, (): number | null => null)
  const counts = new Uint32Array(grid.length)
  points?.seconds.forEach((seconds, i) => {
    const index = Math.ceil(seconds / grid.stepSeconds) - 1 - grid.first
    const value = points.values[i]
    if (index < 0 || index >= grid.length || value === undefined) return
    const count = (counts[index] ?? 0) + 1
    counts[index] = count
    column[index] = mergeValue(column[index] ?? null, value, merge, count)
  })
  return column
}

/** `count`: how many values there are with this one. */
function mergeValue(before: number | null, value: number, merge: Merge, count: number): number {
  if (before === null) return value
  switch (merge) {
    case 'sum':
      return before + value
    case 'min':
      return Math.min(before, value)
    case 'max':
      return Math.max(before, value)
    case 'mean':
      return before + (value - before) / count
    case 'last':
      return value
  }
}
