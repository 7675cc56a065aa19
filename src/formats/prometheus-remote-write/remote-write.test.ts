import { describe, expect, test } from 'vitest'
import { ProtobufError } from '../../lib/protobuf-reader.ts'
import { ProtobufWriter } from '../../lib/protobuf-writer.ts'
import type { Label } from '../../model/metric-family.ts'
import { decodeRequest, type ReceivedSeries } from './decode-request.ts'
import { encodeRequest, type SentSample } from './encode-request.ts'
import { takeSeries } from './take-series.ts'
import { REMOTE_WRITE_VERSIONS, type RemoteWriteVersion, versionOf } from './version.ts'

const NOW_MS = 1_700_000_000_000

function sent(labels: readonly Label[], value: number, timeMs = NOW_MS): SentSample {
  return { labels, value, timeMs, type: 'counter', help: 'Some help.' }
}

function decode(bytes: Uint8Array, version: RemoteWriteVersion): ReceivedSeries[] {
  return [...decodeRequest(bytes, version)].length === 0 ? [] : copies(bytes, version)
}

/** The decoder fills one object anew. */
function copies(bytes: Uint8Array, version: RemoteWriteVersion): ReceivedSeries[] {
  const all: ReceivedSeries[] = []
  for (const series of decodeRequest(bytes, version)) all.push(structuredClone(series))
  return all
}

describe.each(REMOTE_WRITE_VERSIONS)('version %s', (version) => {
  test('what is encoded is decoded', () => {
    const hits: readonly Label[] = [
      ['__name__', 'hits'],
      ['path', '/ü"\\'],
    ]
    const samples = [sent(hits, 1, NOW_MS - 1), sent(hits, Number.NaN), sent([['__name__', 'up']], -0.5, -1)]
    expect(copies(encodeRequest(samples, version), version)).toEqual([
      {
        labels: hits,
        samples: [
          { value: 1, timeMs: NOW_MS - 1 },
          { value: Number.NaN, timeMs: NOW_MS },
        ],
        histograms: [],
        exemplarCount: 0,
      },
      {
        labels: [['__name__', 'up']],
        samples: [{ value: -0.5, timeMs: -1 }],
        histograms: [],
        exemplarCount: 0,
      },
    ])
  })

  test('many samples', () => {
    const samples = Array.from({ length: 5_000 }, (_, index) =>
      sent(
        [
          ['__name__', `metric_${index % 100}`],
          ['host', `web${index}`],
        ],
        index,
      ),
    )
    const decoded = copies(encodeRequest(samples, version), version)
    expect(decoded.map(({ labels }) => labels)).toEqual(samples.map(({ labels }) => labels))
  })

  test('nothing is nothing', () => {
    expect(decode(encodeRequest([], version), version)).toEqual([])
  })

  test('bytes that are cut or changed are refused, or read as something else', () => {
    const bytes = encodeRequest([sent([['__name__', 'hits']], 1), sent([['__name__', 'up']], 2)], version)
    let refused = 0
    for (let at = 0; at < bytes.length; at++)
      for (const damaged of [
        bytes.slice(0, at),
        bytes.map((byte, index) => (index === at ? byte ^ 0xff : byte)),
      ])
        try {
          decode(damaged, version)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError)
          refused += 1
        }
    expect(refused).toBeGreaterThan(bytes.length / 2)
  })

  test.each([
    ['labels', version === '1.0' ? 1 : undefined],
    ['samples', 2],
  ])('a series of far too many %s is refused', (_, field) => {
    const writer = new ProtobufWriter()
    writer.message(version === '1.0' ? 1 : 5, () => {
      if (field === undefined) writer.uints(1, new Uint32Array(10_000))
      else for (let index = 0; index < 200_000; index++) writer.message(field, () => {})
    })
    expect(() => decode(writer.finish(), version)).toThrow(ProtobufError)
  })
})

test('native histograms, exemplars and metadata', () => {
  const writer = new ProtobufWriter()
  writer.message(1, () => {
    writer.message(1, () => {
      writer.text(1, '__name__')
      writer.text(2, 'size')
    })
    writer.message(3, () => writer.double(2, 1))
    writer.message(4, () => {
      writer.uint(1, 12)
      writer.double(3, 34.5)
      writer.sint(4, -2)
      writer.message(11, () => writer.uint(2, 3))
      writer.sints(12, [1, 2, -3])
      writer.int(15, NOW_MS)
    })
    writer.message(4, () => {
      writer.double(2, 0.5)
      writer.double(3, Number.NaN)
      writer.int(15, NOW_MS)
    })
  })
  writer.message(3, () => writer.text(2, 'size'))
  const [series] = copies(writer.finish(), '1.0')
  expect(series).toMatchObject({
    histograms: [
      { count: 12, sum: 34.5, timeMs: NOW_MS },
      { count: 0.5, sum: Number.NaN, timeMs: NOW_MS },
    ],
    exemplarCount: 1,
  })
  expect(take(series)).toEqual({
    points: [
      ['size_count', 12],
      ['size_sum', 34.5],
    ],
    taken: { takenSamples: 0, takenHistograms: 2, refusals: [] },
  })
})

test('texts of 2.0 may come behind the series, and a number may stand for none', () => {
  const writer = new ProtobufWriter()
  writer.message(5, () => writer.uints(1, [1, 2, 9, 1]))
  for (const text of ['', '__name__', 'up']) writer.text(4, text)
  expect(copies(writer.finish(), '2.0')[0]?.labels).toEqual([
    ['__name__', 'up'],
    ['', '__name__'],
  ])
})

function take(series: Partial<ReceivedSeries> | undefined) {
  const points: [string, number][] = []
  const taken = takeSeries({ labels: [], samples: [], histograms: [], exemplarCount: 0, ...series }, NOW_MS, {
    packet: () => {},
    sample: () => {},
    event: () => {},
    point: ({ key, value }) => void points.push([key, value]),
  })
  return { points, taken }
}

test.each<[labels: [string, string][], key: string]>([
  [[['__name__', 'up']], 'up'],
  [
    [
      ['job', 'node'],
      ['__name__', 'up'],
      ['instance', 'a:9100'],
    ],
    'up;instance=a:9100;job=node',
  ],
  [
    [
      ['__name__', 'job:hits:rate5m'],
      ['empty', ''],
      ['path', '/a b;c=d'],
    ],
    'job:hits:rate5m;path=/a_b_c=d',
  ],
])('labels %j are the key %s', (labels, key) => {
  const samples = [{ value: 1, timeMs: NOW_MS }]
  expect(take({ labels, samples })).toEqual({
    points: [[key, 1]],
    taken: { takenSamples: 1, takenHistograms: 0, refusals: [] },
  })
})

test.each<[labels: [string, string][], reason: string]>([
  [[], 'empty_name'],
  [[['job', 'node']], 'empty_name'],
  [
    [
      ['__name__', 'up'],
      ['', 'x'],
    ],
    'bad_field',
  ],
  [
    [
      ['__name__', 'up'],
      ['a', '1'],
      ['a', '2'],
    ],
    'bad_field',
  ],
  [[['__name__', 'x'.repeat(20_000)]], 'tag_too_long'],
])('labels %j refuse all that comes with them', (labels, reason) => {
  const samples = [
    { value: 1, timeMs: NOW_MS },
    { value: 2, timeMs: NOW_MS },
  ]
  expect(take({ labels, samples }).taken.refusals).toEqual([reason, reason])
})

test('numbers that are none are refused, NaN says nothing, and the good ones are taken', () => {
  const samples = [
    { value: 1, timeMs: NOW_MS },
    { value: Number.NaN, timeMs: NOW_MS },
    { value: Number.POSITIVE_INFINITY, timeMs: NOW_MS },
    { value: 2, timeMs: 0 },
    { value: 3, timeMs: NOW_MS + 10 * 86_400_000 },
  ]
  expect(take({ labels: [['__name__', 'up']], samples })).toEqual({
    points: [['up', 1]],
    taken: {
      takenSamples: 2,
      takenHistograms: 0,
      refusals: ['bad_number', 'bad_timestamp', 'bad_timestamp'],
    },
  })
})

test.each([
  ['application/x-protobuf', '1.0'],
  ['application/x-protobuf; proto=prometheus.WriteRequest', '1.0'],
  ['application/x-protobuf;proto=io.prometheus.write.v2.Request', '2.0'],
  ['Application/X-Protobuf; proto="io.prometheus.write.v2.Request"', '2.0'],
  ['application/x-protobuf;proto=io.prometheus.write.v3.Request', undefined],
  ['application/json', undefined],
  [undefined, undefined],
])('%s is version %s', (contentType, version) => {
  expect(versionOf(contentType)).toBe(version)
})
