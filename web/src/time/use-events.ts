import { useEffect, useState } from 'react'
import { type EventEntry, fetchEvents } from '../api.ts'
import type { Span } from './time-text.ts'

const NONE: readonly EventEntry[] = []
/** A live page asks no more often than this. */
const ROUND_SECONDS = 10

/** What happened in a stretch of time: the flags of its charts. */
export function useEvents({ fromSeconds, untilSeconds }: Span): readonly EventEntry[] {
  const [events, setEvents] = useState(NONE)
  const from = Math.floor(fromSeconds / ROUND_SECONDS) * ROUND_SECONDS
  const until = Math.ceil(untilSeconds / ROUND_SECONDS) * ROUND_SECONDS
  useEffect(() => {
    const controller = new AbortController()
    fetchEvents(from, until, controller.signal)
      // The same events are the same list: nothing is drawn anew for them.
      .then((found) => setEvents((before) => (idsOf(found) === idsOf(before) ? before : found)))
      // A chart without its flags is still a chart.
      .catch(() => undefined)
    return () => controller.abort()
  }, [from, until])
  return events
}

function idsOf(events: readonly EventEntry[]): string {
  return events.map(({ id }) => id).join()
}
