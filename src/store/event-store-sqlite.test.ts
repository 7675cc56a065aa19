import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { KymoError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { type EventStoreOptions, openEventStore } from './event-store-sqlite.ts'
import {
  eventOf,
  eventStoreConformance,
  EVERYTHING,
  HOSTILE_TEXTS,
  NOW_MS,
} from './event-store.conformance.ts'
import type { EventStore } from './events.ts'

eventStoreConformance('the SQLite store', async (limits) => {
  const directory = mkdtempSync(join(tmpdir(), 'kymo-events-'))
  let store = openEventStore({ path: directory, ...limits })
  return {
    store,
    async reopen() {
      await store.close()
      return (store = openEventStore({ path: directory, ...limits }))
    },
    async dispose() {
      await store.close()
      rmSync(directory, { recursive: true })
    },
  }
})

describe('events.db', () => {
  let path: string
  let file: string
  let stores: EventStore[]
  let logged: { fields: Record<string, unknown>; message: string }[]

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'kymo-events-'))
    file = join(path, 'events.db')
    stores = []
    logged = []
  })
  afterEach(async () => {
    for (const store of stores) await store.close()
    rmSync(path, { recursive: true })
  })

  function open(options: Partial<EventStoreOptions> = {}): EventStore {
    const log = {
      error: (fields: Record<string, unknown>, message: string) => void logged.push({ fields, message }),
    } as unknown as Log
    const store = openEventStore({ path, clock: new FakeClock(NOW_MS), log, ...options })
    stores.push(store)
    return store
  }

  /** A file with this many events, closed. */
  async function fill(count: number): Promise<void> {
    const store = open()
    const tags = [['a', '']] as const
    store.append(
      Array.from({ length: count }, (_, i) => eventOf({ title: `event ${i}`, text: 'x'.repeat(200), tags })),
    )
    await store.close()
  }

  function sql(statement: string): void {
    const database = new DatabaseSync(file)
    database.exec(statement)
    database.close()
  }

  test('is made when the first event comes', () => {
    const store = open()
    store.find(EVERYTHING)
    store.append([])
    expect(readdirSync(path)).toEqual([])
    store.append([eventOf()])
    expect(existsSync(file)).toBe(true)
    expect(store.stats().storedBytes).toBeGreaterThan(0)
  })

  test('is one file after it was closed', async () => {
    await fill(10)
    expect(readdirSync(path)).toEqual(['events.db'])
  })

  test('keeps what was acknowledged when its process is killed', async () => {
    let acknowledged = 0
    for (let round = 0; round < 3; round++) {
      acknowledged = await appendUntilKilled(path, 15 + round * 20)
      const store = open({ clock: new FakeClock(Date.now() + 60_000) })
      const found = store.find(EVERYTHING)
      // The last append may have been done and not told.
      expect([acknowledged, acknowledged + 3]).toContain(found.length)
      expect(found.map(({ id }) => id).sort((a, b) => b - a)[0]).toBe(found.length)
      for (const n of [1, 2, 3]) {
        expect(store.find({ ...EVERYTHING, tags: [`n:${n}`] })).toHaveLength(found.length / 3)
      }
      await store.close()
    }
  })

  test('of a later version is refused, and left as it is', async () => {
    await fill(1)
    sql('PRAGMA user_version = 2')
    const before = readFileSync(file)
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'data-version',
        exitCode: 2,
        details: { path: file, found: 2, known: 1 },
      }),
    )
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('that is a directory cannot be opened', () => {
    mkdirSync(file)
    expect(() => open()).toThrow(expect.objectContaining({ code: 'data-unopenable' }))
  })

  test('that cannot be made refuses the events, which can be given again', () => {
    const directory = join(path, 'later')
    const store = open({ path: directory })
    let error: KymoError | undefined
    try {
      store.append([eventOf()])
    } catch (thrown) {
      error = thrown as KymoError
    }
    expect(error).toMatchObject({ code: 'store-write-failed', isRetryable: true })
    mkdirSync(directory)
    expect(store.append([eventOf()])).toEqual([1])
  })

  test('that another program holds refuses the events, and keeps none of them', () => {
    const store = open()
    store.append([eventOf()])
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    expect(() => store.append([eventOf(), eventOf()])).toThrow(
      expect.objectContaining({ code: 'store-write-failed' }),
    )
    expect(store.find(EVERYTHING)).toHaveLength(1)
    expect(store.stats().eventCount).toBe(1)
    other.exec('COMMIT')
    other.close()
    expect(store.append([eventOf()])).toEqual([2])
  })

  const damages: [what: string, damage: () => void][] = [
    [
      'is no database',
      () => writeFileSync(file, 'this is no database, whatever its name may say\n'.repeat(100)),
    ],
    ['has lost its beginning', () => overwrite(0, 100)],
    ['was cut off', () => truncateSync(file, 5_000)],
    ['is cut off within its first page', () => truncateSync(file, 1_000)],
    ['has lost its middle', () => overwrite(4_096, statSync(file).size - 4_096)],
    ['has an event that is no JSON', () => sql("UPDATE events SET content = '{'")],
    ['lacks a table', () => sql('DROP TABLE event_tags')],
    ['is the database of something else', () => sql('PRAGMA user_version = 0')],
  ]

  function overwrite(start: number, length: number): void {
    const bytes = readFileSync(file)
    bytes.fill(0xa5, start, start + length)
    writeFileSync(file, bytes)
  }

  test.each(damages)('that %s is set aside, and a new one is begun', async (_what, damage) => {
    await fill(500)
    damage()
    const damaged = readFileSync(file)
    const store = open()
    expect(store.find(EVERYTHING)).toEqual([])
    const [id] = store.append([eventOf({ title: 'after' })])
    expect(store.get(id ?? 0)?.title).toBe('after')
    expect(store.find(EVERYTHING).map(({ title }) => title)).toEqual(['after'])
    expect(readFileSync(`${file}.damaged-1`).equals(damaged)).toBe(true)
    expect(logged).toHaveLength(1)
    expect(logged[0]?.fields).toMatchObject({
      path: file,
      movedTo: `${file}.damaged-1`,
      reason: expect.any(String),
    })
  })

  test('that is damaged while it is in use loses nothing that is given then', async () => {
    await fill(2_000)
    const store = open()
    overwrite(4_096, statSync(file).size - 4_096)
    const [id] = store.append([eventOf({ title: 'after' })])
    expect(store.get(id ?? 0)?.title).toBe('after')
    expect(existsSync(`${file}.damaged-1`)).toBe(true)
    expect(logged).toHaveLength(1)
  })

  test('that is empty, as a full disk leaves it, is begun again', () => {
    writeFileSync(file, '')
    expect(open().append([eventOf()])).toEqual([1])
    expect(logged).toEqual([])
  })

  test('set aside twice keeps both', async () => {
    for (let round = 0; round < 2; round++) {
      await fill(5)
      writeFileSync(file, 'nonsense'.repeat(100))
      open().append([eventOf()])
      await stores.at(-1)?.close()
    }
    expect(readdirSync(path).sort()).toEqual(['events.db', 'events.db.damaged-1', 'events.db.damaged-2'])
  })

  test('does not grow past its size', () => {
    const store = open({ maxBytes: 2_000_000 })
    for (let batch = 0; batch < 40; batch++) {
      store.append(
        Array.from({ length: 100 }, (_, i) => eventOf({ title: `${batch}.${i}`, text: 'x'.repeat(3_000) })),
      )
    }
    expect(statSync(file).size).toBeLessThan(4_000_000)
    const [newest] = store.find({ ...EVERYTHING, limit: 1 })
    expect(newest?.title).toBe('39.99')
  })

  test('has no text of an event in its structure', async () => {
    const store = open()
    store.append(HOSTILE_TEXTS.map((title) => eventOf({ title, text: title, tags: [[title, '']] })))
    await store.close()
    const database = new DatabaseSync(file)
    const names = database.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all()
    expect(names.map(({ name }) => name)).toEqual([
      'events',
      'events_by_time',
      'event_tags',
      'event_tags_by_tag',
    ])
    expect(database.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' })
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([])
    database.close()
  })

  test('a query looks at few of many events', () => {
    const store = open()
    const kinds = ['event', 'service_check'] as const
    for (let batch = 0; batch < 20; batch++) {
      store.append(
        Array.from({ length: 1_000 }, (_, i) => {
          const number = batch * 1_000 + i
          const tags = [
            ['all', ''],
            ['hundred', String(number % 100)],
            ['n', String(number)],
          ] as const
          return eventOf({ timeMs: NOW_MS + number, tags, kind: kinds[i % 2] ?? 'event' })
        }),
      )
    }
    const find = (...tags: string[]) => store.find({ ...EVERYTHING, tags, limit: 100 })
    expect(find('all')).toHaveLength(100)
    expect(find('all', 'hundred:7')).toHaveLength(100)
    expect(find('all', 'n:5')).toHaveLength(1)
    expect(find('hundred:3', 'hundred:4')).toEqual([])
  })
})

/** Answers the last id that the child was told, once it has told `count` of them and been killed. */
async function appendUntilKilled(path: string, count: number): Promise<number> {
  const script = join(import.meta.dirname, 'testdata', 'append-events-until-killed.ts')
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.split('\n').length > count) child.kill('SIGKILL')
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  return Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1))
}
