import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Point } from '../../model/point.ts'
import { REJECTION_REASONS, type RejectionReason } from '../../model/rejection.ts'
import { graphitePlaintextFormat } from './graphite-plaintext-format.ts'
import { isSaneName, sanitiseName } from './sanitise-name.ts'

const NOW_MS = 1_700_000_000_500

function decode(line: string | Uint8Array): RejectionReason | Point {
  const content = Buffer.from(line as string)
  // Surrounded by bytes that would mean something, so that reading past either end would show.
  const bytes = Buffer.concat([Buffer.from('x'), content, Buffer.from('9 1')])
  const points: Point[] = []
  const reason = graphitePlaintextFormat.decodeLine(bytes, 1, 1 + content.length, NOW_MS, {
    packet: () => undefined,
    event: () => undefined,
    sample: () => expect.unreachable('a point is no sample'),
    point: (point) => points.push({ ...point }),
  })
  expect(points).toHaveLength(reason === undefined ? 1 : 0)
  return reason ?? (points[0] as Point)
}

const point = (key: string, value: number, timeMs: number): Point => ({ key, value, timeMs })

describe('accepted', () => {
  const cases: [line: string, point: Point][] = [
    ['a.b 1 1700000000', point('a.b', 1, 1_700_000_000_000)],
    ['a\t1.5\t1700000000', point('a', 1.5, 1_700_000_000_000)],
    ['  a   1  \t 1700000000  ', point('a', 1, 1_700_000_000_000)],
    ['a -1e3 1700000000.25', point('a', -1000, 1_700_000_000_250)],
    ['a -0 1700000000.0004', point('a', -0, 1_700_000_000_000)],
    ['a 1 -1', point('a', 1, NOW_MS)],
    ['a 1 -1.0', point('a', 1, NOW_MS)],
    ['a 1 1', point('a', 1, 1_000)],
    ['a 1 1700086400', point('a', 1, 1_700_086_400_000)],
    ['a;b=2;a=1 1 1700000000', point('a;a=1;b=2', 1, 1_700_000_000_000)],
    ['a;flag 1 1700000000', point('a;flag=true', 1, 1_700_000_000_000)],
    ['a;k= 1 1700000000', point('a', 1, 1_700_000_000_000)],
    ['a..b. 1 1700000000', point('a.b', 1, 1_700_000_000_000)],
    ['../etc/passwd 1 1700000000', point('/etc/passwd', 1, 1_700_000_000_000)],
    ['a:b{c}*?[d],"(%$) 1 1700000000', point('a:b{c}*?[d],"(%$)', 1, 1_700_000_000_000)],
    ['été.🙂 1 1700000000', point('été.🙂', 1, 1_700_000_000_000)],
    ['a\u00a0b\u0000\u001b\u202e 1 1700000000', point('a_b', 1, 1_700_000_000_000)],
    ['__proto__ 1 1700000000', point('__proto__', 1, 1_700_000_000_000)],
  ]
  test.each(cases)('%j', (line, wanted) => {
    expect(decode(line)).toStrictEqual(wanted)
  })
})

describe('rejected', () => {
  const cases: [line: string, reason: RejectionReason][] = [
    ['a', 'no_value'],
    ['a ', 'no_value'],
    ['  ', 'no_value'],
    ['. 1 1700000000', 'empty_name'],
    [';k=v 1 1700000000', 'empty_name'],
    ['\u0001 1 1700000000', 'empty_name'],
    ['a x 1700000000', 'bad_number'],
    ['a nan 1', 'bad_number'],
    ['a NaN 1700000000', 'bad_number'],
    ['a inf 1700000000', 'bad_number'],
    ['a 0x10 1700000000', 'bad_number'],
    ['a 1e999 1700000000', 'bad_number'],
    ['GET / HTTP/1.1', 'bad_number'],
    ['a 1', 'bad_timestamp'],
    ['a 1 x', 'bad_timestamp'],
    ['a 1 nan', 'bad_timestamp'],
    ['a 1 N', 'bad_timestamp'],
    ['a 1 0', 'bad_timestamp'],
    ['a 1 -2', 'bad_timestamp'],
    ['a 1 0.0001', 'bad_timestamp'],
    ['a 1 99999999999', 'bad_timestamp'],
    ['a 1 1700000000000', 'bad_timestamp'],
    ['a 1 1700086401', 'bad_timestamp'],
    ['a 1 1e300', 'bad_timestamp'],
    ['a 1 1e309', 'bad_timestamp'],
    ['a 1 1700000000 extra', 'bad_field'],
  ]
  test.each(cases)('%j is %s', (line, reason) => {
    expect(decode(line)).toBe(reason)
  })
})

test('bytes that are no UTF-8 are replaced', () => {
  expect(decode(Buffer.from('a\xff 1 1700000000', 'latin1'))).toEqual(point('a\ufffd', 1, 1_700_000_000_000))
})

test('a name is sane exactly when it has no tags and the rule leaves it as it is', () => {
  const name = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('a', '.', '_', '/', ' ', '\u007f', '*') }),
  )
  fc.assert(
    fc.property(name, (text) => {
      const bytes = Buffer.from(text)
      const isUnchanged = text !== '' && !text.includes(';') && sanitiseName(text) === text
      return isSaneName(bytes, 0, bytes.length) === (isUnchanged && bytes.length === text.length)
    }),
    { numRuns: 500 },
  )
})

test('whatever the bytes, a line is accepted with a sound point or rejected for a known reason', () => {
  const words = [
    'a',
    '.',
    ';',
    'k=v',
    ' ',
    '\t',
    '1',
    '-1',
    '1700000000',
    'nan',
    '1e999',
    '\u0000',
    '\u2028',
    '🙂',
    'é',
    ':',
    '|c',
  ]
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.array(fc.constantFrom(...words), { maxLength: 10 }).map((parts) => Buffer.from(parts.join(''))),
    fc
      .array(fc.constantFrom(...words), { maxLength: 5 })
      .map((parts) => Buffer.from(`${parts.join('')} 1 1700000000`)),
  )
  fc.assert(
    fc.property(line, (bytes) => {
      const outcome = decode(bytes)
      if (typeof outcome === 'string') {
        expect(REJECTION_REASONS).toContain(outcome)
        return
      }
      expect(outcome.key).toMatch(/^[^\s;.][^\s;]*(;[^\s;=~]+=[^\s;]+)*$/)
      expect(Number.isFinite(outcome.value)).toBe(true)
      expect(Number.isSafeInteger(outcome.timeMs) && outcome.timeMs > 0).toBe(true)
    }),
    { numRuns: 800 },
  )
})
