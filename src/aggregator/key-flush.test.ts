import { expect, test } from 'vitest'
import { KeyFlush } from './key-flush.ts'

const NOW_MS = 1_700_000_000_000

function open(percent = 100) {
  const written: string[] = []
  const write = (text: string): void => void written.push(text)
  const keyFlush = new KeyFlush({ intervalMs: 10_000, nowMs: NOW_MS, percent, write })
  return { keyFlush, written }
}

function counted(...keys: string[]) {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return { keys: [...counts.keys()], counts: Float64Array.from(counts.values()) }
}

test('a line for each key, those sent most first, with the time as etsy writes it', () => {
  const { keyFlush, written } = open()
  keyFlush.add(counted('a', 'b;k=v', 'a'))
  keyFlush.add(counted('b;k=v', '__proto__', 'b;k=v'))
  keyFlush.tick(NOW_MS + 9_999)
  expect(written).toEqual([])
  keyFlush.tick(NOW_MS + 10_000)
  const time = new Date(NOW_MS + 10_000).toString()
  expect(written).toEqual([
    `${time} count=3 key=b;k=v\n${time} count=2 key=a\n${time} count=1 key=__proto__\n`,
  ])
  expect(time).toMatch(/^\w{3} \w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \(.+\)$/)
})

test.each([
  [100, 4],
  [50, 2],
  [51, 3],
  [1, 1],
])('%d percent of four keys are %d', (percent, count) => {
  const { keyFlush, written } = open(percent)
  keyFlush.add(counted('a', 'a', 'b', 'c', 'd'))
  keyFlush.tick(NOW_MS + 10_000)
  expect(written[0]?.split('\n').filter((line) => line !== '')).toHaveLength(count)
})

test('each time begins from nothing, and nothing is written of nothing', () => {
  const { keyFlush, written } = open()
  keyFlush.add(counted('a'))
  keyFlush.tick(NOW_MS + 10_000)
  keyFlush.tick(NOW_MS + 20_000)
  keyFlush.add(counted('b'))
  keyFlush.tick(NOW_MS + 29_999)
  expect(written).toHaveLength(1)
  keyFlush.tick(NOW_MS + 30_000)
  expect(written[1]).toContain('count=1 key=b\n')
})

test('a clock that was set back holds it up for one interval at most', () => {
  const { keyFlush, written } = open()
  keyFlush.add(counted('a'))
  keyFlush.tick(NOW_MS - 3_600_000)
  keyFlush.tick(NOW_MS - 3_590_000)
  expect(written).toHaveLength(1)
})
