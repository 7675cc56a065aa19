import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { openMemoryEventStore } from './event-store-memory.ts'
import { eventOf, eventStoreConformance, EVERYTHING, NOW_MS } from './event-store.conformance.ts'

eventStoreConformance('the memory store', async (limits) => {
  const store = openMemoryEventStore(limits)
  return { store, dispose: () => store.close() }
})

test('the memory store holds no more text than it may', () => {
  const store = openMemoryEventStore({ clock: new FakeClock(NOW_MS), maxCharacters: 1_000 })
  for (let i = 0; i < 100; i++) store.append([eventOf({ title: String(i), text: 'x'.repeat(200) })])
  expect(store.find(EVERYTHING).map(({ title }) => title)).toEqual(['99', '98', '97'])
  store.append([eventOf({ text: 'x'.repeat(10_000) })])
  expect(store.find(EVERYTHING)).toEqual([])
})
