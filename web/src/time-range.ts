import type { Span } from './time/time-text.ts'

/** Which stretch of time the page shows. */
export interface TimeWindow {
  /** What is drawn: `untilSeconds - spanSeconds` to `untilSeconds`. */
  readonly spanSeconds: number
  readonly untilSeconds: number
}

export function windowOf({ fromSeconds, untilSeconds }: Span): TimeWindow {
  return { spanSeconds: untilSeconds - fromSeconds, untilSeconds: Math.floor(untilSeconds) }
}

/**
 * Where no time was chosen, it begins with the first data there is: a fresh start is not a thin stripe at the edge of an empty hour.
 * It grows in whole minutes, from five minutes up to an hour.
 */
export function automaticSpan(firstSeenMs: number, nowMs: number): number {
  const minutes = Math.ceil((nowMs - firstSeenMs) / 60_000)
  return Math.min(60, Math.max(5, minutes)) * 60
}

const ROUND_SECONDS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600,
]

/** The step at which a span is drawn with at most `maxPoints`: a multiple of `stepSeconds`, and a round one if there is. */
export function mergedStep(spanSeconds: number, stepSeconds: number, maxPoints: number): number {
  const leastSeconds = spanSeconds / maxPoints
  if (leastSeconds <= stepSeconds) return stepSeconds
  const round = ROUND_SECONDS.find((seconds) => seconds >= leastSeconds && seconds % stepSeconds === 0)
  return round ?? Math.ceil(leastSeconds / stepSeconds) * stepSeconds
}
