import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { FlushDetails } from '../../model/flush-details.ts'
import type { Sample } from '../../model/sample.ts'
import { flushBatchOf, gaugesOf, HOSTILE_NAMES, type ReadingSpec } from '../../sinks/testdata/batches.ts'
import { encodeFlush, type EncodeOptions } from './encode-flush.ts'
import { statsdFormat } from './statsd-format.ts'

const OPTIONS: EncodeOptions = { prefix: '', tagForm: 'dogstatsd', mostBytes: 1_432 }

function encode(batch: FlushBatch, options: Partial<EncodeOptions> = {}) {
  const refused: number[] = []
  const packets = [...encodeFlush(batch, { ...OPTIONS, ...options }, (index) => refused.push(index))]
  return {
    packets: packets.map(String),
    lines: packets.flatMap((packet) => String(packet).split('\n')),
    refused,
  }
}

function withDetails(readings: readonly ReadingSpec[], details: Partial<FlushDetails>): FlushBatch {
  return { ...flushBatchOf(readings), details: { timers: [], sets: [], ...details } }
}

const counter = (metricKey: string, value: number): ReadingSpec[] => [
  { metricKey, type: 'counter', statistic: 'count', value },
  { metricKey, type: 'counter', statistic: 'rate', value: value / 10 },
]
const timer = (metricKey: string): ReadingSpec[] => [
  { metricKey, type: 'timer', statistic: 'count', value: 3 },
  { metricKey, type: 'timer', statistic: 'upper', percentile: 99.9, value: 4 },
]
const set = (metricKey: string, value: number): ReadingSpec[] => [
  { metricKey, type: 'set', statistic: 'count', value },
]
const gauge = (metricKey: string, value: number): ReadingSpec[] => [
  { metricKey, type: 'gauge', statistic: 'value', value },
]

describe('a flush is written', () => {
  test.each<[what: string, batch: FlushBatch, lines: string[]]>([
    ['counters as what they counted', flushBatchOf(counter('a;env=prod', 10)), ['a:10|c|#env:prod']],
    ['counters that went down', flushBatchOf(counter('a', -2.5)), ['a:-2.5|c']],
    ['no idle counters', flushBatchOf(counter('a', 0)), []],
    ['gauges', flushBatchOf(gauge('a;x=1;y=2', 4)), ['a:4|g|#x:1,y:2']],
    ['negative gauges in two steps', flushBatchOf(gauge('a', -4)), ['a:0|g', 'a:-4|g']],
    ['a gauge of minus zero as zero', flushBatchOf(gauge('a', -0)), ['a:0|g']],
    [
      'timers by value',
      withDetails(timer('t;k=v'), {
        timers: [{ metricKey: 't;k=v', kind: 'timing', values: Float64Array.of(3, 1.5) }],
      }),
      ['t:3|ms|#k:v', 't:1.5|ms|#k:v'],
    ],
    [
      'timers with their sample rates, as what they came as',
      withDetails([...timer('h'), ...timer('d')], {
        timers: [
          {
            metricKey: 'h',
            kind: 'histogram',
            values: Float64Array.of(3, 4),
            weights: Float64Array.of(10, 1),
          },
          { metricKey: 'd', kind: 'distribution', values: Float64Array.of(-1) },
        ],
      }),
      ['h:3|h|@0.1', 'h:4|h', 'd:-1|d'],
    ],
    ['no idle timers', withDetails(timer('t'), {}), []],
    [
      'timers whose values nobody kept by their statistics',
      flushBatchOf(timer('t;k=v')),
      ['t.count:3|g|#k:v', 't.upper_99_9:4|g|#k:v'],
    ],
    [
      'timers of too many values by their statistics',
      withDetails(timer('t'), { timers: [{ metricKey: 't', kind: 'timing', values: new Float64Array(0) }] }),
      ['t.count:3|g', 't.upper_99_9:4|g'],
    ],
    [
      'sets by member',
      withDetails(set('s;k=v', 2), { sets: [{ metricKey: 's;k=v', members: ['alice', 'b|o\nb:1'] }] }),
      ['s:alice|s|#k:v', 's:b_o_b_1|s|#k:v'],
    ],
    ['sets of too many members by how many', withDetails(set('s', 20_000), {}), ['s.count:20000|g']],
    ['no idle sets', withDetails(set('s', 0), {}), []],
  ])('with %s', (_what, batch, lines) => {
    expect(encode(batch)).toMatchObject({ lines, refused: [] })
  })

  test('with a prefix, and without tags where those are dropped', () => {
    expect(encode(flushBatchOf(gauge('a;k=v', 1)), { prefix: 'edge.', tagForm: 'drop' }).lines).toEqual([
      'edge.a:1|g',
    ])
  })

  test('in packets that are as full as may be, with the steps of a gauge in one', () => {
    const { packets } = encode(
      flushBatchOf([...gauge('aaaa', 1), ...gauge('bbbb', -1), ...gauge('cccc', 1)]),
      {
        mostBytes: 19,
      },
    )
    expect(packets).toEqual(['aaaa:1|g', 'bbbb:0|g\nbbbb:-1|g', 'cccc:1|g'])
  })

  test('but for what no packet can carry', () => {
    const batch = withDetails(
      [
        ...gauge('a', Number.NaN),
        ...gauge('x'.repeat(2_000), 1),
        ...timer('t'.repeat(2_000)),
        ...set('s', 2),
        ...gauge('b', 2),
      ],
      {
        timers: [{ metricKey: 't'.repeat(2_000), kind: 'timing', values: Float64Array.of(1, 2, 3) }],
        sets: [{ metricKey: 's', members: ['m'.repeat(2_000), 'n'] }],
      },
    )
    expect(encode(batch)).toMatchObject({ lines: ['s:n|s', 'b:2|g'], refused: [0, 1, 2, 3, 4] })
  })
})

function decode(line: string): Sample {
  const bytes = Buffer.from(line)
  const samples: Sample[] = []
  const reason = statsdFormat.decodeLine(bytes, 0, bytes.length, 1_700_000_000_000, {
    packet() {},
    event: () => expect.unreachable(),
    point: () => expect.unreachable(),
    sample: (sample) => samples.push({ ...sample }),
  })
  expect(reason, line).toBeUndefined()
  expect(samples).toHaveLength(1)
  return samples[0] as Sample
}

test('hostile names come as one line each', () => {
  const { lines, refused } = encode(gaugesOf(HOSTILE_NAMES))
  expect(lines.length + refused.length).toBe(HOSTILE_NAMES.length)
  // Names of which nothing is left by our own rule are still lines of their own.
  for (const line of lines) expect(line).toMatch(/^[^\s:|@#]+:\d+\|g(\|#[^\s|#]+)?$/u)
})

test('what is written is read as it was', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,20}[a-z]$/).filter((text) => !text.includes('..'))
  const tags = fc.constantFrom('', ';env=prod', ';dc=fra;host=web1')
  const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-100, max: 1e100 })
  fc.assert(
    fc.property(fc.array(fc.tuple(name, tags, value, fc.boolean()), { maxLength: 20 }), (metrics) => {
      const readings = metrics.flatMap(([text, tag, number, isCounter]) =>
        isCounter ? counter(`${text}${tag}`, number) : gauge(`${text}${tag}`, number),
      )
      const { packets } = encode(flushBatchOf(readings), { mostBytes: 200 })
      for (const packet of packets) expect(Buffer.byteLength(packet)).toBeLessThanOrEqual(200)
      const samples = packets.flatMap((packet) => packet.split('\n').map(decode))
      expect(samples.map(({ key, type, value: read, isDelta }) => [key, type, read, isDelta])).toEqual(
        metrics.map(([text, tag, number, isCounter]) => [
          `${text}${tag}`,
          isCounter ? 'counter' : 'gauge',
          number,
          false,
        ]),
      )
    }),
    { numRuns: 300 },
  )
})
