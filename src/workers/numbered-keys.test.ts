import { expect, test } from 'vitest'
import { NumberedKeys } from './numbered-keys.ts'
import { POINT_TYPES } from './point-identities.ts'

const EVER = Number.POSITIVE_INFINITY

test('each key and type has a number of its own, and both are told from it', () => {
  const numbered = new NumberedKeys()
  const keys = ['a', '', 'a.b;c=d', 'ключ.🔑', 'k'.repeat(5_000)]
  const all = keys.flatMap((key) => POINT_TYPES.map((type) => [key, type] as const))
  for (const [number, [key, type]] of all.entries()) expect(numbered.use(key, type, EVER)).toBe(number)
  for (const [number, [key, type]] of all.entries()) expect(numbered.use(key, type, EVER)).toBe(number)
  expect(numbered.count).toBe(all.length)
  expect(numbered.keysFrom(0)).toEqual(all.map(([key]) => key))
  expect(numbered.typesFrom(2)).toEqual(all.slice(2).map(([, type]) => type))
  expect(numbered.keysFrom(all.length)).toEqual([])
})

test('past the most there may be, only those are known that have a number; then all begins anew', () => {
  const numbered = new NumberedKeys()
  expect(numbered.use('a', 'untyped', 1)).toBe(0)
  expect(numbered.use('b', 'untyped', 1)).toBe(-1)
  expect(numbered.use('a', 'gauge', 1)).toBe(-1)
  expect(numbered.use('a', 'untyped', 1)).toBe(0)
  numbered.clear()
  expect(numbered.use('b', 'gauge', 1)).toBe(0)
  expect([numbered.keysFrom(0), numbered.typesFrom(0)]).toEqual([['b'], ['gauge']])
})
