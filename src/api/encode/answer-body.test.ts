import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerBody } from './answer-body.ts'
import { encodeNumber } from './json-text.ts'

function written(write: (body: AnswerBody) => void, maxBytes = 10_000_000): string {
  const body = new AnswerBody(maxBytes)
  write(body)
  return Buffer.from(body.toBytes()).toString()
}

const EDGES = [
  0,
  -0,
  9,
  10,
  99_999,
  100_000,
  -1,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  1e21,
  0.1,
  Number.NaN,
  Infinity,
  -Infinity,
]

test('numbers are written as JSON has them', () => {
  const powers = Array.from({ length: 12 }, (_, digits) => 10 ** digits).flatMap((power) => [
    power - 1,
    power,
    -power,
  ])
  for (const value of [...EDGES, ...powers])
    expect(written((body) => body.addNumber(value))).toBe(encodeNumber(value))
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.double()), (value) => {
      expect(written((body) => body.addNumber(value))).toBe(encodeNumber(value))
    }),
  )
})

test('texts come back whole, wherever a piece ends', () => {
  const texts = ['a', 'ключ', '🔑'.repeat(20), 'x'.repeat(200_000), '', '𝄞', 'plain.name']
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...texts), { maxLength: 30 }), (parts) => {
      expect(written((body) => parts.forEach((part) => body.add(part)))).toBe(parts.join(''))
    }),
    { numRuns: 30 },
  )
  const many = Array.from({ length: 30_000 }, (_, index) => `${index}é`)
  expect(written((body) => many.forEach((part) => body.add(part)))).toBe(many.join(''))
})

test('more than may be is refused', () => {
  expect(() => written((body) => body.add('x'.repeat(101)), 100)).toThrow(
    expect.objectContaining({ code: 'answer-too-large' }) as Error,
  )
})
