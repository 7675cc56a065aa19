import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { MetricEvent } from '../model/event.ts'
import { EventCollector } from './event-collector.ts'

const event = (title: string): MetricEvent => ({ kind: 'event', timeMs: 1, title, text: '', tags: [] })

test('events go together, a fifth of a second later at most', () => {
  const clock = new FakeClock()
  const sent: string[][] = []
  const collector = new EventCollector({
    clock,
    send: (events) => sent.push(events.map(({ title }) => title)) > 0,
    onDropped: () => expect.unreachable(),
  })
  collector.add(event('a'))
  collector.add(event('b'))
  clock.advance(199)
  expect(sent).toEqual([])
  clock.advance(1)
  expect(sent).toEqual([['a', 'b']])
  clock.advance(10_000)
  expect(sent.length).toBe(1)
})

test('while they cannot be sent they wait, the newest of them', () => {
  const clock = new FakeClock()
  let isThere = false
  let dropped = 0
  const sent: (readonly MetricEvent[])[] = []
  const collector = new EventCollector({
    clock,
    send: (events) => isThere && sent.push(events) > 0,
    onDropped: (events) => {
      dropped += events
    },
  })
  for (let i = 0; i < 10_005; i++) collector.add(event(`e${i}`))
  clock.advance(1_000)
  expect(sent).toEqual([])
  expect(dropped).toBe(5)
  isThere = true
  clock.advance(200)
  expect(sent[0]?.[0]?.title).toBe('e5')
  expect(sent[0]?.length).toBe(10_000)
})
