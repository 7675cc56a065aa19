import { useEffect, useState } from 'react'
import { fetchMetrics, type MetricEntry } from './api.ts'
import type { LiveState } from './live.ts'

const NONE: readonly MetricEntry[] = []

/**
 * The list of metrics, newest first. It is read again when Kymo knows more of them than before, and at each flush
 * until the first is there; not otherwise, for it can be long.
 */
export function useMetrics(live: LiveState): readonly MetricEntry[] {
  const [metrics, setMetrics] = useState(NONE)
  const { status } = live
  const isEmpty = metrics.length === 0
  const revision =
    status === null
      ? null
      : [status.startedAtMs, status.metricCount, status.seriesCount, isEmpty ? live.lastFlushMs : ''].join()

  useEffect(() => {
    if (revision === null) return
    const controller = new AbortController()
    fetchMetrics(controller.signal)
      .then(setMetrics)
      // The next change asks again; that Kymo is away is said elsewhere.
      .catch(() => undefined)
    return () => controller.abort()
  }, [revision])

  return metrics
}
