import { expect, test } from 'vitest'
import type { IncomingLine } from '../api.ts'
import { addLines, NO_LINES } from './line-tail.ts'

function line(id: number): IncomingLine {
  return {
    id,
    line: `a:${id}|c`,
    listener: 'statsd-udp',
    sender: '127.0.0.1:1',
    atMs: id,
    outcome: 'metric',
    metrics: [{ key: 'a', type: 'counter' }],
    reason: null,
  }
}
const ids = (lines: readonly IncomingLine[]): number[] => lines.map(({ id }) => id)

test('the newest line stands first, and nothing new changes nothing', () => {
  const first = addLines(NO_LINES, { lines: [line(1), line(2)], lastId: 2 })
  const second = addLines(first, { lines: [line(3)], lastId: 3 })
  expect(ids(second.lines)).toEqual([3, 2, 1])
  expect(addLines(second, { lines: [], lastId: 3 })).toBe(second)
})

test('no more than 500 lines are kept', () => {
  let tail = NO_LINES
  for (let id = 1; id <= 700; id++) tail = addLines(tail, { lines: [line(id)], lastId: id })
  expect(tail.lines).toHaveLength(500)
  expect(tail.lines[0]?.id).toBe(700)
})

test('lines of an earlier run go when Kymo has been restarted', () => {
  const before = addLines(NO_LINES, { lines: [line(8), line(9)], lastId: 9 })
  expect(ids(addLines(before, { lines: [line(1)], lastId: 1 }).lines)).toEqual([1])
  expect(addLines(before, { lines: [], lastId: 0 })).toEqual(NO_LINES)
})
