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
}

/** Text that is the same for equal windows. */
export function windowKey({ fromSeconds, untilSeconds, stepSeconds, consolidation }: QueryWindow): string {
  return `${fromSeconds},${untilSeconds},${stepSeconds},${consolidation ?? ''}`
}
