import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { KymoError } from '../telemetry/errors.ts'
import { DEFAULT_QUERY_LIMITS } from './query-limits.ts'
import { parseRenderRequest } from './render-request.ts'
import { findTimeZone } from './time-zone.ts'

const NOW = 1_700_000_000
const utc = findTimeZone('UTC')
if (utc === undefined) throw new Error('no UTC')
const options = { clock: new FakeClock(NOW * 1000 + 999), defaultTimeZone: utc, limits: DEFAULT_QUERY_LIMITS }

/** Each parameter as one value or as several. */
function parse(parameters: Record<string, string | string[]>) {
  return parseRenderRequest(
    Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value].flat()])),
    options,
  )
}

function failureOf(parameters: Record<string, string | string[]>): KymoError {
  try {
    parse(parameters)
  } catch (error) {
    if (error instanceof KymoError) return error
    throw error
  }
  throw new Error('the request was read')
}

test('nothing but a target means a graph of the day until now', () => {
  expect(parse({ target: 'a' })).toEqual({
    targets: ['a'],
    fromSeconds: NOW - 86_400,
    untilSeconds: NOW,
    nowSeconds: NOW,
    template: new Map(),
    xFilesFactor: undefined,
    timeZone: utc,
    format: 'png',
    maxDataPoints: undefined,
    isWithoutNulls: false,
    hasMeta: false,
    isStitched: false,
    jsonStyle: { callback: undefined, isPretty: false },
  })
})

describe('targets', () => {
  const cases: [parameters: Record<string, string | string[]>, wanted: string[]][] = [
    [{}, []],
    [{ target: ['a', 'b', 'a'] }, ['a', 'b', 'a']],
    [{ 'target[]': ['a', 'b'] }, ['a', 'b']],
    [{ 'target[]': 'b', target: 'a' }, ['a', 'b']],
    [{ target: ['', ' ', 'a '] }, ['a ']],
  ]
  test.each(cases)('%j', (parameters, wanted) => {
    expect(parse(parameters).targets).toEqual(wanted)
  })
})

describe('the range', () => {
  const cases: [parameters: Record<string, string | string[]>, from: number, until: number][] = [
    [{ from: '-1h' }, NOW - 3600, NOW],
    [{ from: '1700000100', until: '1700000000' }, 1_700_000_000, 1_700_000_100],
    [{ from: ['-2h', '-1h'] }, NOW - 3600, NOW],
    [{ from: 'undefined', until: 'undefined' }, NOW - 86_400, NOW],
    [{ from: 'NaN', until: '' }, NOW - 86_400, NOW],
    [{ from: '-1h', now: '1600000000' }, 1_600_000_000 - 3600, 1_600_000_000],
    [{ from: '-1h', now: '-1d' }, NOW - 90_000, NOW - 86_400],
    [{ until: '-1h' }, NOW - 86_400, NOW - 3600],
    [{ from: '-50y' }, NOW - 50 * 365 * 86_400, NOW],
    [{ from: '20231114', until: '20231115', tz: 'Europe/Berlin' }, 1_699_916_400, 1_700_002_800],
    [{ from: '20231114', until: '20231115', tz: 'Middle/Earth' }, 1_699_920_000, 1_700_006_400],
  ]
  test.each(cases)('%j', (parameters, fromSeconds, untilSeconds) => {
    expect(parse(parameters)).toMatchObject({ fromSeconds, untilSeconds })
  })
})

describe('maxDataPoints', () => {
  test.each([
    ['300', 300],
    ['1000000000', 1_000_000_000],
    ['9'.repeat(400), Number.POSITIVE_INFINITY],
    ['0', undefined],
    ['1e9', undefined],
    ['-1', undefined],
    ['3.5', undefined],
    ['NaN', undefined],
    ['', undefined],
    ['٣', undefined],
  ])('%j is %d', (text, wanted) => {
    expect(parse({ maxDataPoints: text }).maxDataPoints).toBe(wanted)
  })
})

test.each([
  [{ format: 'csv' }, 'csv'],
  [{ format: 'raw' }, 'raw'],
  [{ format: 'dygraph' }, 'dygraph'],
  [{ format: 'rickshaw' }, 'rickshaw'],
  [{ format: 'msgpack' }, 'msgpack'],
  [{ pickle: '' }, 'pickle'],
  [{ rawData: '1' }, 'raw'],
  [{ rawData: '1', format: 'json' }, 'json'],
  [{ format: 'png' }, 'png'],
  [{ format: 'svg' }, 'svg'],
  [{ format: '' }, 'png'],
])('%j is the format %s', (parameters, format) => {
  expect(parse(parameters).format).toBe(format)
})

test.each([
  [{ noNullPoints: '1', pretty: 'true' }, true],
  [{ noNullPoints: '', pretty: '' }, true],
  [{ noNullPoints: '0', pretty: 'false' }, false],
])('the flags of %j are %s', (parameters, wanted) => {
  const request = parse(parameters)
  expect([request.isWithoutNulls, request.jsonStyle.isPretty]).toEqual([wanted, wanted])
})

describe('what is refused', () => {
  const cases: [parameters: Record<string, string | string[]>, code: string, message: RegExp][] = [
    [{ from: 'lunchtime' }, 'time-invalid', /`from`: "lunchtime"/],
    [{ until: '-1m' }, 'time-invalid', /`until`: "-1m"/],
    [{ now: 'then' }, 'time-invalid', /`now`: "then"/],
    [{ from: 'x'.repeat(1_000_000) }, 'time-invalid', /^.{1,400}$/],
    [{ from: '-1h', until: '-1h' }, 'range-empty', /Invalid empty time range/],
    [{ from: 'now' }, 'range-empty', /Invalid empty time range/],
    [{ format: 'pdf' }, 'request-invalid', /`format`: there is no pdf; svg is/],
    [{ format: '__proto__' }, 'format-unknown', /json, csv, raw/],
    [{ format: 'constructor' }, 'format-unknown', /`format`/],
    [{ format: 'x'.repeat(1_000_000) }, 'format-unknown', /^.{1,400}$/],
    [{ jsonp: 'alert(1)//' }, 'request-invalid', /`jsonp`/],
    [{ jsonp: 'a'.repeat(129) }, 'request-invalid', /`jsonp`/],
    [{ jsonp: 'a\nb' }, 'request-invalid', /`jsonp`/],
    [{ target: Array.from({ length: 5_000 }, () => 'a') }, 'request-invalid', /5000 targets.*limit is 1000/],
  ]
  test.each(cases.map((one, index) => [`${index} ${JSON.stringify(one[0]).slice(0, 60)}`, ...one] as const))(
    '%s',
    (_name, parameters, code, message) => {
      const failure = failureOf(parameters)
      expect([failure.code, failure.httpStatus]).toEqual([code, 400])
      expect(failure.message).toMatch(message)
    },
  )
})
