import type { EventEntry } from '../api.ts'
import { showHidden } from '../series-name.ts'
import { useTimes } from './times.ts'

const SHOWN = 6

/** What the flags of the graphs stand for, the newest first. */
export function EventList({ events }: { readonly events: readonly EventEntry[] }) {
  const times = useTimes()
  if (events.length === 0) return null
  return (
    <ul className="events" aria-label="Events">
      {events.slice(0, SHOWN).map((event) => (
        <li key={event.id} className="event" title={showHidden(event.text ?? '')}>
          <span className="event-flag" aria-hidden="true">
            ▾
          </span>
          <time>{times.moment(event.timeMs / 1000)}</time>
          <bdi>{showHidden(event.title)}</bdi>
          {event.tags.length > 0 && (
            <span className="event-tags">{event.tags.map(showHidden).join(', ')}</span>
          )}
        </li>
      ))}
      {events.length > SHOWN && <li className="event">and {events.length - SHOWN} more</li>}
    </ul>
  )
}
