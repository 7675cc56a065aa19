import { formatEventTag } from '../model/event-tag.ts'
import type { MetricEvent } from '../model/event.ts'

/**
 * How events are kept: one by one, and found by time and by tag. One writer, in one thread. Every event store passes
 * event-store.conformance.ts.
 *
 * An event is kept until it is older than the retention, by its own time; past the limits on number and size, those that
 * came in first make room. Events come from anywhere, so both limits hold whatever is sent.
 */
export interface EventStore {
  /**
   * Takes events in, all or none, and returns their ids in the same order. What is durable is durable when it returns.
   * Throws the KymoError `store-write-failed`; then nothing is kept and the events can be appended again.
   */
  append(events: readonly MetricEvent[]): readonly number[]
  /**
   * The newest events that match, newest first; of one time, the last that came in first. Throws the KymoError
   * `answer-too-large` past MAX_FOUND_CHARACTERS.
   */
  find(query: EventQuery): readonly StoredEvent[]
  get(id: number): StoredEvent | undefined
  stats(): EventStoreStats
  /** Copies all events into a file of the directory, while the store goes on. Nothing, if there never were any. */
  backUp(directory: string): Promise<void>
  /** Safe to call twice. */
  close(): Promise<void>
}

/** What is asked of an event store. An event at `startMs` is inside the range, one at `endMs` is not. */
export interface EventQuery {
  readonly startMs: number
  readonly endMs: number
  /** As formatEventTag writes them. None: whatever the tags. At most MAX_QUERY_TAGS, or it is a bug. */
  readonly tags: readonly string[]
  /** `intersection`: all tags are wanted; `union`: any of them. */
  readonly setOperation: 'union' | 'intersection'
  readonly kind?: MetricEvent['kind']
  /** From 1 to MAX_FOUND_EVENTS, or it is a bug. */
  readonly limit: number
}

/** `id` is a whole number that counts up, never given twice. */
export interface StoredEvent extends MetricEvent {
  readonly id: number
}

export interface EventStoreStats {
  readonly eventCount: number
  readonly storedBytes: number
}

export const MAX_FOUND_EVENTS = 10_000
export const MAX_FOUND_CHARACTERS = 16 * 1024 * 1024
export const MAX_QUERY_TAGS = 32

/** Five years, as long as the coarsest points. */
export const DEFAULT_EVENT_RETENTION_MS = 5 * 365 * 86_400_000

const MAX_SEARCHED_TAGS = 100
const MAX_TIME_MS = 8.64e15

/** The tags an event is found by: its first hundred, each once. All of them are kept. */
export function searchedTags(event: MetricEvent): readonly string[] {
  const tags = new Set<string>()
  for (const tag of event.tags) {
    tags.add(formatEventTag(tag))
    if (tags.size === MAX_SEARCHED_TAGS) break
  }
  return [...tags]
}

/** A whole number of milliseconds that a calendar has. */
export function storedTimeMs(event: MetricEvent): number {
  return Math.max(-MAX_TIME_MS, Math.min(MAX_TIME_MS, Math.round(event.timeMs)))
}

export function checkEventQuery({ limit, tags }: EventQuery): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_FOUND_EVENTS) {
    throw new Error(`BUG: ${limit} events are asked for`)
  }
  if (tags.length > MAX_QUERY_TAGS) throw new Error(`BUG: ${tags.length} tags are asked for`)
}
