import { expect, test } from 'vitest'
import { DecisionCache } from './decision-cache.ts'

test('a flood of keys takes no more room than two generations', () => {
  const cache = new DecisionCache({ mostEntries: 1000, mostCharacters: 1_000_000 })
  for (let index = 0; index < 50_000; index++) cache.set(`key.${index}`, null)
  expect(cache.size).toBeLessThanOrEqual(2000)
  expect(cache.get('key.49999')).toBe(null)
  expect(cache.get('key.0')).toBeUndefined()
})

test('long keys take no more room than short ones', () => {
  const cache = new DecisionCache({ mostEntries: 1000, mostCharacters: 10_000 })
  for (let index = 0; index < 1000; index++) cache.set(`${'k'.repeat(1000)}${index}`, null)
  expect(cache.size).toBeLessThanOrEqual(20)
})

test('a key in use stays, whatever comes in between', () => {
  const cache = new DecisionCache({ mostEntries: 10, mostCharacters: 10_000 })
  cache.set('used', 'as.this')
  for (let index = 0; index < 1000; index++) {
    cache.set(`other.${index}`, null)
    expect(cache.get('used')).toBe('as.this')
  }
})

test.each(['__proto__', 'constructor', ''])('%j is a key like any other', (key) => {
  const cache = new DecisionCache({ mostEntries: 10, mostCharacters: 10_000 })
  expect(cache.get(key)).toBeUndefined()
  cache.set(key, key)
  expect(cache.get(key)).toBe(key)
})
