import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDecimal } from './parse-decimal.ts'

function parse(text: string): number {
  // Surrounded by digits, so that reading past either end would show.
  const bytes = Buffer.from(`9${text}9`)
  return parseDecimal(bytes, 1, bytes.length - 1)
}

const DECIMALS = [
  '0',
  '-0',
  '+0',
  '1',
  '+1',
  '-1',
  '007',
  '0.1',
  '.5',
  '5.',
  '-.5',
  '+5.',
  '3.14159',
  '1e3',
  '1E3',
  '1e+3',
  '1e-3',
  '0e999',
  '123456789012345',
  '1234567890123456',
  '0.000000000000000000001',
  '1e22',
  '1e23',
  '1e-22',
  '1e-23',
  '9007199254740993',
  '1.7976931348623157e308',
  '5e-324',
  '1e-400',
  '2.2250738585072011e-308',
  '0.30000000000000004',
  '8.5e15',
  '999999999999999e22',
  '00000000000000000000001.5',
  '1e0000000003',
] // prettier-ignore

test.each(DECIMALS)('%s is read as JavaScript reads it', (text) => {
  expect(parse(text)).toBe(Number(text))
})

const NO_DECIMALS = [
  '',
  ' ',
  ' 1',
  '1 ',
  '+',
  '-',
  '.',
  '+.',
  'e',
  'e5',
  '.e5',
  '1e',
  '1e+',
  '1e5.5',
  '1.2.3',
  '--1',
  '+-1',
  '1-',
  '0x10',
  '0b1',
  '0o7',
  '1_000',
  '1,5',
  'NaN',
  'nan',
  'Infinity',
  '-Infinity',
  'inf',
  '1e999',
  '-1e999',
  '1n',
  '١',
  '1\u0000',
  '\u00a01',
] // prettier-ignore

test.each(NO_DECIMALS)('%j is no finite decimal', (text) => {
  expect(parse(text)).toBeNaN()
})

test('every finite double that JavaScript writes is read back as the same double', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = Object.is(value, -0) ? '-0' : String(value)
      return Object.is(parse(text), value)
    }),
    { numRuns: 500 },
  )
})

test('any digits, point and exponent give the double that JavaScript gives', () => {
  const digits = fc.stringMatching(/^[0-9]{0,20}$/)
  const decimal = fc
    .tuple(
      fc.constantFrom('', '+', '-'),
      digits,
      fc.constantFrom('', '.'),
      digits,
      fc.option(fc.integer({ min: -330, max: 330 })),
    )
    .map(([sign, whole, point, fraction, exponent]) => {
      return `${sign}${whole}${point}${point === '' ? '' : fraction}${exponent === null ? '' : `e${exponent}`}`
    })
  fc.assert(
    fc.property(decimal, (text) => {
      const wanted = /[0-9]/.test(text.split('e', 1)[0] ?? '') ? Number(text) : Number.NaN
      return Object.is(parse(text), Number.isFinite(wanted) ? wanted : Number.NaN)
    }),
    { numRuns: 1_000 },
  )
})

test('any text that is read is what JavaScript reads', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('0123456789+-.eExX _nN')) }), (text) => {
      const value = parse(text)
      return Number.isNaN(value) || Object.is(value, Number(text))
    }),
    { numRuns: 500 },
  )
})
