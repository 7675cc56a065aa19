import { existsSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, type Clock } from '../lib/clock.ts'
import type { MetricEvent } from '../model/event.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import { silentLog, type Log } from '../telemetry/log.ts'
import { type EventDatabase, isDamage, openEventDatabase } from './event-store-database.ts'
import {
  checkEventQuery,
  DEFAULT_EVENT_RETENTION_MS,
  type EventQuery,
  type EventStore,
  type StoredEvent,
} from './events.ts'

export interface EventStoreOptions {
  /** The data directory. It has to be there, and its lock held. */
  readonly path: string
  readonly retentionMs?: number
  readonly maxEvents?: number
  /** Of the database. What it once took from the disk it keeps, and fills again. */
  readonly maxBytes?: number
  readonly clock?: Clock
  readonly log?: Log
}

/**
 * The events in `events.db`, a SQLite database in the data directory that is made when the first event comes. An append is
 * one transaction, synced before it returns, so events are best given in batches.
 *
 * A file that turns out to be damaged, now or later, is set aside as `events.db.damaged-1` and a new one is begun: a
 * list of deployments is no reason not to run. Throws the KymoErrors `data-version` and `data-unopenable`.
 */
export function openEventStore(options: EventStoreOptions): EventStore {
  return new SqliteEventStore(options)
}

const FILE_NAME = 'events.db'
const DEFAULT_MAX_EVENTS = 1_000_000
const DEFAULT_MAX_BYTES = 1024 ** 3

/** What is outdated goes in pieces of this size, and the next look is soon where there was more. */
const REMOVED_AT_ONCE = 1_000
const LOOK_INTERVAL_MS = 3_600_000
const NEXT_PIECE_MS = 10_000

class SqliteEventStore implements EventStore {
  readonly #directory: string
  readonly #path: string
  readonly #retentionMs: number
  readonly #maxEvents: number
  readonly #maxBytes: number
  readonly #clock: Clock
  readonly #log: Log
  /** undefined: there is no file yet. */
  #database: EventDatabase | undefined
  #nextLookMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(options: EventStoreOptions) {
    this.#directory = options.path
    this.#path = join(options.path, FILE_NAME)
    this.#retentionMs = options.retentionMs ?? DEFAULT_EVENT_RETENTION_MS
    this.#maxEvents = options.maxEvents ?? DEFAULT_MAX_EVENTS
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLog
    if (existsSync(this.#path)) this.#openExisting()
  }

  append(events: readonly MetricEvent[]): readonly number[] {
    this.#checkOpen()
    if (events.length === 0) return []
    try {
      return this.#withoutDamage(() => {
        this.#database ??= openEventDatabase(this.#path)
        const database = this.#database
        return database.append(events, () => this.#makeRoom(database))
      })
    } catch (error) {
      throw new KymoError(
        'store-write-failed',
        { path: this.#path, reason: reasonOf(error) },
        { cause: error },
      )
    }
  }

  find(query: EventQuery): readonly StoredEvent[] {
    this.#checkOpen()
    checkEventQuery(query)
    const startMs = Math.max(query.startMs, this.#oldestMs())
    return this.#withoutDamage(() => this.#database?.find({ ...query, startMs })) ?? []
  }

  get(id: number): StoredEvent | undefined {
    this.#checkOpen()
    const event = this.#withoutDamage(() => this.#database?.get(id))
    return event === undefined || event.timeMs < this.#oldestMs() ? undefined : event
  }

  stats() {
    const eventCount = this.#database?.eventCount ?? 0
    const storedBytes = [this.#path, `${this.#path}-wal`].reduce((sum, path) => sum + bytesOf(path), 0)
    return { eventCount, storedBytes }
  }

  async backUp(directory: string): Promise<void> {
    this.#checkOpen()
    await this.#database?.backUp(join(directory, FILE_NAME))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#database?.close()
  }

  #openExisting(): void {
    try {
      this.#withoutDamage(() => {
        this.#database ??= openEventDatabase(this.#path)
      })
    } catch (error) {
      if (error instanceof KymoError) throw error
      const reason = `${FILE_NAME}: ${reasonOf(error)}`
      throw new KymoError('data-unopenable', { path: this.#directory, reason }, { cause: error })
    }
  }

  /** Part of the transaction of an append, so that the limits hold at every moment. */
  #makeRoom(database: EventDatabase): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs >= this.#nextLookMs) {
      const removed = database.removeBefore(this.#oldestMs(), REMOVED_AT_ONCE)
      this.#nextLookMs = nowMs + (removed < REMOVED_AT_ONCE ? LOOK_INTERVAL_MS : NEXT_PIECE_MS)
    }
    const excess = database.eventCount - this.#maxEvents
    if (excess > 0) database.removeFirst(excess)
    while (database.usedBytes() > this.#maxBytes) {
      const count = Math.ceil(database.eventCount / 20)
      if (database.removeFirst(Math.min(count, REMOVED_AT_ONCE)) === 0) break
    }
  }

  #oldestMs(): number {
    return this.#clock.nowMs() - this.#retentionMs
  }

  /** Runs the action, once more on a new file if this one is damaged. */
  #withoutDamage<Result>(action: () => Result): Result {
    try {
      return action()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#setAside(reasonOf(error))
      return action()
    }
  }

  #setAside(reason: string): void {
    this.#database?.close()
    this.#database = undefined
    let number = 1
    while (existsSync(`${this.#path}.damaged-${number}`)) number++
    const movedTo = `${this.#path}.damaged-${number}`
    // The names belong together, so that SQLite's own tools find what they may save.
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(this.#path + suffix)) renameSync(this.#path + suffix, movedTo + suffix)
    }
    this.#log.error(
      { path: this.#path, movedTo, reason },
      'the file of events is damaged; it was set aside and a new one is begun',
    )
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error('BUG: a closed event store is used')
  }
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
