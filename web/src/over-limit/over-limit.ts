import type { StatusReport } from '../api.ts'

export type Offender = StatusReport['limits']['offenders'][number]

/** The newest flush refused new metrics, or the one before it: a flood that pauses for one flush is not over. */
export function isOverLimit({ limits, lastFlushMs, flushIntervalMs }: StatusReport): boolean {
  return limits.lastRefusedMs !== null && limits.lastRefusedMs >= lastFlushMs - flushIntervalMs
}

/** Where the metrics that a limit refuses are added up. */
export function overflowName({ limit }: Offender): string {
  return limit.prefix === '' ? '__over_limit__' : `${limit.prefix}.__over_limit__`
}

/** How long its bar is, in percent of that of the worst. */
export function shareOf(offender: Offender, offenders: readonly Offender[]): number {
  const most = offenders.reduce((sum, { refused }) => Math.max(sum, refused), 1)
  return Math.max(1, (offender.refused / most) * 100)
}
