import { expect, test } from 'vitest'
import { ChunkCache, GroupCopy } from './chunk-cache.ts'

const places = (...wanted: number[]) => wanted.map((place) => ({ place }))
const chunk = (count: number, firstMs = 0) => ({
  timesMs: Float64Array.from({ length: count }, (_, index) => firstMs + index * 10),
  values: new Float64Array(count).fill(1.5),
})

function groupOf(chunks: Readonly<Record<number, ReturnType<typeof chunk>>>, endMs = 100) {
  const copy = new GroupCopy(endMs)
  for (const [place, one] of Object.entries(chunks)) copy.add(Number(place), one)
  return copy.chunks
}

test('a group is worth keeping the second time', () => {
  const cache = new ChunkCache()
  expect([cache.isWorthKeeping('a'), cache.isWorthKeeping('b'), cache.isWorthKeeping('a')]).toEqual([
    false,
    false,
    true,
  ])
})

test.each([
  ['all of it', [0, 2], 100, true],
  ['a part', [2], 50, true],
  ['a chunk that was not unpacked', [0, 1], 100, false],
  ['later times than were unpacked', [0], 101, false],
])('it knows %s', (_what, wanted, endMs, isKnown) => {
  const cache = new ChunkCache()
  const group = groupOf({ 0: chunk(3), 2: chunk(3) })
  cache.add('a', group)
  const found = wanted.map((place) => group.get(place))
  expect(cache.get('a', places(...wanted), endMs)).toEqual(isKnown ? found : undefined)
  expect(cache.get('b', places(...wanted), endMs)).toBeUndefined()
})

test('what is copied does not change with the memory that it was unpacked into, and equal times are held once', () => {
  const copy = new GroupCopy(100)
  const memory = chunk(3)
  copy.add(0, memory)
  memory.values.fill(2)
  copy.add(1, memory)
  memory.timesMs.fill(7)
  copy.add(2, memory)
  const { chunks } = copy
  expect([...chunks.values()].map(({ values, timesMs }) => [values[0], timesMs[2]])).toEqual([
    [1.5, 20],
    [2, 20],
    [2, 7],
  ])
  expect(chunks.get(1)?.timesMs).toBe(chunks.get(0)?.timesMs)
})

test('what one panel wants of a group takes no place from what another does', () => {
  const cache = new ChunkCache()
  cache.add('a', groupOf({ 0: chunk(3), 1: chunk(3) }))
  cache.add('a', groupOf({ 2: chunk(3) }))
  const found = cache.get('a', places(0, 1, 2), 100)
  expect(found?.[2]?.timesMs).toBe(found?.[0]?.timesMs)
  // Of later times more is known: that stays, whatever is asked for then.
  cache.add('a', groupOf({ 0: chunk(5) }, 120))
  cache.add('a', groupOf({ 0: chunk(2) }, 50))
  expect(cache.get('a', places(0), 120)?.[0]?.values).toHaveLength(5)
  expect(cache.get('a', places(0, 1), 120)).toBeUndefined()
})

test('what was not used longest goes when there are too many points', () => {
  const cache = new ChunkCache()
  const large = groupOf({ 0: chunk(900_000) })
  cache.add('a', large)
  cache.add('b', large)
  cache.get('a', places(0), 100)
  cache.add('c', large)
  expect(['a', 'b', 'c'].map((place) => cache.get(place, places(0), 100) !== undefined)).toEqual([
    true,
    false,
    true,
  ])
  // One that takes the place of itself counts once.
  for (let turn = 0; turn < 5; turn++) cache.add('a', large)
  expect(cache.get('c', places(0), 100)).toEqual([large.get(0)])
  cache.clear()
  expect(cache.get('a', places(0), 100)).toBeUndefined()
  expect(cache.isWorthKeeping('a')).toBe(false)
})

test('it is known how far times are from each other, if that is always the same', () => {
  const copy = new GroupCopy(100)
  copy.add(0, chunk(3))
  copy.add(1, { timesMs: Float64Array.of(0, 10, 30), values: new Float64Array(3) })
  copy.add(2, chunk(1))
  expect([...copy.chunks.values()].map(({ stepMs }) => stepMs)).toEqual([10, 0, 0])
})
