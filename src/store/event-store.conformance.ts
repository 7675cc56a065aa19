import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runs } from '../../test/harness/runs.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { formatEventTag } from '../model/event-tag.ts'
import type { MetricEvent } from '../model/event.ts'
import { type EventQuery, type EventStore, MAX_FOUND_EVENTS, MAX_QUERY_TAGS } from './events.ts'

export const NOW_MS = 1_700_000_000_000

export interface EventStoreLimits {
  readonly clock: FakeClock
  readonly retentionMs?: number
  readonly maxEvents?: number
}

export interface EventStoreFixture {
  readonly store: EventStore
  /** Closes the store and opens another over the same data; only where it is durable. */
  reopen?(): Promise<EventStore>
  dispose(): Promise<void>
}

export function eventOf(event: Partial<MetricEvent> = {}): MetricEvent {
  return { kind: 'event', timeMs: NOW_MS, title: 'deploy', text: '', tags: [], ...event }
}

export const EVERYTHING: EventQuery = {
  startMs: 0,
  endMs: Number.POSITIVE_INFINITY,
  tags: [],
  setOperation: 'intersection',
  limit: MAX_FOUND_EVENTS,
}

export const HOSTILE_TEXTS = [
  "'; DROP TABLE events; --",
  '" OR 1=1 --',
  '%',
  '_',
  '?1',
  ':name',
  'nul\u0000inside',
  'lone\ud800surrogate',
  '\udc00',
  '__proto__',
  'constructor',
  '<script>alert(1)</script>',
  'line\nbreak\r\t',
  '\u202eright to left',
  'ключ.鍵.🔑',
  '{"json":[1,null]}',
  '\\u0000',
  ' leading and trailing ',
  'long '.repeat(12_000),
]

/** What every event store has to do. `create` opens an empty one. */
export function eventStoreConformance(
  name: string,
  create: (limits: EventStoreLimits) => Promise<EventStoreFixture>,
): void {
  describe(`${name} as an event store`, () => {
    let clock: FakeClock
    let fixture: EventStoreFixture
    let store: EventStore

    const open = async (limits: Omit<EventStoreLimits, 'clock'> = {}): Promise<void> => {
      await fixture?.dispose()
      fixture = await create({ clock, ...limits })
      store = fixture.store
    }

    beforeEach(async () => {
      clock = new FakeClock(NOW_MS)
      fixture = await create({ clock })
      store = fixture.store
    })
    afterEach(() => fixture.dispose())

    const titles = (query: Partial<EventQuery> = {}): string[] =>
      store.find({ ...EVERYTHING, ...query }).map(({ title }) => title)

    test('an empty one finds nothing, and can be closed twice', async () => {
      expect(store.find(EVERYTHING)).toEqual([])
      expect(store.get(1)).toBeUndefined()
      expect(store.stats().eventCount).toBe(0)
      expect(store.append([])).toEqual([])
      await store.close()
      await store.close()
    })

    test('an event is found as it was given, with its id', () => {
      const event = eventOf({ text: 'a\nb', tags: [['env', 'prod']] })
      const check: MetricEvent = {
        kind: 'service_check',
        timeMs: NOW_MS + 1,
        title: 'disk',
        text: '',
        tags: [
          ['a', ''],
          ['a', 'b:c'],
          ['a', ''],
        ],
        hostname: 'web1',
        aggregationKey: 'key',
        sourceType: 'nagios',
        priority: 'low',
        alertType: 'warning',
        status: 0,
      }
      const [first, second, ...others] = store.append([event, check])
      expect(others).toEqual([])
      expect(store.find(EVERYTHING)).toEqual([
        { id: second, ...check },
        { id: first, ...event },
      ])
      expect(store.get(first ?? 0)).toEqual({ id: first, ...event })
      expect(store.stats().eventCount).toBe(2)
    })

    test.each([0, -1, 3, 1.5, Number.MAX_SAFE_INTEGER])('there is no event %d', (id) => {
      store.append([eventOf(), eventOf()])
      expect(store.get(id)).toBeUndefined()
    })

    test('ids count up', () => {
      const ids = [...store.append([eventOf(), eventOf()]), ...store.append([eventOf()])]
      expect(ids).toEqual([...ids].sort((a, b) => a - b))
      expect(new Set(ids).size).toBe(3)
    })

    test('the newest are first; of one time, the last that came', () => {
      const times = { a: 2, b: 1, c: 3, d: 2 }
      store.append(Object.entries(times).map(([title, add]) => eventOf({ title, timeMs: NOW_MS + add })))
      expect(titles()).toEqual(['c', 'd', 'a', 'b'])
      expect(titles({ limit: 2 })).toEqual(['c', 'd'])
    })

    test('the range has its start and not its end', () => {
      store.append([-1, 0, 9, 10].map((add) => eventOf({ title: String(add), timeMs: NOW_MS + add })))
      expect(titles({ startMs: NOW_MS, endMs: NOW_MS + 10 })).toEqual(['9', '0'])
      expect(titles({ startMs: NOW_MS + 10, endMs: NOW_MS })).toEqual([])
    })

    test('tags are found together or any of them, whole', () => {
      const tagged = (title: string, ...tags: (readonly [string, string])[]) => eventOf({ title, tags })
      store.append([
        tagged('a', ['env', 'prod'], ['web', '']),
        tagged('b', ['web', ''], ['env', 'test']),
        tagged('c', ['env', 'prod'], ['env', 'test'], ['env', 'prod']),
        tagged('d'),
      ])
      const cases: [tags: string[], all: string[], any: string[]][] = [
        [['web'], ['b', 'a'], ['b', 'a']],
        [['env:prod'], ['c', 'a'], ['c', 'a']],
        [['env:prod', 'web'], ['a'], ['c', 'b', 'a']],
        [['web', 'env:prod', 'web'], ['a'], ['c', 'b', 'a']],
        [['env:prod', 'env:test'], ['c'], ['c', 'b', 'a']],
        [['web', 'nobody'], [], ['b', 'a']],
        [['env'], [], []],
        [['env:pro'], [], []],
        [['WEB'], [], []],
        [[], ['d', 'c', 'b', 'a'], ['d', 'c', 'b', 'a']],
      ]
      for (const [tags, all, any] of cases) {
        expect([tags, titles({ tags, setOperation: 'intersection' })]).toEqual([tags, all])
        expect([tags, titles({ tags, setOperation: 'union' })]).toEqual([tags, any])
      }
      expect(titles({ tags: ['web', 'env:test'], setOperation: 'union', limit: 2 })).toEqual(['c', 'b'])
    })

    test('kinds can be told apart, with tags and without', () => {
      const tags = [['a', '']] as const
      store.append([
        eventOf({ title: 'e', tags }),
        eventOf({ title: 'c', kind: 'service_check', tags }),
        eventOf({ title: 'f' }),
      ])
      expect(titles({ kind: 'event' })).toEqual(['f', 'e'])
      expect(titles({ kind: 'service_check' })).toEqual(['c'])
      expect(titles({ kind: 'event', tags: ['a'], limit: 1 })).toEqual(['e'])
      expect(titles({ kind: 'event', tags: ['a'], setOperation: 'union', limit: 1 })).toEqual(['e'])
    })

    test.each(HOSTILE_TEXTS)('%j is text like any other', (text) => {
      const event = eventOf({
        title: text,
        text,
        tags: [
          [text, ''],
          ['key', text],
        ],
        hostname: text,
        aggregationKey: text,
      })
      store.append([eventOf({ title: 'other', tags: [['other', '']] }), event])
      const [id] = store.append([event])
      expect(store.get(id ?? 0)).toEqual({ id, ...event })
      for (const tags of [[text], [`key:${text}`], [text, `key:${text}`]]) {
        for (const setOperation of ['union', 'intersection'] as const) {
          expect(titles({ tags, setOperation })).toEqual([text, text])
        }
      }
    })

    test('a flood of tags is kept, and found by the first hundred', () => {
      const tags = Array.from({ length: 5_000 }, (_, i) => ['tag', String(i)] as const)
      const [id] = store.append([eventOf({ tags })])
      expect(store.get(id ?? 0)?.tags).toEqual(tags)
      expect(titles({ tags: ['tag:99'] })).toEqual(['deploy'])
      expect(titles({ tags: ['tag:100'] })).toEqual([])
    })

    test('a time that is none of a calendar is one at its edge', () => {
      const times = [1e300, -1e300, Number.POSITIVE_INFINITY, NOW_MS + 0.4]
      const ids = store.append(times.map((timeMs) => eventOf({ timeMs })))
      expect(store.find(EVERYTHING).map(({ timeMs }) => timeMs)).toEqual([8.64e15, 8.64e15, NOW_MS])
      expect(ids).toHaveLength(4)
    })

    test('an answer of too much text is refused', () => {
      const text = 'x'.repeat(1_000_000)
      for (let i = 0; i < 18; i++) store.append([eventOf({ text })])
      expect(() => store.find(EVERYTHING)).toThrow(expect.objectContaining({ code: 'answer-too-large' }))
      expect(titles({ limit: 15 })).toHaveLength(15)
    })

    test('a query past its bounds is a bug', () => {
      for (const limit of [0, -1, 1.5, MAX_FOUND_EVENTS + 1, Number.NaN]) {
        expect(() => store.find({ ...EVERYTHING, limit })).toThrow('BUG')
      }
      const tags = Array.from({ length: MAX_QUERY_TAGS + 1 }, (_, i) => String(i))
      expect(() => store.find({ ...EVERYTHING, tags })).toThrow('BUG')
      expect(titles({ tags: tags.slice(1) })).toEqual([])
    })

    test('what is older than the retention is not found, and goes', async () => {
      await open({ retentionMs: 1_000 })
      const [old] = store.append([
        eventOf({ title: 'old' }),
        eventOf({ title: 'later', timeMs: NOW_MS + 500 }),
      ])
      clock.advance(1_000)
      expect(titles()).toEqual(['later', 'old'])
      clock.advance(1)
      expect(titles()).toEqual(['later'])
      expect(store.get(old ?? 0)).toBeUndefined()
      clock.advance(3_600_000)
      store.append([eventOf({ title: 'new', timeMs: clock.nowMs() })])
      expect(store.stats().eventCount).toBe(1)
    })

    test('past the limit the first that came make room, whatever their times', async () => {
      await open({ maxEvents: 10 })
      const append = (from: number, count: number): void => {
        const titles = Array.from({ length: count }, (_, i) => String(from + i))
        store.append(
          titles.map((title) => eventOf({ title, timeMs: NOW_MS - Number(title), tags: [['t', '']] })),
        )
      }
      append(0, 8)
      append(8, 5)
      expect(titles()).toEqual(['3', '4', '5', '6', '7', '8', '9', '10', '11', '12'])
      append(13, 25)
      expect(titles()).toEqual(['28', '29', '30', '31', '32', '33', '34', '35', '36', '37'])
      expect(titles({ tags: ['t'] })).toHaveLength(10)
      expect(store.stats().eventCount).toBe(10)
    })

    test('finds what looking at every event would find', () => {
      const tag = fc.constantFrom<readonly [string, string]>(['a', ''], ['b', ''], ['a', 'b'], ['c', 'd'])
      const event = fc.record({
        kind: fc.constantFrom('event' as const, 'service_check' as const),
        timeMs: fc.integer({ min: NOW_MS, max: NOW_MS + 5 }),
        title: fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }),
        text: fc.string({ unit: 'binary', maxLength: 5 }),
        tags: fc.array(tag, { maxLength: 4 }),
      })
      const query = fc.record(
        {
          startMs: fc.integer({ min: NOW_MS - 1, max: NOW_MS + 6 }),
          endMs: fc.integer({ min: NOW_MS - 1, max: NOW_MS + 6 }),
          tags: fc.array(tag.map(formatEventTag), { maxLength: 3 }),
          setOperation: fc.constantFrom('union' as const, 'intersection' as const),
          limit: fc.integer({ min: 1, max: 20 }),
          kind: fc.constantFrom('event' as const, 'service_check' as const),
        },
        { requiredKeys: ['startMs', 'endMs', 'tags', 'setOperation', 'limit'] },
      )
      const kept: (MetricEvent & { id: number })[] = []
      fc.assert(
        fc.property(fc.array(event, { maxLength: 3 }), query, (events, one) => {
          const ids = store.append(events)
          for (const [i, id] of ids.entries()) kept.push({ id, ...(events[i] as MetricEvent) })
          expect(store.find(one)).toEqual(lookAtAll(kept, one))
        }),
        { numRuns: runs(200) },
      )
    })

    test('all of it is there after a restart', async () => {
      if (fixture.reopen === undefined) return
      const events = Array.from({ length: 50 }, (_, i) =>
        eventOf({ title: `e${i}`, tags: [['i', String(i % 5)]] }),
      )
      const ids = store.append(events)
      store = await fixture.reopen()
      expect(store.find(EVERYTHING)).toEqual(events.map((event, i) => ({ id: ids[i], ...event })).reverse())
      expect(titles({ tags: ['i:3'] })).toHaveLength(10)
      expect(store.stats().eventCount).toBe(50)
      expect(store.append([eventOf()])[0]).toBeGreaterThan(ids.at(-1) ?? 0)
    })
  })
}

/** The oracle: no index, no cleverness. */
function lookAtAll(events: readonly (MetricEvent & { id: number })[], query: EventQuery) {
  return events
    .filter(({ timeMs }) => timeMs >= query.startMs && timeMs < query.endMs)
    .filter(({ kind }) => query.kind === undefined || kind === query.kind)
    .filter(({ tags }) => {
      const has = (tag: string): boolean => tags.map(formatEventTag).includes(tag)
      if (query.tags.length === 0) return true
      return query.setOperation === 'union' ? query.tags.some(has) : query.tags.every(has)
    })
    .sort((a, b) => b.timeMs - a.timeMs || b.id - a.id)
    .slice(0, query.limit)
}
