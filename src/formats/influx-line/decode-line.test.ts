import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Point } from '../../model/point.ts'
import { LineDecoder, type TimeUnit } from './decode-line.ts'

const NOW_MS = 1_700_000_000_500

function decode(line: string | Uint8Array, unit: TimeUnit = 'ns') {
  const points: Point[] = []
  const bytes =
    typeof line === 'string'
      ? Buffer.from(`xx${line}yy`)
      : Buffer.concat([Buffer.from('xx'), line, Buffer.from('yy')])
  const out = {
    packet: () => {},
    sample: () => {},
    event: () => {},
    point: (point: Point) => void points.push({ ...point }),
  }
  const reason = new LineDecoder(unit).decode(bytes, 2, bytes.length - 2, NOW_MS, out)
  return { reason, points: points.map(({ key, value, timeMs }) => [key, value, timeMs]) }
}

describe('taken', () => {
  const cases: [line: string, ...points: (readonly [string, number, number])[]][] = [
    ['cpu usage=0.5', ['cpu_usage', 0.5, NOW_MS]],
    [
      'cpu,host=web1,dc=fra usage=0.5,cores=8i 1700000000000000000',
      ['cpu_usage;dc=fra;host=web1', 0.5, 1_700_000_000_000],
      ['cpu_cores;dc=fra;host=web1', 8, 1_700_000_000_000],
    ],
    [
      'a v=-1e3,w=+.5,x=5.,y=7u',
      ['a_v', -1000, NOW_MS],
      ['a_w', 0.5, NOW_MS],
      ['a_x', 5, NOW_MS],
      ['a_y', 7, NOW_MS],
    ],
    [
      'a v=t,w=T,x=true,y=TRUE',
      ['a_v', 1, NOW_MS],
      ['a_w', 1, NOW_MS],
      ['a_x', 1, NOW_MS],
      ['a_y', 1, NOW_MS],
    ],
    ['a v=f,w=False', ['a_v', 0, NOW_MS], ['a_w', 0, NOW_MS]],
    ['a s="x, y=1 \\" z",v=1', ['a_v', 1, NOW_MS]],
    ['a s="only text"'],
    ['a\\ b\\,c,k\\=1=v\\ 2 f\\ g=1', ['a_b,c_f_g;k_1=v_2', 1, NOW_MS]],
    ['a\\b v=1', ['a\\b_v', 1, NOW_MS]],
    ['a.b.c v=1', ['a.b.c_v', 1, NOW_MS]],
    ['größe,ort=köln wert=1', ['größe_wert;ort=köln', 1, NOW_MS]],
    ['a,k= v=1', ['a_v', 1, NOW_MS]],
    ['a,k=a;b v=1', ['a_v;k=a_b', 1, NOW_MS]],
    ['a  v=1   1700000000000000000', ['a_v', 1, 1_700_000_000_000]],
    ['# a comment'],
    [' '],
  ]
  test.each(cases)('%s', (line, ...points) => {
    expect(decode(line)).toEqual({ reason: undefined, points })
  })

  test.each([
    ['ns', '1700000000123456789', 1_700_000_000_123],
    ['us', '1700000000123456', 1_700_000_000_123],
    ['ms', '1700000000123', 1_700_000_000_123],
    ['s', '1700000000', 1_700_000_000_000],
    ['m', '28333333', 1_699_999_980_000],
    ['h', '472222', 1_699_999_200_000],
  ] as const)('times in %s', (unit, text, timeMs) => {
    expect(decode(`a v=1 ${text}`, unit).points).toEqual([['a_v', 1, timeMs]])
  })
})

test.each([
  ['a', 'no_value'],
  ['a,b', 'bad_field'],
  ['a,b=c', 'no_value'],
  [' v=1', 'no_value'],
  [',b=c v=1', 'empty_name'],
  ['a v', 'bad_field'],
  ['a =1', 'bad_field'],
  ['a v=', 'bad_number'],
  ['a v=x', 'bad_number'],
  ['a v=1x', 'bad_number'],
  ['a v=1.5i', 'bad_number'],
  ['a v=NaN', 'bad_number'],
  ['a v=Infinity', 'bad_number'],
  ['a v=1e999', 'bad_number'],
  ['a v=0x10', 'bad_number'],
  ['a v=1,w=x', 'bad_number'],
  ['a v=1,', 'bad_field'],
  ['a s="x', 'bad_field'],
  ['a s="x"y', 'bad_field'],
  ['a v=1 x', 'bad_timestamp'],
  ['a v=1 1.5', 'bad_timestamp'],
  ['a v=1 0', 'bad_timestamp'],
  ['a v=1 -5', 'bad_timestamp'],
  ['a v=1 1700000000000000000 1', 'bad_timestamp'],
  ['a v=1 99999999999999999999', 'bad_timestamp'],
])('%s is refused whole: %s', (line, reason) => {
  expect(decode(line)).toEqual({ reason, points: [] })
})

test('any bytes are taken or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const { reason, points } = decode(bytes.filter((byte) => byte !== 0x0a))
      if (reason !== undefined) expect(points).toEqual([])
      for (const [key, value] of points) {
        expect(key).not.toBe('')
        expect(Number.isFinite(value)).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

test('a long line takes no long time', () => {
  const line = `a,${'k=v,'.repeat(10_000)}z=1 ${'\\,'.repeat(10_000)}=1`
  expect(decode(line).reason).toBeUndefined()
})
