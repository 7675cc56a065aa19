import { expect, test } from 'vitest'
import { SeriesNotes } from './prefix-sizes.ts'

test.each<[nodes: number, prefixes: readonly string[]]>([
  [1, ['a', 'b', '']],
  [2, ['a.b', 'a', 'b', '.c']],
  [3, ['a.b.c', 'a.b', 'a', 'b', '.c']],
  [9, ['a.b.c', 'a.b', 'a', 'b', '.c']],
])('by the first %i nodes', (nodes, prefixes) => {
  const notes = new SeriesNotes(nodes)
  for (const key of ['a', 'a.b', 'a.b.c', 'a.b.c;x=d.e', 'b;x=d.e', '.c']) notes.points(key, 1, 1)
  expect(notes.sizes.map(({ prefix }) => prefix).sort()).toEqual([...prefixes].sort())
})

test('a series that is in several files is one, and the largest come first', () => {
  const notes = new SeriesNotes(1)
  notes.points('a.b', 10, 20)
  notes.points('b', 1, 50)
  notes.points('a.b', 5, 10)
  notes.slotsOf(true)('a.b', 3, 4)
  notes.slotsOf(false)('a.c', 3, 1.4)
  expect(notes.sizes).toEqual([
    { prefix: 'b', series: 1, points: 1, slots: 0, bytes: 50 },
    { prefix: 'a', series: 2, points: 15, slots: 3, bytes: 35 },
  ])
  expect(notes.keys.size).toBe(3)
})

test('where nobody asks for it nothing is added up', () => {
  const notes = new SeriesNotes(undefined)
  notes.points('a.b', 10, 20)
  expect(notes.sizes).toEqual([])
  expect([...notes.keys]).toEqual(['a.b'])
})
