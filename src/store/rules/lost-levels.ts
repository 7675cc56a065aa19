import type { Retention } from '../../model/retention.ts'
import type { LostLevel } from './rules-report.ts'

/** Since when a series has points, and until when. */
export interface SeenRange {
  readonly firstSeenMs: number
  readonly lastSeenMs: number
}

/** What falls out of each level of a series if it is kept otherwise from now on. Levels are told apart by their steps, but for the finest, whose points are as they came. */
export function lostLevels(
  before: readonly Retention[],
  after: readonly Retention[],
  { firstSeenMs, lastSeenMs }: SeenRange,
  nowMs: number,
): LostLevel[] {
  return before.flatMap(({ stepSeconds, retentionSeconds }, index) => {
    const kept = index === 0 ? after[0] : after.slice(1).find((one) => one.stepSeconds === stepSeconds)
    const fromMs = Math.max(firstSeenMs, nowMs - retentionSeconds * 1_000)
    const untilMs = Math.min(lastSeenMs + 1, nowMs - (kept?.retentionSeconds ?? 0) * 1_000)
    const slots = Math.ceil((untilMs - fromMs) / (stepSeconds * 1_000))
    return slots > 0 ? [{ stepSeconds: index === 0 ? 0 : stepSeconds, slots, fromMs, untilMs }] : []
  })
}

/** Steps of tiers that a series is in from now on and was not before: they hold nothing of it that was rolled up before. */
export function newTierSteps(before: readonly Retention[], after: readonly Retention[]): number[] {
  const known = before.slice(1).map(({ stepSeconds }) => stepSeconds)
  return after
    .slice(1)
    .map(({ stepSeconds }) => stepSeconds)
    .filter((step) => !known.includes(step))
}
