import { useEffect, useState } from 'react'
import { fetchServices, type ServiceList } from '../api.ts'
import { browserClock } from '../browser-clock.ts'
import type { LiveState } from '../live.ts'

/** When each was seen last is told with it. */
const AGAIN_MS = 60_000

/**
 * The services, the newest first, at most so many: asked for again when Kymo knows more metrics than before, or fewer, and now and then.
 * undefined: it has not said yet. */
export function useServices(live: LiveState, limit: number): ServiceList | undefined {
  const [list, setList] = useState<ServiceList>()
  const { status } = live
  const revision =
    status === null ? null : [status.startedAtMs, status.metricCount, status.seriesCount].join()

  useEffect(() => {
    if (revision === null) return
    const controller = new AbortController()
    let cancel: (() => void) | undefined
    const ask = async (): Promise<void> => {
      try {
        setList(await fetchServices(limit, controller.signal))
      } catch {
        // The next change asks again; that Kymo is away is said elsewhere.
        if (!controller.signal.aborted) setList((known) => known ?? { services: [], count: 0 })
      }
      if (!controller.signal.aborted) cancel = browserClock.after(AGAIN_MS, () => void ask())
    }
    void ask()
    return () => {
      controller.abort()
      cancel?.()
    }
  }, [revision, limit])

  return list
}
