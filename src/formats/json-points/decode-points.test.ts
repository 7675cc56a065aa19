import { expect, test } from 'vitest'
import type { Point } from '../../model/point.ts'
import { decodeJsonPoint, readJsonPoints } from './decode-points.ts'

const NOW_MS = 1_700_000_000_500

function decode(value: unknown) {
  const { reason, points } = decodeAll(value)
  return reason ?? points[0]
}

function decodeAll(value: unknown) {
  const points: Point[] = []
  const out = {
    packet: () => {},
    sample: () => {},
    event: () => {},
    point: (point: Point) => void points.push({ ...point }),
  }
  const reason = decodeJsonPoint(value, NOW_MS, out)
  return { reason, points: points.map(({ key, value: number, timeMs }) => [key, number, timeMs]) }
}

const full = { metric: 'disk.used', value: 42, timestamp: 1_700_000_000, tags: { rack: 'a1', host: 'web1' } }

test.each<[value: unknown, wanted: unknown]>([
  [full, ['disk.used;host=web1;rack=a1', 42, 1_700_000_000_000]],
  [{ name: 'a', value: -0.5 }, ['a', -0.5, NOW_MS]],
  [{ path: 'a;b=c', value: 1, time: 1_700_000_000.25 }, ['a;b=c', 1, 1_700_000_000_250]],
  [{ metric: 'a', value: 1, timestamp: 1_700_000_000_123 }, ['a', 1, 1_700_000_000_123]],
  [{ metric: 'a', value: 1, timestamp: -1 }, ['a', 1, NOW_MS]],
  [{ metric: 'a;b=c;d=e', value: 1, tags: { b: 'x' } }, ['a;b=x;d=e', 1, NOW_MS]],
  [{ metric: ' a..b ', value: 1, tags: { n: 1, t: true, empty: '' } }, ['_a.b_;n=1;t=true', 1, NOW_MS]],
  [
    { metric: '__proto__', value: 1, tags: JSON.parse('{"__proto__": "x"}') as object },
    ['__proto__;__proto__=x', 1, NOW_MS],
  ],
  [{ ...full, metric: undefined }, 'empty_name'],
  [{ ...full, metric: '' }, 'empty_name'],
  [{ ...full, metric: 5 }, 'empty_name'],
  [{ ...full, value: undefined }, 'no_value'],
  [{ ...full, value: null }, 'no_value'],
  [{ ...full, value: '1' }, 'bad_number'],
  [{ ...full, value: Number.POSITIVE_INFINITY }, 'bad_number'],
  [{ ...full, value: [1] }, 'bad_number'],
  [{ ...full, value: {} }, 'no_value'],
  [{ ...full, value: { count: 1, p99: 2 } }, 'bad_field'],
  [{ ...full, value: JSON.parse('{"__proto__": 1}') as object }, 'bad_field'],
  [{ ...full, value: { count: 1, sum: '2' } }, 'bad_number'],
  [{ ...full, value: { count: 1, sum: null } }, 'bad_number'],
  [{ ...full, value: { sum: Number.POSITIVE_INFINITY } }, 'bad_number'],
  [{ ...full, value: { count: -1, sum: 2 } }, 'bad_number'],
  [{ ...full, value: { min: 2, max: 1 } }, 'bad_number'],
  [{ ...full, value: { count: 1, sum: 2 }, timestamp: 0 }, 'bad_timestamp'],
  [{ ...full, timestamp: 'now' }, 'bad_timestamp'],
  [{ ...full, timestamp: 0 }, 'bad_timestamp'],
  [{ ...full, timestamp: 1_900_000_000 }, 'bad_timestamp'],
  [{ ...full, tags: ['a=b'] }, 'bad_field'],
  [{ ...full, tags: { a: {} } }, 'bad_field'],
  ['a 1', 'bad_field'],
  [null, 'bad_field'],
  [[full], 'bad_field'],
])('%j is %j', (value, wanted) => {
  expect(decode(value)).toEqual(wanted)
})

test('what was aggregated already is a series for each aggregate', () => {
  const value = { last: 20, max: 30, min: 10, sum: 60, count: 3 }
  expect(decodeAll({ ...full, metric: 'api.ms', value })).toEqual({
    reason: undefined,
    points: [
      ['api.ms.count;host=web1;rack=a1', 3, 1_700_000_000_000],
      ['api.ms.sum;host=web1;rack=a1', 60, 1_700_000_000_000],
      ['api.ms.min;host=web1;rack=a1', 10, 1_700_000_000_000],
      ['api.ms.max;host=web1;rack=a1', 30, 1_700_000_000_000],
      ['api.ms.last;host=web1;rack=a1', 20, 1_700_000_000_000],
    ],
  })
  expect(decodeAll({ metric: 'a', value: { sum: -1, min: 0 } }).points).toEqual([
    ['a.sum', -1, NOW_MS],
    ['a.min', 0, NOW_MS],
  ])
  expect(decodeAll({ metric: 'a', value: { count: 0, sum: 0, max: 'x' } }).points).toEqual([])
})

test.each<[text: string, wanted: unknown]>([
  ['[]', []],
  ['[1,{"a":2}]', [1, { a: 2 }]],
  ['{"a":1}', [{ a: 1 }]],
  ['5', undefined],
  ['null', undefined],
  ['', undefined],
  ['[1', undefined],
  ['a 1 1700000000', undefined],
])('the body %s is the list %j', (text, wanted) => {
  expect(readJsonPoints(Buffer.from(text))).toEqual(wanted)
})

test('a body that is no UTF-8 is none', () => {
  expect(readJsonPoints(Buffer.from([0x22, 0xff, 0x22]))).toBeUndefined()
})
