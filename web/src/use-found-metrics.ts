import { useEffect, useState } from 'react'
import { fetchMetrics, type MetricEntry } from './api.ts'

const DELAY_MS = 60

export interface FoundMetrics {
  readonly metrics: readonly MetricEntry[]
  /** Kymo has not yet answered; they are of the newest, and there may be others. */
  readonly isSearching: boolean
}

/**
 * Metrics that have the words of a search: of the newest, which the page knows, or where there are more, of all that Kymo has. Until it has answered, the newest
 * are looked through.
 */
export function useFoundMetrics(
  known: readonly MetricEntry[],
  metricCount: number,
  search: string,
): FoundMetrics {
  const [found, setFound] = useState<{ search: string; metrics: readonly MetricEntry[] } | null>(null)
  const isKnown = metricCount <= known.length || search === ''
  // biome-ignore lint/correctness/useExhaustiveDependencies: where there are more than before, some may be of these.
  useEffect(() => {
    if (isKnown) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      fetchMetrics(controller.signal, search)
        .then((metrics) => setFound({ search, metrics }))
        // The next letter asks again; that Kymo is away is said elsewhere.
        .catch(() => undefined)
    }, DELAY_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [isKnown, search, metricCount])
  if (isKnown) return { metrics: known, isSearching: false }
  return found?.search === search
    ? { metrics: found.metrics, isSearching: false }
    : { metrics: known, isSearching: true }
}
