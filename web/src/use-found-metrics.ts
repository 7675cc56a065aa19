import { useEffect, useState } from 'react'
import { fetchMetrics, type MetricEntry } from './api.ts'

const DELAY_MS = 60

/**
 * Metrics that have the words of a search: of the newest, which the page knows, or where there are more, of all that Kymo has. Until it has answered, the newest
 * are looked through.
 */
export function useFoundMetrics(
  known: readonly MetricEntry[],
  metricCount: number,
  search: string,
): readonly MetricEntry[] {
  const [found, setFound] = useState<{ search: string; metrics: readonly MetricEntry[] } | null>(null)
  const isWhole = metricCount <= known.length
  useEffect(() => {
    if (isWhole || search === '') return
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
  }, [isWhole, search])
  return !isWhole && search !== '' && found?.search === search ? found.metrics : known
}
