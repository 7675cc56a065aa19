import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KymoError } from '../telemetry/errors.ts'
import { parseTimeExpression } from './time-expression.ts'
import { parseTimeOffset, unitSeconds } from './time-offset.ts'
import { parseTimeReference } from './time-reference.ts'
import type { TimeZone } from './time-zone.ts'
import { findTimeZone } from './time-zone.ts'

const UTC = zone('UTC')

function zone(name: string): TimeZone {
  const found = findTimeZone(name)
  if (found === undefined) throw new Error(`no zone ${name}`)
  return found
}

/** Seconds of a local time written `2015-03-08T12:00:00`. */
function localSeconds(text: string, timeZone: TimeZone): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text.split(/[-T:]/).map(Number)
  return timeZone.toEpochSeconds({ year, month, day, hour, minute, second })
}

function parse(text: string, now = '2024-03-15T10:30:45', timeZone = UTC): number {
  return parseTimeExpression(text, { nowSeconds: localSeconds(now, timeZone), timeZone, parameter: 'from' })
}

interface Vector {
  test: string
  function: 'parseATTime' | 'parseTimeReference' | 'parseTimeOffset' | 'getUnitString'
  input: string | number | null | { datetime: string; epoch: number | null }
  tz?: string
  now?: string | null | { epoch: number }
  raises?: string
  note?: string
  expect?: string
  expect_epoch?: number
  expect_seconds?: number
  expect_hour?: number
}

describe('the vectors of graphite-web', () => {
  const { vectors } = JSON.parse(
    readFileSync(new URL('testdata/graphite_attime.json', import.meta.url), 'utf8'),
  ) as { vectors: Vector[] }

  test('are all here', () => {
    expect(vectors.length).toBe(139)
  })

  test.each(
    vectors.map(
      (vector) => [`${vector.function} ${vector.test} ${JSON.stringify(vector.input)}`, vector] as const,
    ),
  )('%s', (_name, vector) => {
    const run = () => evaluate(vector)
    // The source marks this one as known to fail: an offset has to be one.
    if (vector.raises !== undefined || vector.note?.includes('expectedFailure')) expect(run).toThrow()
    else expect(run()).toBe(wanted(vector))
  })

  function evaluate(vector: Vector): number {
    const timeZone = zone(vector.tz?.replace('(default)', '') ?? 'UTC')
    const nowSeconds = nowOf(vector.now, timeZone)
    const { input } = vector
    if (typeof input === 'object' && input !== null) {
      // A moment instead of text: what is left to test is the zone.
      if (input.epoch === null) return localSeconds(input.datetime, timeZone)
      return timeZone.toEpochSeconds(timeZone.toCivilTime(input.epoch))
    }
    // A number, which the types forbid, is passed on as it is.
    const text = (input ?? '') as string
    switch (vector.function) {
      case 'parseATTime': {
        const seconds = parseTimeExpression(text, { nowSeconds, timeZone, parameter: 'from' })
        return vector.expect_hour === undefined ? seconds : timeZone.toCivilTime(seconds).hour
      }
      case 'parseTimeReference':
        return parseTimeReference(text, { nowSeconds, timeZone })
      case 'parseTimeOffset':
        return parseTimeOffset(text)
      case 'getUnitString':
        return unitSeconds(text)
    }
  }

  function nowOf(now: Vector['now'], timeZone: TimeZone): number {
    if (now === null || now === undefined) return 1_700_000_000
    if (typeof now === 'object') return now.epoch
    if (now.includes('T')) return localSeconds(now.slice(0, 19), timeZone)
    return parseTimeExpression(now, { nowSeconds: 0, timeZone, parameter: 'now' })
  }

  function wanted(vector: Vector): number | undefined {
    const units: Record<string, number> = {
      seconds: 1,
      minutes: 60,
      hours: 3600,
      days: 86_400,
      weeks: 604_800,
      months: 2_592_000,
      years: 31_536_000,
    }
    if (vector.function === 'getUnitString') return units[vector.expect ?? '']
    return vector.expect_epoch ?? vector.expect_seconds ?? vector.expect_hour
  }
})

describe('relative to Friday 2024-03-15 10:30:45 UTC', () => {
  const cases: [text: string, wanted: string][] = [
    ['now', '2024-03-15T10:30:45'],
    ['', '2024-03-15T10:30:45'],
    ['-', '2024-03-15T10:30:45'],
    ['-1h', '2024-03-15T09:30:45'],
    ['- 1 h', '2024-03-15T09:30:45'],
    ['NOW-1H', '2024-03-15T09:30:45'],
    ['-90s', '2024-03-15T10:29:15'],
    ['-1h30min', '2024-03-15T09:00:45'],
    ['-1d12h', '2024-03-13T22:30:45'],
    ['+1h', '2024-03-15T11:30:45'],
    ['-1decade', '2024-03-14T10:30:45'],
    ['-1wk', '2024-03-08T10:30:45'],
    ['-1mon', '2024-02-14T10:30:45'],
    ['today', '2024-03-15T00:00:00'],
    ['yesterday-2d', '2024-03-12T00:00:00'],
    ['noon yesterday', '2024-03-14T12:00:00'],
    ['noon_yesterday', '2024-03-14T12:00:00'],
    ['6pm', '2024-03-15T18:00:00'],
    ['6pm today', '2024-03-15T18:00:00'],
    ['11:30pm', '2024-03-15T23:30:00'],
    ['9:15', '2024-03-15T09:15:00'],
    ['12am', '2024-03-15T12:00:00'],
    ['12pm', '2024-03-15T00:00:00'],
    ['25pm', '2024-03-15T13:00:00'],
    ['8:50 6pm', '2024-03-15T18:50:00'],
    ['04:00_20110501', '2011-05-01T04:00:00'],
    ['12:30_01/02/24', '2024-01-02T12:30:00'],
    ['1/2/70', '1970-01-02T00:00:00'],
    ['1/2/1950', '2050-01-02T00:00:00'],
    ['20091201', '2009-12-01T00:00:00'],
    ['20240101-1d', '2023-12-31T00:00:00'],
    ['friday', '2024-03-15T00:00:00'],
    ['saturday', '2024-03-09T00:00:00'],
    ['mon', '2024-03-11T00:00:00'],
    ['monday+12h', '2024-03-11T12:00:00'],
    ['friday noon', '2024-03-15T00:00:00'],
    ['noon friday', '2024-03-15T12:00:00'],
    ['sunset', '2024-03-10T00:00:00'],
    ['january 1', '2024-01-01T00:00:00'],
    ['jan115', '2024-01-15T00:00:00'],
    ['10am may 5', '2024-05-05T10:00:00'],
    ['jan1-1d', '2023-12-31T00:00:00'],
    ['feb 29', '2024-02-29T00:00:00'],
  ]
  test.each(cases)('"%s" is %s', (text, wanted) => {
    expect(new Date(parse(text) * 1000).toISOString()).toBe(`${wanted}.000Z`)
  })

  test.each([
    ['1700000000', 1_700_000_000],
    ['0', 0],
    ['20241301', 20_241_301],
    ['18000101', 18_000_101],
  ])('the digits %s are seconds', (text, wanted) => {
    expect(parse(text)).toBe(wanted)
  })
})

describe('what is no time', () => {
  const cases = [
    '-1m',
    '-5mi',
    '1h',
    '-1',
    '--1h',
    '-h',
    '-1d-12h',
    'now-1d+2h',
    'noon+yesterday',
    '6pm+today',
    'today_noon',
    'yesterday_6am',
    '2024-02-29',
    '20110230',
    'feb 30',
    'february',
    '25:00',
    '8:60',
    ':',
    '8:',
    '99am',
    '1700000000.5',
    'random',
    '1700000000000',
    '9'.repeat(400),
    '-5000y',
    '+9000years',
    '-9'.repeat(100),
    `-1${'h'.repeat(1_000_000)}`,
    '1/2/3/4',
    '13/1/24',
    '1/0/24',
    '1//24',
    'a:30',
    '__proto__',
    'constructor',
  ]
  test.each(cases.map((text) => [text.slice(0, 30), text]))('"%s"', (_name, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'time-invalid',
        details: expect.objectContaining({ parameter: 'from' }) as unknown,
      }) as KymoError,
    )
  })

  test('the error quotes no more than a beginning', () => {
    expect(() => parse('x'.repeat(1_000_000))).toThrow(/^.{1,400}$/)
  })

  test('any text gives a time in range or the error', () => {
    const piece = fc.constantFrom(
      'now',
      '-',
      '+',
      '1',
      '12',
      ':',
      '/',
      'am',
      'pm',
      'noon',
      'jan',
      'friday',
      'h',
      'd',
      'min',
      'm',
      '_',
      '20240131',
      '²',
      'ß',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }), (pieces) => {
        try {
          expect(Number.isInteger(parse(pieces.join('')))).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(KymoError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('days on which clocks change', () => {
  const cases: [zoneName: string, text: string, now: string, wanted: string][] = [
    ['America/Los_Angeles', 'midnight+3h', '2015-03-08T12:00:00', '2015-03-08T11:00:00Z'],
    ['America/Los_Angeles', '-1d', '2015-03-09T00:30:00', '2015-03-08T07:30:00Z'],
    ['America/Los_Angeles', 'noon yesterday', '2015-03-09T00:30:00', '2015-03-08T19:00:00Z'],
    // 02:30 is skipped: read with the offset of winter. 01:30 comes twice: the second one.
    ['America/Los_Angeles', '2:30', '2015-03-08T12:00:00', '2015-03-08T10:30:00Z'],
    ['America/Los_Angeles', '1:30', '2015-11-01T12:00:00', '2015-11-01T09:30:00Z'],
    ['Europe/Berlin', '2:30', '2024-10-27T12:00:00', '2024-10-27T01:30:00Z'],
    ['Europe/Berlin', '2:30', '2024-03-31T12:00:00', '2024-03-31T01:30:00Z'],
    ['Australia/Lord_Howe', '1:45', '2024-04-07T12:00:00', '2024-04-06T15:15:00Z'],
    ['Asia/Kathmandu', 'today', '2024-04-07T12:00:00', '2024-04-06T18:15:00Z'],
    ['Pacific/Apia', 'yesterday', '2011-12-31T12:00:00', '2011-12-30T10:00:00Z'],
  ]
  test.each(cases)('%s: %s at %s', (zoneName, text, now, wanted) => {
    expect(parse(text, now, zone(zoneName))).toBe(Date.parse(wanted) / 1000)
  })
})
