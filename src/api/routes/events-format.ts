import { formatEventTag } from '../../model/event-tag.ts'
import type { StoredEvent } from '../../store/events.ts'

/** An event as Graphite writes it. What Graphite has no name for comes under ours. */
export function toGraphiteEvent({ id, timeMs, title, text, tags, ...others }: StoredEvent): object {
  return {
    id,
    what: title,
    when: Math.floor(timeMs / 1000),
    data: text,
    tags: tags.map(formatEventTag),
    ...others,
  }
}

/** An event as the rest of our API writes things. */
export function toEvent({ tags, ...others }: StoredEvent): object {
  return { ...others, tags: tags.map(formatEventTag) }
}
