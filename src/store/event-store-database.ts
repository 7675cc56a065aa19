import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { MetricEvent } from '../model/event.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import {
  type EventQuery,
  MAX_FOUND_CHARACTERS,
  searchedTags,
  type StoredEvent,
  storedTimeMs,
} from './events.ts'
import { loadSqlite, SQLITE_CORRUPT, SQLITE_ERROR, SQLITE_NOTADB, sqliteCodeOf } from '../lib/load-sqlite.ts'

/**
 * `events.db`, described in docs/formats/events.md. Two tables: the events, each with all that has no column of its own as JSON,
 * which carries any text whole (NUL and lone surrogates too); and their tags, in an order in which the newest events of a
 * tag stand together.
 *
 * Text only ever reaches SQL as a parameter. Whatever SQLite throws is let through.
 */
export interface EventDatabase {
  /** In one transaction: the new ones in, then `makeRoom`. */
  append(events: readonly MetricEvent[], makeRoom: () => void): number[]
  find(query: EventQuery): StoredEvent[]
  get(id: number): StoredEvent | undefined
  /** Removes at most `limit` events that happened before then; returns how many there were. */
  removeBefore(timeMs: number, limit: number): number
  /** Removes the `limit` events that came in first. */
  removeFirst(limit: number): number
  readonly eventCount: number
  /** Of the file as far as it is in use. */
  usedBytes(): number
  backUp(path: string): Promise<void>
  close(): void
}

/** What cannot be read as this database, and will not be the next time either. */
export class DamagedDatabase extends Error {
  override readonly name = 'DamagedDatabase'
}

export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedDatabase) return true
  const code = sqliteCodeOf(error)
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
}

/** Opens the file, or makes it. Throws the KymoError `data-version`, a DamagedDatabase, or what SQLite says. */
export function openEventDatabase(path: string): EventDatabase {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    setUp(database, path)
    return new OpenDatabase(database)
  } catch (error) {
    database.close()
    // The statements are right, so it is the tables that are not.
    if (sqliteCodeOf(error) === SQLITE_ERROR) throw new DamagedDatabase(reasonOf(error), { cause: error })
    throw error
  }
}

/** Somebody may be looking into the file with a tool of their own. The thread that waits has other things to do. */
const BUSY_TIMEOUT_MS = 250

const VERSION = 1
const SCHEMA = `
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_time ON events (time_ms, id, kind);
  CREATE TABLE event_tags (
    event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (event_id, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_tags_by_tag ON event_tags (tag, time_ms, event_id, kind);
  PRAGMA user_version = ${VERSION};
`

function setUp(database: DatabaseSync, path: string): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  const version = numberOf(database.prepare('PRAGMA user_version'))
  if (version === VERSION) return
  if (version !== 0) throw new KymoError('data-version', { path, found: version, known: VERSION })
  if (numberOf(database.prepare('SELECT count(*) FROM sqlite_schema')) > 0) {
    throw new DamagedDatabase('it is a database of something else')
  }
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`)
}

/** Of an intersection the rarest tag leads. Beyond this many events the tags count as equally common. */
const RARITY_LIMIT = 1_000

interface Place {
  readonly id: number
  readonly timeMs: number
}

class OpenDatabase implements EventDatabase {
  readonly #database: DatabaseSync
  readonly #insertEvent: StatementSync
  readonly #insertTag: StatementSync
  readonly #selectEvent: StatementSync
  readonly #selectByTime: StatementSync
  readonly #countOfTag: StatementSync
  readonly #deleteBefore: StatementSync
  readonly #deleteFirst: StatementSync
  /** By how many tags they look for. */
  readonly #selectByTags = new Map<number, StatementSync>()
  readonly #pageCount: StatementSync
  readonly #freePageCount: StatementSync
  readonly #pageBytes: number
  #eventCount: number

  constructor(database: DatabaseSync) {
    this.#database = database
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#insertEvent = prepare('INSERT INTO events (time_ms, kind, content) VALUES (?, ?, ?)')
    this.#insertTag = prepare('INSERT INTO event_tags (event_id, tag, time_ms, kind) VALUES (?, ?, ?, ?)')
    this.#selectEvent = prepare('SELECT id, time_ms, kind, content FROM events WHERE id = ?')
    this.#selectByTime = prepare(`
      SELECT id, time_ms FROM events WHERE time_ms >= ? AND time_ms < ? AND (?3 IS NULL OR kind = ?3)
      ORDER BY time_ms DESC, id DESC LIMIT ?4`)
    this.#countOfTag = prepare(`
      SELECT count(*) FROM (
        SELECT 1 FROM event_tags WHERE tag = ? AND time_ms >= ? AND time_ms < ? LIMIT ${RARITY_LIMIT}
      )`)
    this.#deleteBefore = prepare(
      'DELETE FROM events WHERE id IN (SELECT id FROM events WHERE time_ms < ? ORDER BY time_ms LIMIT ?)',
    )
    this.#deleteFirst = prepare('DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?)')
    this.#pageCount = prepare('PRAGMA page_count')
    this.#freePageCount = prepare('PRAGMA freelist_count')
    this.#pageBytes = numberOf(prepare('PRAGMA page_size'))
    this.#eventCount = numberOf(prepare('SELECT count(*) FROM events'))
  }

  append(events: readonly MetricEvent[], makeRoom: () => void): number[] {
    const countBefore = this.#eventCount
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const ids = events.map((event) => this.#insert(event))
      this.#eventCount += events.length
      makeRoom()
      this.#database.exec('COMMIT')
      return ids
    } catch (error) {
      this.#eventCount = countBefore
      // Some errors have rolled back by themselves.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  find(query: EventQuery): StoredEvent[] {
    const events: StoredEvent[] = []
    let characters = 0
    for (const { id } of this.#placesOf(query)) {
      const row = this.#selectEvent.get(id)
      if (row === undefined) continue
      characters += String(row.content).length
      if (characters > MAX_FOUND_CHARACTERS) {
        throw new KymoError('answer-too-large', { limit: MAX_FOUND_CHARACTERS })
      }
      events.push(toEvent(row))
    }
    return events
  }

  get(id: number): StoredEvent | undefined {
    const row = this.#selectEvent.get(id)
    return row === undefined ? undefined : toEvent(row)
  }

  removeBefore(timeMs: number, limit: number): number {
    return this.#removed(Number(this.#deleteBefore.run(timeMs, limit).changes))
  }

  removeFirst(limit: number): number {
    return this.#removed(Number(this.#deleteFirst.run(limit).changes))
  }

  get eventCount(): number {
    return this.#eventCount
  }

  usedBytes(): number {
    return (numberOf(this.#pageCount) - numberOf(this.#freePageCount)) * this.#pageBytes
  }

  async backUp(path: string): Promise<void> {
    await loadSqlite().backup(this.#database, path)
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #insert(event: MetricEvent): number {
    const { kind, timeMs: _, ...content } = event
    const timeMs = storedTimeMs(event)
    const id = Number(this.#insertEvent.run(timeMs, kind, JSON.stringify(content)).lastInsertRowid)
    for (const tag of new Set(searchedTags(event).map(toText))) this.#insertTag.run(id, tag, timeMs, kind)
    return id
  }

  #removed(count: number): number {
    this.#eventCount -= count
    return count
  }

  /** Which events match, in order: told by the indexes alone. */
  #placesOf({ startMs, endMs, tags, setOperation, kind, limit }: EventQuery): Place[] {
    if (tags.length === 0) return this.#selectByTime.all(startMs, endMs, kind ?? null, limit).map(toPlace)
    const wanted = [...new Set(tags.map(toText))]
    if (setOperation === 'intersection') return this.#placesOfAll(wanted, { startMs, endMs, kind, limit })
    const places = new Map<number, Place>()
    for (const tag of wanted) {
      for (const place of this.#placesOfAll([tag], { startMs, endMs, kind, limit }))
        places.set(place.id, place)
    }
    return [...places.values()].sort((a, b) => b.timeMs - a.timeMs || b.id - a.id).slice(0, limit)
  }

  #placesOfAll(
    tags: readonly string[],
    query: Pick<EventQuery, 'startMs' | 'endMs' | 'limit'> & {
      readonly kind: EventQuery['kind'] | undefined
    },
  ): Place[] {
    const { startMs, endMs, kind, limit } = query
    const rarity = new Map(tags.map((tag) => [tag, numberOf(this.#countOfTag, tag, startMs, endMs)]))
    const rarestFirst = [...tags].sort((a, b) => (rarity.get(a) ?? 0) - (rarity.get(b) ?? 0))
    const select = this.#statementFor(tags.length)
    return select.all(startMs, endMs, kind ?? null, limit, ...rarestFirst).map(toPlace)
  }

  #statementFor(tagCount: number): StatementSync {
    let statement = this.#selectByTags.get(tagCount)
    if (statement === undefined) {
      const others = Array.from(
        { length: tagCount - 1 },
        (_, i) =>
          `AND EXISTS (SELECT 1 FROM event_tags other WHERE other.event_id = first.event_id AND other.tag = ?${i + 6})`,
      )
      statement = this.#database.prepare(`
        SELECT event_id AS id, time_ms FROM event_tags first
        WHERE tag = ?5 AND time_ms >= ?1 AND time_ms < ?2 AND (?3 IS NULL OR kind = ?3) ${others.join(' ')}
        ORDER BY time_ms DESC, event_id DESC LIMIT ?4`)
      this.#selectByTags.set(tagCount, statement)
    }
    return statement
  }
}

type Row = Record<string, unknown>

function toPlace(row: Row): Place {
  return { id: Number(row.id), timeMs: Number(row.time_ms) }
}

function toEvent({ id, time_ms: timeMs, kind, content }: Row): StoredEvent {
  try {
    const rest = JSON.parse(String(content)) as Omit<MetricEvent, 'kind' | 'timeMs'>
    return { id: Number(id), kind: kind as MetricEvent['kind'], timeMs: Number(timeMs), ...rest }
  } catch (cause) {
    throw new DamagedDatabase(`event ${Number(id)} cannot be read`, { cause })
  }
}

/** SQLite's text is UTF-8, which has no lone surrogates; it would replace them with this by itself, after the comparison. */
function toText(tag: string): string {
  return tag.toWellFormed()
}

/** The one number that a statement answers. */
function numberOf(statement: StatementSync, ...parameters: (string | number)[]): number {
  return Number(Object.values(statement.get(...parameters) ?? {})[0])
}
