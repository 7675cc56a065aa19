import { describe, expect, test } from 'vitest'
import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import type { OtlpAttribute, OtlpData, OtlpPoint } from './otlp-point.ts'
import { OtlpIntake } from './otlp-intake.ts'

const NOW_MS = 1_700_000_010_000

function put(given: Partial<OtlpPoint> & Pick<OtlpPoint, 'data'>) {
  const points: Point[] = []
  const point = {
    resource: [],
    name: 'm',
    unit: '',
    attributes: [],
    startMs: 0,
    timeMs: NOW_MS - 5,
    ...given,
  }
  const intake = new OtlpIntake({
    packet: () => {},
    sample: () => {},
    point: (one) => void points.push({ ...one }),
    event: () => {},
  })
  const reason = intake.take(point, NOW_MS)
  return { reason, points }
}

const pointsOf = (data: OtlpData) =>
  put({ data }).points.map(({ key, value, type = 'untyped' }) => [key, value, type])

const TOTALS = { count: 6, sum: 30, min: 1, max: 9 }
const NO_TOTALS = { count: 6, sum: undefined, min: undefined, max: undefined }
const BUCKETS = { bounds: [0.5, 5], bucketCounts: [1, 2, 3] }
const EXPONENTIAL = {
  scale: 0,
  zeroCount: 0,
  positive: { offset: 0, counts: [6] },
  negative: { offset: 0, counts: [] },
}

test.each<[what: string, data: OtlpData, points: readonly unknown[]]>([
  ['a gauge', { kind: 'gauge', value: 1.5 }, [['m', 1.5, 'untyped']]],
  ['a delta', { kind: 'sum', value: 3, temporality: 'delta', isMonotonic: true }, [['m', 3, 'counter']]],
  ['a total', { kind: 'sum', value: 3, temporality: 'cumulative', isMonotonic: true }, [['m', 3, 'total']]],
  [
    'a histogram of an interval',
    { kind: 'histogram', temporality: 'delta', ...TOTALS, ...BUCKETS },
    [
      ['m.count', 6, 'untyped'],
      ['m.sum', 30, 'untyped'],
      ['m.min', 1, 'untyped'],
      ['m.max', 9, 'untyped'],
      ['m.bucket.count;le=0.5', 1, 'untyped'],
      ['m.bucket.count;le=5', 3, 'untyped'],
      ['m.bucket.count;le=+Inf', 6, 'untyped'],
    ],
  ],
  [
    'a histogram of all since the start',
    { kind: 'histogram', temporality: 'cumulative', ...NO_TOTALS, bounds: [], bucketCounts: [6] },
    [
      ['m.count', 6, 'total'],
      ['m.bucket.count;le=+Inf', 6, 'total'],
    ],
  ],
  [
    'an exponential histogram',
    { kind: 'exponential histogram', temporality: 'delta', ...TOTALS, ...EXPONENTIAL },
    [
      ['m.count', 6, 'untyped'],
      ['m.sum', 30, 'untyped'],
      ['m.min', 1, 'untyped'],
      ['m.max', 9, 'untyped'],
    ],
  ],
  [
    'a summary',
    {
      kind: 'summary',
      count: 4,
      sum: 10,
      quantiles: [
        { quantile: 0.99, value: 3 },
        { quantile: 1, value: Number.NaN },
      ],
    },
    [
      ['m.count', 4, 'total'],
      ['m.sum', 10, 'total'],
      ['m;quantile=0.99', 3, 'untyped'],
    ],
  ],
])('%s', (_what, data, points) => {
  expect(pointsOf(data)).toEqual(points)
})

const GAUGE = { kind: 'gauge', value: 1 } as const

describe('a name', () => {
  test.each<[name: string, resource: OtlpAttribute[], attributes: OtlpAttribute[], key: string]>([
    ['http.server.duration', [], [['http.route', '/a b']], 'http.server.duration;http.route=/a_b'],
    ['a b..c\n', [], [], 'a_b.c_'],
    [
      'm',
      [
        ['service.name', 'shop'],
        ['telemetry.sdk.name', 'x'],
      ],
      [],
      'm;service.name=shop',
    ],
    ['m', [['host.name', 'a']], [['host.name', 'b']], 'm;host.name=b'],
    [
      'm',
      [],
      [
        ['', 'v'],
        ['k', ''],
        ['a;b=c', 'd;e=f'],
        ['__proto__', 'x'],
      ],
      'm;__proto__=x;a_b_c=d_e=f',
    ],
  ])('%j', (name, resource, attributes, key) => {
    expect(put({ name, resource, attributes, data: GAUGE }).points.map((point) => point.key)).toEqual([key])
  })
})

test('a time that is not told is now', () => {
  expect(put({ timeMs: 0, data: GAUGE }).points).toMatchObject([{ timeMs: NOW_MS }])
})

describe('nothing is taken of', () => {
  const histogram = { kind: 'histogram', temporality: 'delta', ...TOTALS } as const
  test.each<[RejectionReason, Partial<OtlpPoint> & Pick<OtlpPoint, 'data'>]>([
    ['empty_name', { name: '\u0000.', data: { ...GAUGE } }],
    ['name_too_long', { name: 'a'.repeat(5_000), data: GAUGE }],
    ['name_too_long', { resource: [['host.name', 'v'.repeat(5_000)]], data: GAUGE }],
    ['name_too_long', { attributes: [['k', 'v'.repeat(10_000)]], data: GAUGE }],
    ['bad_timestamp', { timeMs: NOW_MS + 2 * 86_400_000, data: GAUGE }],
    ['bad_timestamp', { timeMs: -1, data: GAUGE }],
    ['bad_number', { data: { kind: 'gauge', value: Number.NaN } }],
    ['bad_number', { data: { ...histogram, ...BUCKETS, sum: Number.POSITIVE_INFINITY } }],
    ['bad_field', { data: { ...histogram, bounds: [1, 2], bucketCounts: [1, 2] } }],
    ['bad_field', { data: { ...histogram, bounds: [2, 1], bucketCounts: [1, 2, 3] } }],
    ['bad_field', { data: { ...histogram, bounds: [Number.NaN, 1], bucketCounts: [1, 2, 3] } }],
    [
      'bad_field',
      {
        data: {
          ...histogram,
          bounds: Array.from({ length: 5_000 }, (_, i) => i),
          bucketCounts: Array.from({ length: 5_001 }, () => 1),
        },
      },
    ],
  ])('%s: %#', (reason, given) => {
    expect(put(given)).toEqual({ reason, points: [] })
  })
})

test('a name and a resource as long as a body are looked at once', () => {
  const resource = Array.from({ length: 200_000 }, (_, index): OtlpAttribute => ['host.name', `web${index}`])
  const keys = new Set<string>()
  const intake = new OtlpIntake({
    packet: () => {},
    sample: () => {},
    point: ({ key }) => void keys.add(key),
    event: () => {},
  })
  const point = { resource, unit: '', attributes: [], startMs: 0, timeMs: NOW_MS, data: GAUGE }
  const long = 'a'.repeat(5_000_000)
  for (let i = 0; i < 100_000; i++) {
    intake.take({ ...point, name: 'm' }, NOW_MS)
    intake.take({ ...point, name: long }, NOW_MS)
  }
  expect([...keys]).toEqual(['m;host.name=web199999'])
})
