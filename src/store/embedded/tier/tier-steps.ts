import type { Retention } from '../../../model/retention.ts'

/**
 * The tiers of a series from the finest on, as far as their steps divide each other and the last one, `untilMs`. The first retention is
 * that of the points as they came, and no tier.
 */
export function tierStepsOf(retentions: readonly Retention[], untilMs: number): number[] {
  const stepsMs: number[] = []
  for (const { stepSeconds } of retentions.slice(1)) {
    const stepMs = stepSeconds * 1_000
    if (stepMs > untilMs) break
    if (untilMs % stepMs === 0 && stepMs % (stepsMs.at(-1) ?? stepMs) === 0) stepsMs.push(stepMs)
  }
  return stepsMs
}
