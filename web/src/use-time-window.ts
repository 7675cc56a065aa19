import { useMemo, useRef } from 'react'
import type { MetricEntry } from './api.ts'
import { browserClock } from './browser-clock.ts'
import type { LiveState } from './live.ts'
import { automaticSpan, type TimeWindow } from './time-range.ts'

/** Flushes more often than this do not move the page more often. */
const MIN_REFRESH_MS = 1000

/** The stretch of time on the page: it ends now, and moves on with each flush while the page can be seen. */
export function useTimeWindow(live: LiveState, metrics: readonly MetricEntry[]): TimeWindow {
  const shownFlush = useRef(live.lastFlushMs)
  const isFirst = shownFlush.current === 0
  const isDue = Math.abs(live.lastFlushMs - shownFlush.current) >= MIN_REFRESH_MS
  if (isFirst || (isDue && document.visibilityState === 'visible')) shownFlush.current = live.lastFlushMs
  const flushMs = shownFlush.current

  const firstSeenMs = useMemo(
    () => metrics.reduce((first, metric) => Math.min(first, metric.firstSeenMs), Number.POSITIVE_INFINITY),
    [metrics],
  )
  const { clockOffsetMs } = live
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock is read at a flush, not when its offset is measured anew.
  return useMemo(() => {
    const nowMs = Math.max(flushMs, browserClock.nowMs() + clockOffsetMs)
    return {
      spanSeconds: automaticSpan(firstSeenMs, nowMs),
      untilSeconds: Math.floor(nowMs / 1000),
    }
  }, [firstSeenMs, flushMs])
}
