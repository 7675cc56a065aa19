import { systemClock, type Clock } from '../lib/clock.ts'
import type { MetricEvent } from '../model/event.ts'
import { KymoError } from '../telemetry/errors.ts'
import {
  checkEventQuery,
  DEFAULT_EVENT_RETENTION_MS,
  type EventQuery,
  type EventStore,
  MAX_FOUND_CHARACTERS,
  searchedTags,
  type StoredEvent,
  storedTimeMs,
} from './events.ts'

export interface MemoryEventStoreOptions {
  readonly clock?: Clock
  readonly retentionMs?: number
  readonly maxEvents?: number
  /** Of all that is text in all events. */
  readonly maxCharacters?: number
}

/** Events that last as long as the process: for a Kymo without a store, and for tests. */
export function openMemoryEventStore(options: MemoryEventStoreOptions = {}): EventStore {
  return new MemoryEventStore(options)
}

const DEFAULT_MAX_EVENTS = 10_000
const DEFAULT_MAX_CHARACTERS = 32 * 1024 * 1024

interface Entry {
  readonly event: StoredEvent
  readonly tags: ReadonlySet<string>
  readonly characters: number
}

class MemoryEventStore implements EventStore {
  readonly #clock: Clock
  readonly #retentionMs: number
  readonly #maxEvents: number
  readonly #maxCharacters: number
  /** In the order they came, which is that of their ids. */
  readonly #entries = new Map<number, Entry>()
  #characters = 0
  #lastId = 0

  constructor(options: MemoryEventStoreOptions) {
    this.#clock = options.clock ?? systemClock
    this.#retentionMs = options.retentionMs ?? DEFAULT_EVENT_RETENTION_MS
    this.#maxEvents = options.maxEvents ?? DEFAULT_MAX_EVENTS
    this.#maxCharacters = options.maxCharacters ?? DEFAULT_MAX_CHARACTERS
  }

  append(events: readonly MetricEvent[]): readonly number[] {
    const ids = events.map((event) => this.#add(event))
    for (const [id, entry] of this.#entries) {
      if (!this.#isOverLimit() && !this.#isOutdated(entry.event)) break
      this.#entries.delete(id)
      this.#characters -= entry.characters
    }
    return ids
  }

  find(query: EventQuery): readonly StoredEvent[] {
    checkEventQuery(query)
    const matching = [...this.#entries.values()]
      .filter((entry) => !this.#isOutdated(entry.event) && matches(entry, query))
      .sort((a, b) => b.event.timeMs - a.event.timeMs || b.event.id - a.event.id)
      .slice(0, query.limit)
    const characters = matching.reduce((sum, entry) => sum + entry.characters, 0)
    if (characters > MAX_FOUND_CHARACTERS) {
      throw new KymoError('answer-too-large', { limit: MAX_FOUND_CHARACTERS })
    }
    return matching.map((entry) => entry.event)
  }

  get(id: number): StoredEvent | undefined {
    const event = this.#entries.get(id)?.event
    return event === undefined || this.#isOutdated(event) ? undefined : event
  }

  stats() {
    return { eventCount: this.#entries.size, storedBytes: 0 }
  }

  async backUp(): Promise<void> {}

  async close(): Promise<void> {}

  #add(event: MetricEvent): number {
    const id = ++this.#lastId
    const characters = JSON.stringify(event).length
    const stored = { ...event, id, timeMs: storedTimeMs(event) }
    this.#entries.set(id, { event: stored, tags: new Set(searchedTags(event)), characters })
    this.#characters += characters
    return id
  }

  #isOverLimit(): boolean {
    return this.#entries.size > this.#maxEvents || this.#characters > this.#maxCharacters
  }

  #isOutdated(event: StoredEvent): boolean {
    return event.timeMs < this.#clock.nowMs() - this.#retentionMs
  }
}

function matches({ event, tags }: Entry, query: EventQuery): boolean {
  if (event.timeMs < query.startMs || event.timeMs >= query.endMs) return false
  if (query.kind !== undefined && event.kind !== query.kind) return false
  if (query.tags.length === 0) return true
  const isThere = (tag: string): boolean => tags.has(tag)
  return query.setOperation === 'union' ? query.tags.some(isThere) : query.tags.every(isThere)
}
