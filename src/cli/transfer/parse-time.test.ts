import { expect, test } from 'vitest'
import { parseTime } from './parse-time.ts'

test.each([
  ['0', 0],
  ['1700000000', 1_700_000_000_000],
  ['1700000000.25', 1_700_000_000_250],
  ['1700000000250', 1_700_000_000_250],
  ['2026-01-31', Date.UTC(2026, 0, 31)],
  ['2026-01-31 12:30:15', Date.UTC(2026, 0, 31, 12, 30, 15)],
  ['2026-01-31T12:30', Date.UTC(2026, 0, 31, 12, 30)],
  ['2026-01-31T12:30:15.250z', Date.UTC(2026, 0, 31, 12, 30, 15, 250)],
  ['2026-01-31T12:30:15+01:00', Date.UTC(2026, 0, 31, 11, 30, 15)],
  ['2026-01-31T12:30:15-0130', Date.UTC(2026, 0, 31, 14, 0, 15)],
  ['', Number.NaN],
  ['now', Number.NaN],
  ['-1', Number.NaN],
  ['1e9', Number.NaN],
  ['2026-13-31', Number.NaN],
  ['2026-01-31T25:00:00Z', Number.NaN],
  ['31.01.2026', Number.NaN],
  ['9'.repeat(100), Number.NaN],
])('%s', (text, wanted) => {
  expect(parseTime(text)).toBe(wanted)
})
