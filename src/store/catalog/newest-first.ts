import type { Slices } from '../../lib/slices.ts'
import type { MetricGroups } from './metric-groups.ts'

/**
 * The metrics first seen last, each by its head, at most `limit` of them, in no order. Of those first seen at one
 * time it is no matter which. All are looked at once, however few are wanted. `isWanted` is asked of their heads.
 */
export function* newestFirst(
  metrics: MetricGroups,
  limit: number,
  isWanted: (row: number) => boolean = () => true,
): Slices<number[]> {
  if (limit <= 0) return []
  let newest: Head[] = []
  let boundaryMs = Number.NEGATIVE_INFINITY
  let steps = 0
  for (const row of metrics.heads()) {
    if (++steps % STEPS_IN_A_SLICE === 0) yield
    if (row < 0) continue
    const firstSeenMs = metrics.firstSeenMsOf(row)
    if (firstSeenMs <= boundaryMs || !isWanted(row)) continue
    newest.push({ row, firstSeenMs })
    if (newest.length < limit * 2 + LEAST_KEPT) continue
    newest = cut(newest, limit)
    boundaryMs = newest.at(-1)?.firstSeenMs ?? boundaryMs
  }
  return cut(newest, limit).map(({ row }) => row)
}

interface Head {
  readonly row: number
  readonly firstSeenMs: number
}

function cut(heads: readonly Head[], limit: number): Head[] {
  return heads.toSorted((a, b) => b.firstSeenMs - a.firstSeenMs).slice(0, limit)
}

const LEAST_KEPT = 256
const STEPS_IN_A_SLICE = 2_048
