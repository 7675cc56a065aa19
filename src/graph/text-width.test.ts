import { expect, test } from 'vitest'
import { threadCpuMs } from '../../test/harness/thread-cpu.ts'
import { cutText, textWidth } from './text-width.ts'

test.each([
  ['', 0],
  ['iiii', 11.2],
  ['MMMM', 34.4],
  ['1000', 25.6],
  ['漢字', 20.6],
  ['e\u0301', 6.2],
])('"%s" is %d wide', (text, wanted) => {
  expect(textWidth(text, 10)).toBeCloseTo(wanted, 5)
})

test.each([
  ['short', 100, 'short'],
  ['prod.web1.http.requests.count', 100, 'prod.web…ts.count'],
  ['prod.web1', 8, ''],
  ['prod.web1', 11, '…'],
  ['👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 90, '👩‍👩‍👧…'],
])('of "%s" in %d pixels is shown "%s"', (text, maxWidth, wanted) => {
  const cut = cutText(text, maxWidth, 10)
  expect(cut).toBe(wanted)
  expect(textWidth(cut, 10)).toBeLessThanOrEqual(maxWidth)
})

test('text of any length is cut as fast', () => {
  const began = threadCpuMs()
  expect(cutText('x'.repeat(10_000_000), 200, 10).length).toBeLessThan(50)
  expect(threadCpuMs() - began).toBeLessThan(100)
})
