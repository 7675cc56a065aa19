import type { Consolidation } from './query-series.ts'

/**
 * What an expression is evaluated over. Most functions ask for their arguments over the window that they are evaluated over
 * themselves; `timeShift`, `movingAverage` and their like ask for others.
 */
export interface QueryWindow {
  /** As the request says it, not yet a slot: see fetch-window.ts. */
  readonly fromSeconds: number
  readonly untilSeconds: number
  /** Seconds between points; an integer of at least 1. */
  readonly stepSeconds: number
  /** How points have to become one where the store holds only coarser ones; undefined: as each series itself says. */
  readonly consolidation?: Consolidation | undefined
  /**
   * Slots of so many seconds, or of the next whole number of the store's own, each with the sum of what was stored in it; the first is
   * whole, too. For series of counts that are many. undefined: slots as the store has them.
   */
  readonly summedSeconds?: number | undefined
}

/** Text that is the same for equal windows. */
export function windowKey(window: QueryWindow): string {
  const { fromSeconds, untilSeconds, stepSeconds, consolidation = '', summedSeconds = '' } = window
  return `${fromSeconds},${untilSeconds},${stepSeconds},${consolidation},${summedSeconds}`
}
