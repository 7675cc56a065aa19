import { describe, expect, test } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts'

const DAY = 86_400_000

describe('parseDuration', () => {
  test.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['24h', DAY],
    ['90d', 90 * DAY],
    ['2w', 14 * DAY],
    ['5y', 5 * 365 * DAY],
    ['0s', 0],
    ['0.5s', 500],
    ['1.1s', 1100],
    ['1.5h', 5_400_000],
  ])('reads %s as milliseconds', (text, wanted) => {
    expect(parseDuration(text)).toEqual({ value: wanted })
  })

  const anyDuration = 'a duration such as 500ms, 10s, 5m, 24h, 90d or 5y'
  test.each([
    ['10', 'a duration with its unit: write "10s"'],
    ['0', 'a duration with its unit: write "0s"'],
    ['10 s', `${anyDuration}: write "10s"`],
    ['10S', `${anyDuration}: write "10s"`],
    ['10sec', `${anyDuration}: write "10s"`],
    ['5 minutes', `${anyDuration}: write "5m"`],
    [' 10s', `${anyDuration}: write "10s"`],
    ['10parsecs', anyDuration],
    ['', anyDuration],
    ['s', anyDuration],
    ['-10s', anyDuration],
    ['+10s', anyDuration],
    ['1e3s', anyDuration],
    ['1h30m', anyDuration],
    ['Infinity', anyDuration],
    ['1.0005s', 'a whole number of milliseconds'],
    ['0.5ms', 'a whole number of milliseconds'],
    ['99999999999999999999y', 'a whole number of milliseconds'],
    ['9'.repeat(10_000), anyDuration],
  ])('refuses %j and says what is wanted', (text, problem) => {
    expect(parseDuration(text)).toEqual({ problem })
  })
})

describe('parseSize', () => {
  test.each([
    ['0B', 0],
    ['64KiB', 65_536],
    ['8MiB', 8 * 2 ** 20],
    ['1GiB', 2 ** 30],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['2TiB', 2 * 2 ** 40],
    ['64kB', 64_000],
    ['1MB', 1e6],
  ])('reads %s as bytes', (text, wanted) => {
    expect(parseSize(text)).toEqual({ value: wanted })
  })

  const anySize = 'a size such as 64KiB, 8MiB or 1GiB'
  test.each([
    ['64', 'a size with its unit: write "64B"'],
    ['64K', `${anySize}: write "64KiB"`],
    ['64kib', `${anySize}: write "64KiB"`],
    ['64 MB', `${anySize}: write "64MB"`],
    ['1.0001KiB', 'a whole number of bytes'],
    ['big', anySize],
    ['constructor', anySize],
    ['1__proto__', anySize],
  ])('refuses %j and says what is wanted', (text, problem) => {
    expect(parseSize(text)).toEqual({ problem })
  })
})

describe('formatting', () => {
  test.each([
    [0, '0ms'],
    [1500, '1500ms'],
    [10_000, '10s'],
    [90 * DAY, '90d'],
    [365 * DAY, '1y'],
  ])('%d ms is written in the largest unit that divides it', (durationMs, wanted) => {
    expect(formatDuration(durationMs)).toBe(wanted)
  })

  test.each([
    [0, '0B'],
    [1000, '1000B'],
    [65_536, '64KiB'],
    [2 ** 30, '1GiB'],
  ])('%d bytes are written in the largest unit that divides them', (sizeBytes, wanted) => {
    expect(formatSize(sizeBytes)).toBe(wanted)
  })

  test('what is written is read back as the same number', () => {
    for (const durationMs of [1, 999, 1000, 60_000, 61_000, DAY + 1, 7 * DAY])
      expect(parseDuration(formatDuration(durationMs))).toEqual({ value: durationMs })
    for (const sizeBytes of [1, 1023, 1024, 2 ** 40])
      expect(parseSize(formatSize(sizeBytes))).toEqual({ value: sizeBytes })
  })
})
