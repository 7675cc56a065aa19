import { describe, expect, test } from 'vitest'
import {
  formatAge,
  formatAxisValues,
  formatCount,
  formatNumber,
  formatSpan,
  formatWithUnit,
  type Unit,
} from './format.ts'

describe('a number is short and keeps its whole digits', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [0.1 + 0.2, '0.3'],
    [-42.5, '-42.5'],
    [1994, '1,994'],
    [9999.4, '9,999'],
    [9999.6, '10k'],
    [12_345, '12.35k'],
    [999_950, '1M'],
    [1_234_567, '1.235M'],
    [-2.5e9, '-2.5G'],
    [0.00213, '0.00213'],
    [0.0000012, '1.2e-6'],
    [2 ** 53, '9.007P'],
    [1e300, '1e+300'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ]
  test.each(cases)('%d is %s', (value, text) => expect(formatNumber(value)).toBe(text))

  test('fewer digits are for fractions only', () => {
    expect(formatNumber(4.8333, 3)).toBe('4.83')
    expect(formatNumber(1994, 3)).toBe('1,994')
  })
})

describe('a unit grows with its value', () => {
  const cases: [number, Unit, string][] = [
    [0, 'duration', '0 ms'],
    [0.25, 'duration', '250 µs'],
    [12.345, 'duration', '12.3 ms'],
    [999.96, 'duration', '1 s'],
    [1067, 'duration', '1.07 s'],
    [95_000, 'duration', '95 s'],
    [180_000, 'duration', '3 min'],
    [-1500, 'duration', '-1.5 s'],
    [7_200_000, 'duration', '2 h'],
    [512, 'bytes', '512 B'],
    [20_480, 'bytes', '20.5 kB'],
    [1e12, 'bytes', '1 TB'],
    [21.5, 'none', '21.5'],
    [12.345, 'rate', '12.3 /s'],
  ]
  test.each(cases)('%d of %s is %s', (value, unit, text) => {
    expect(formatWithUnit(value, unit).replace('\u00a0', ' ')).toBe(text)
  })
})

test('labels of one axis share a unit, and zero has none', () => {
  expect(formatAxisValues([0, 500, 1000, 1500], 'duration')).toEqual([
    '0',
    '0.5\u00a0s',
    '1\u00a0s',
    '1.5\u00a0s',
  ])
  expect(formatAxisValues([0, 2.5], 'rate')).toEqual(['0', '2.5\u00a0/s'])
  expect(formatAxisValues([0], 'duration')).toEqual(['0'])
  expect(formatAxisValues([], 'none')).toEqual([])
})

test('spans are said in the largest unit that keeps them exact to the eye', () => {
  expect([0.5, 10, 60, 90, 300, 3600, 21_600, 86_400, 604_800].map(formatSpan)).toEqual([
    '500 ms',
    '10 s',
    '1 min',
    '90 s',
    '5 min',
    '1 h',
    '6 h',
    '24 h',
    '7 d',
  ])
})

test('how long ago something was is said in whole units', () => {
  const ages = [-3, 0.4, 1, 119.4, 175, 7_190, 7_300, 172_790, 172_973, 1e9]
  expect(ages.map(formatAge)).toEqual([
    'a moment',
    'a moment',
    '1 s',
    '119 s',
    '3 min',
    '120 min',
    '2 h',
    '48 h',
    '2 d',
    '11,574 d',
  ])
})

test('counts keep every digit', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567')
})
