import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochSecondsOfUtc, findTimeZone } from './time-zone.ts'

describe('names', () => {
  test.each(['UTC', 'utc', 'Europe/Berlin', 'europe/berlin', 'US/Pacific', 'Etc/GMT+5', 'GMT'])(
    '%s is known',
    (name) => expect(findTimeZone(name)).toBeDefined(),
  )

  test.each([
    '',
    'Nowhere/Land',
    '+02:00',
    '-0500',
    'undefined',
    '__proto__',
    'a'.repeat(1_000_000),
    'Europe/Berlin\n',
    '../etc/passwd',
  ])('%j is not', (name) => expect(findTimeZone(name)).toBeUndefined())
})

test.each(['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kolkata'])(
  'in %s every moment comes back from its local time, but for the hour that comes twice',
  (name) => {
    const zone = findTimeZone(name)
    if (zone === undefined) throw new Error(name)
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 4_000_000_000 }), (epochSeconds) => {
        const back = zone.toEpochSeconds(zone.toCivilTime(epochSeconds))
        expect([0, 1800, 3600]).toContain(back - epochSeconds)
      }),
      { numRuns: 200 },
    )
  },
)

test('the first centuries are not taken for the twentieth', () => {
  expect(epochSecondsOfUtc({ year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 })).toBe(
    -62_135_596_800,
  )
})
