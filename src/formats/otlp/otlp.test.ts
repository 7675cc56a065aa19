import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtobufError } from '../../lib/protobuf-reader.ts'
import { decodeOtlpJson } from './decode-json.ts'
import { decodeOtlpProtobuf } from './decode-protobuf.ts'
import { encodeOtlpJson } from './encode-json.ts'
import { encodeOtlpProtobuf } from './encode-protobuf.ts'
import {
  decodeAnswerJson,
  decodeAnswerProtobuf,
  encodeAnswerJson,
  encodeAnswerProtobuf,
} from './export-answer.ts'
import type { OtlpData, OtlpPoint } from './otlp-point.ts'

const START_MS = 1_700_000_000_000
const RESOURCE = [['service.name', 'shop']] as const

function pointOf(data: OtlpData, own: Partial<OtlpPoint> = {}): OtlpPoint {
  return {
    resource: RESOURCE,
    name: 'api.time',
    unit: 'ms',
    attributes: [
      ['env', 'prod'],
      ['größe', 'ä"\n'],
    ],
    startMs: START_MS,
    timeMs: START_MS + 10_000,
    data,
    ...own,
  }
}

const TOTALS = { temporality: 'delta', count: 6, sum: 12.5, min: -3, max: 9 } as const

const POINTS: readonly OtlpPoint[] = [
  pointOf({ kind: 'gauge', value: -0.5 }, { name: 'load', unit: '', startMs: 0 }),
  pointOf({ kind: 'gauge', value: Number.POSITIVE_INFINITY }, { name: 'load', unit: '', attributes: [] }),
  pointOf({ kind: 'sum', value: 3, temporality: 'delta', isMonotonic: true }, { name: 'hits' }),
  pointOf({ kind: 'sum', value: 1e300, temporality: 'cumulative', isMonotonic: false }, { name: 'open' }),
  pointOf({ kind: 'histogram', ...TOTALS, bounds: [0, 5, 10], bucketCounts: [1, 2, 3, 0] }),
  pointOf({
    kind: 'histogram',
    ...TOTALS,
    sum: undefined,
    min: undefined,
    max: undefined,
    bounds: [],
    bucketCounts: [],
  }),
  pointOf({
    kind: 'exponential histogram',
    ...TOTALS,
    scale: -2,
    zeroCount: 1,
    positive: { offset: -100, counts: [1, 0, 300] },
    negative: { offset: 7, counts: [2] },
  }),
  pointOf({
    kind: 'summary',
    count: 4,
    sum: 10,
    quantiles: [
      { quantile: 0, value: 1 },
      { quantile: 0.9, value: 4 },
    ],
  }),
]

describe.each<
  [
    string,
    (points: readonly OtlpPoint[]) => Uint8Array,
    (body: Uint8Array) => Iterable<OtlpPoint | undefined>,
  ]
>([
  ['Protocol Buffers', (points) => encodeOtlpProtobuf(points, 'kymo'), decodeOtlpProtobuf],
  ['JSON', (points) => Buffer.from(encodeOtlpJson(points, 'kymo')), decodeOtlpJson],
])('in %s', (_name, encode, decode) => {
  test.each(POINTS.map((point) => [point.data.kind, point] as const))(
    'a %s comes back as it was',
    (_kind, point) => {
      expect([...decode(encode([point]))]).toEqual([point])
    },
  )

  test('all at once come back, those of one metric together', () => {
    expect([...decode(encode(POINTS))]).toEqual(POINTS)
  })

  test('none is none', () => {
    expect([...decode(encode([]))]).toEqual([])
  })

  test('numbers of any size come back', () => {
    const number = fc.double()
    const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(
        number,
        count,
        fc.array(count),
        fc.integer({ min: -2_000_000, max: 2_000_000 }),
        (value, whole, counts, offset) => {
          const points = [
            pointOf({ kind: 'gauge', value }),
            pointOf({
              kind: 'exponential histogram',
              ...TOTALS,
              count: whole,
              scale: 5,
              zeroCount: whole,
              positive: { offset: counts.length > 0 ? offset : 0, counts },
              negative: { offset: 0, counts: [] },
            }),
          ]
          expect([...decode(encode(points))]).toEqual(points)
        },
      ),
      { numRuns: 50 },
    )
  })
})

// Field by field from opentelemetry-proto, metrics/v1 and common/v1, and by hand: what wrote it knows nothing of this decoder.
test('a request of another program is understood, whatever the order of its fields', () => {
  const point = '31 0300000000000000' + '19 0000 44f7 f3b6 9717' + '3a 08 0a 01 61 12 03 0a 01 62'
  const length = (hex: string): string => (hex.replaceAll(' ', '').length / 2).toString(16).padStart(2, '0')
  const message = (tag: string, hex: string): string => `${tag} ${length(hex)} ${hex}`
  // The temporality stands behind the points, the name behind the sum, and the resource behind its metrics.
  const sum = `${message('0a', point)} 18 01 10 01`
  const metric = `${message('3a', sum)} 1a 01 31 0a 01 6d`
  const resource = '0a 07 0a 01 72 12 02 18 05'
  const request = message('0a', `${message('12', message('12', metric))} ${message('0a', resource)}`)
  const body = Buffer.from(request.replaceAll(' ', ''), 'hex')
  expect([...decodeOtlpProtobuf(body)]).toEqual([
    {
      resource: [['r', '5']],
      name: 'm',
      unit: '1',
      attributes: [['a', 'b']],
      startMs: 0,
      timeMs: Math.round(Number(0x1797b6f3f7440000n) / 1e6),
      data: { kind: 'sum', value: 3, temporality: 'delta', isMonotonic: true },
    },
  ])
})

describe('JSON as other programs write it', () => {
  const gauge = (point: object, metric: object = {}) =>
    Buffer.from(
      JSON.stringify({
        resourceMetrics: [
          { scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [point] }, ...metric }] }] },
        ],
      }),
    )

  test.each<[object, unknown]>([
    [{ asInt: '3' }, 3],
    [{ asInt: 3 }, 3],
    [{ asInt: '-9007199254740993' }, -9007199254740992],
    [{ asDouble: 'NaN' }, Number.NaN],
    [{ asDouble: '-Infinity' }, Number.NEGATIVE_INFINITY],
  ])('%j', (point, value) => {
    expect([...decodeOtlpJson(gauge(point))]).toMatchObject([{ data: { kind: 'gauge', value } }])
  })

  test.each([[{}], [{ asInt: 'x' }], [{ asInt: '' }], [{ asDouble: null }], [{ asDouble: [] }]])(
    '%j says nothing',
    (point) => expect([...decodeOtlpJson(gauge(point))]).toEqual([undefined]),
  )

  test('a point without a value that says so is no point', () => {
    expect([...decodeOtlpJson(gauge({ flags: 1 }))]).toEqual([])
  })

  test('values of attributes that are no text', () => {
    const values = [
      { stringValue: 's' },
      { boolValue: false },
      { intValue: '7' },
      { doubleValue: 1.5 },
      { arrayValue: { values: [] } },
      {},
      null,
    ]
    const attributes = values.map((value, index) => ({ key: `k${index}`, value }))
    expect([...decodeOtlpJson(gauge({ asInt: 1, attributes }))][0]?.attributes).toEqual([
      ['k0', 's'],
      ['k1', 'false'],
      ['k2', '7'],
      ['k3', '1.5'],
    ])
  })

  test('enums by name', () => {
    const sum = { dataPoints: [{ asInt: 1 }], aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE' }
    const body = Buffer.from(
      JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', sum }] }] }] }),
    )
    expect([...decodeOtlpJson(body)]).toMatchObject([
      { data: { temporality: 'cumulative', isMonotonic: false } },
    ])
  })

  test.each(['', '[]', '1', '{', 'null', `${'['.repeat(100_000)}`, '\ud800'])('%j is none', (text) => {
    expect(() => [...decodeOtlpJson(Buffer.from(text))]).toThrow(SyntaxError)
  })

  test.each([
    '{}',
    '{"resourceMetrics":5}',
    '{"resourceMetrics":[[],5,{"scopeMetrics":[{"metrics":[{"sum":[]}]}]}]}',
  ])('%s has no points', (text) => {
    expect([...decodeOtlpJson(Buffer.from(text))]).toEqual([])
  })
})

describe('hostile bodies', () => {
  const whole = encodeOtlpProtobuf(POINTS, 'kymo')

  test('cut anywhere, they are refused or shorter', () => {
    for (let end = 0; end < whole.length; end++) {
      let count = 0
      try {
        for (const _point of decodeOtlpProtobuf(whole.subarray(0, end))) count++
        expect(count).toBeLessThan(POINTS.length)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError)
      }
    }
  })

  test('with any bytes changed, they are understood or refused', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const body = Uint8Array.from(whole)
        for (const [at, byte] of changes) body[at] = byte
        try {
          for (const _point of decodeOtlpProtobuf(body));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('values in values in values are not gone into', () => {
    let value = Buffer.from([0x0a, 0x00])
    const length = (bytes: Uint8Array): number[] => {
      const out: number[] = []
      for (let rest = bytes.length; ; rest >>= 7) {
        if (rest < 128) return [...out, rest]
        out.push((rest & 127) | 128)
      }
    }
    // An array of one value, 2,000 deep.
    for (let depth = 0; depth < 2_000; depth++) {
      const array = Buffer.concat([Buffer.from([0x0a, ...length(value)]), value])
      value = Buffer.concat([Buffer.from([0x2a, ...length(array)]), array])
    }
    const keyed = Buffer.concat([Buffer.from([0x0a, 1, 0x61, 0x12, ...length(value)]), value])
    const resource = Buffer.concat([Buffer.from([0x0a, ...length(keyed)]), keyed])
    const metrics = Buffer.concat([Buffer.from([0x0a, ...length(resource)]), resource])
    expect([
      ...decodeOtlpProtobuf(Buffer.concat([Buffer.from([0x0a, ...length(metrics)]), metrics])),
    ]).toEqual([])
  })
})

describe('an answer', () => {
  test.each([
    [{ rejected: 0, message: '' }, '{}'],
    [
      { rejected: 3, message: 'too old' },
      '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}',
    ],
  ])('%j is read as it was written', (answer, json) => {
    expect(decodeAnswerProtobuf(encodeAnswerProtobuf(answer))).toEqual(answer)
    expect(encodeAnswerJson(answer)).toBe(json)
    expect(decodeAnswerJson(json)).toEqual(answer)
  })

  test.each(['', 'null', '[]', '{"partialSuccess":5}', '{"partialSuccess":{"rejectedDataPoints":-1}}', 'OK'])(
    'of %j is a yes',
    (text) => {
      expect(decodeAnswerJson(text)).toEqual({ rejected: 0, message: '' })
      expect(decodeAnswerProtobuf(Buffer.from(text)).rejected).toBe(0)
    },
  )
})
