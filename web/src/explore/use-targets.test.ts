import { expect, test } from 'vitest'
import { drawnSpan } from './use-targets.ts'

const span = { fromSeconds: 1_000, untilSeconds: 4_600 }
const moved = (bySeconds: number) => ({
  fromSeconds: span.fromSeconds + bySeconds,
  untilSeconds: span.untilSeconds + bySeconds,
})
const answer = { span: { ...span, nowSeconds: 4_600 } }

test.each([
  ['until the next answer is there, the span of the last', moved(10), answer.span],
  ['a step to a later time at once', moved(1_800), moved(1_800)],
  ['an earlier time at once', moved(-10), moved(-10)],
  [
    'another length at once',
    { fromSeconds: 1_000, untilSeconds: 4_610 },
    { fromSeconds: 1_000, untilSeconds: 4_610 },
  ],
])('%s', (_, asked, drawn) => {
  expect(drawnSpan(asked, answer)).toEqual(drawn)
})

test('without an answer, what is asked for', () => {
  expect(drawnSpan(span, { span: null })).toBe(span)
})
