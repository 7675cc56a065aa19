import { expect, test } from 'vitest'
import { HeavyHitters } from './heavy-hitters.ts'

test('few texts are counted exactly', () => {
  const hitters = new HeavyHitters(4)
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) hitters.count(text, `${text}.x`)
  expect(hitters.list()).toEqual([
    { text: 'a', count: 3, examples: ['a.x'] },
    { text: 'b', count: 2, examples: ['b.x'] },
    { text: 'c', count: 1, examples: ['c.x'] },
  ])
})

test('the heavy ones are found among any number of others', () => {
  const hitters = new HeavyHitters(8)
  for (let index = 0; index < 100_000; index++) {
    hitters.count(`noise.${index}`, `noise.${index}.x`)
    if (index % 2 === 0) hitters.count('heavy', `heavy.${index}`)
    if (index % 4 === 0) hitters.count('__proto__', 'x')
  }
  const list = hitters.list()
  expect(list).toHaveLength(8)
  expect(list.slice(0, 2).map(({ text }) => text)).toEqual(['heavy', '__proto__'])
  expect(list[0]?.count).toBeGreaterThanOrEqual(50_000)
  expect(list[0]?.examples).toEqual(['heavy.0', 'heavy.2', 'heavy.4'])
})

test('no count is lost: together they are all there was', () => {
  const hitters = new HeavyHitters(3)
  for (let index = 0; index < 1000; index++) hitters.count(`t${index % 7}`, 'x')
  expect(hitters.list().reduce((sum, { count }) => sum + count, 0)).toBe(1000)
})

test('long texts are cut', () => {
  const hitters = new HeavyHitters(2)
  hitters.count('k'.repeat(60_000), '🔑'.repeat(30_000))
  hitters.count('k'.repeat(60_000), '🔑'.repeat(30_000))
  const [hitter] = hitters.list()
  expect(hitter?.count).toBe(2)
  expect(hitter?.text).toHaveLength(200)
  expect(hitter?.examples.map((example) => example.length <= 200 && example.isWellFormed())).toEqual([true])
})
