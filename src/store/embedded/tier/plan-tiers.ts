import type { Retention } from '../../../model/retention.ts'
import { tierStepsOf } from './tier-steps.ts'

/** What is to be kept of all series together. */
export interface TierPlan {
  /** Ascending by step. */
  readonly tiers: readonly PlannedTier[]
  /** The longest that any series' points are kept as they came. */
  readonly rawRetentionMs: number
  /** The longest that anything is kept. */
  readonly totalRetentionMs: number
}

export interface PlannedTier {
  readonly stepMs: number
  /** The longest of any series. */
  readonly retentionMs: number
  /** The shortest that the level below is kept, of any series. */
  readonly belowRetentionMs: number
}

/** `retentions`: all that there are, each from the finest to the coarsest. */
export function planTiers(retentions: readonly (readonly Retention[])[]): TierPlan {
  const tiers = new Map<number, PlannedTier>()
  let rawRetentionMs = 0
  let totalRetentionMs = 0
  for (const levels of retentions) {
    let belowMs = (levels[0]?.retentionSeconds ?? 0) * 1_000
    rawRetentionMs = Math.max(rawRetentionMs, belowMs)
    for (const { stepSeconds, retentionSeconds } of levels) {
      const stepMs = stepSeconds * 1_000
      const retentionMs = retentionSeconds * 1_000
      totalRetentionMs = Math.max(totalRetentionMs, retentionMs)
      if (tierStepsOf(levels, stepMs).at(-1) !== stepMs) continue
      const known = tiers.get(stepMs)
      tiers.set(stepMs, {
        stepMs,
        retentionMs: Math.max(known?.retentionMs ?? 0, retentionMs),
        belowRetentionMs: Math.min(known?.belowRetentionMs ?? Number.POSITIVE_INFINITY, belowMs),
      })
      belowMs = retentionMs
    }
  }
  return {
    tiers: [...tiers.values()].sort((a, b) => a.stepMs - b.stepMs),
    rawRetentionMs,
    totalRetentionMs,
  }
}
