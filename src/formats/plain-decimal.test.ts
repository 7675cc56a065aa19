import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDecimal } from './parse-decimal.ts'
import { PlainDecimal } from './plain-decimal.ts'

const decimal = new PlainDecimal()

function read(text: string): { value: number; rest: string } {
  const bytes = Buffer.from(text)
  const value = decimal.read(bytes, 0, bytes.length)
  return { value, rest: text.slice(decimal.end) }
}

test.each([
  ['0', 0, ''],
  ['-0 x', -0, ' x'],
  ['12.5 1', 12.5, ' 1'],
  ['.5', 0.5, ''],
  ['5.', 5, ''],
  ['-0.001\n', -0.001, '\n'],
  ['999999999', 999_999_999, ''],
  ['1000000000', 1_000_000_000, ''],
  ['123456789.123456', 123_456_789.123_456, ''],
  ['999999999999999', 999_999_999_999_999, ''],
  ['0.3', 0.3, ''],
])('%j is read, and where it ends', (text, value, rest) => {
  expect(read(text)).toEqual({ value, rest })
})

test.each(['', '-', '.', '-.', '+1', 'x', ' 1', '1234567890123456', '0.0000000000000001'])(
  '%j is left to others',
  (text) => {
    expect(read(text).value).toBeNaN()
  },
)

test.each(['1e3', '1.2.3', '1x', '1-'])('%j ends where it is no longer plain', (text) => {
  const { value, rest } = read(text)
  expect(rest).not.toBe('')
  expect(value).toBe(Number.parseFloat(text.slice(0, -rest.length)))
})

test('whatever it reads is what everybody reads, and it stays before the limit', () => {
  const digits = fc.array(fc.constantFrom('0', '1', '5', '9', '.'), { maxLength: 18 })
  fc.assert(
    fc.property(fc.constantFrom('', '-'), digits, fc.nat(20), (sign, parts, limit) => {
      const bytes = Buffer.from(`${sign}${parts.join('')}`)
      const value = decimal.read(bytes, 0, Math.min(limit, bytes.length))
      expect(decimal.end).toBeLessThanOrEqual(Math.max(1, Math.min(limit, bytes.length)))
      if (!Number.isNaN(value)) expect(value).toBe(parseDecimal(bytes, 0, decimal.end))
    }),
  )
})
