import { describe, expect, test } from 'vitest'
import type { LinesFormat, LinesToTake } from '../api/services.ts'
import { createStatsdFormat } from '../formats/index.ts'
import { encodeRequest } from '../formats/prometheus-remote-write/encode-request.ts'
import { encodeSnappy } from '../lib/snappy.ts'
import type { LineShortcut } from '../formats/format.ts'
import { systemClock } from '../lib/clock.ts'
import { createIntakeMeter } from '../listeners/intake-meter.ts'
import { silentLog } from '../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics, readOwnMetrics } from '../telemetry/own-metrics.ts'
import { BodyIntake } from './body-intake.ts'

const NO_SHORTCUT: LineShortcut = {
  takenCount: 0,
  take: (_bytes, start) => start,
  decoding: () => {},
  decoded: () => {},
}

function setUp() {
  const layout = layoutOwnMetrics({ listener: ['http'], sink: [], thread: [] })
  const buffer = allocateOwnMetrics(layout)
  const points: [string, number][] = []
  const samples: string[] = []
  const rejected: string[] = []
  const room = {
    isFull: false,
    waiting: [] as (() => void)[],
    whenEmpty: (action: () => void) => void room.waiting.push(action),
  }
  let packets = 0
  const intake = new BodyIntake({
    name: 'http',
    output: {
      packet: () => void packets++,
      sample: ({ key }) => void samples.push(key),
      point: ({ key, value }) => void points.push([key, value]),
      event: () => {},
    },
    statsdFormat: createStatsdFormat(),
    shortcuts: { statsd: NO_SHORTCUT, graphite: NO_SHORTCUT },
    room,
    meter: createIntakeMeter(new OwnMetrics(layout, buffer), 'http'),
    onRejection: ({ line, sender }) => void rejected.push(`${sender} ${line}`),
    clock: systemClock,
    log: silentLog,
  })
  const take = (format: LinesFormat, body: string, unit: LinesToTake['unit'] = 'ns') =>
    intake.take({
      format,
      unit,
      body: Buffer.from(body, format === 'otlp' ? 'latin1' : 'utf8'),
      coding: undefined,
      sender: '10.0.0.1',
    })
  const takeRemoteWrite = (body: Uint8Array) =>
    intake.take({
      format: 'remote-write',
      unit: 'ms',
      version: '2.0',
      body,
      coding: 'snappy',
      sender: '10.0.0.1',
    })
  const count = (name: string): number => readOwnMetrics(layout, [buffer]).get(name) ?? 0
  return { take, takeRemoteWrite, points, samples, rejected, room, count, packetCount: () => packets }
}

test('good lines are taken, and bad ones are told with their numbers', async () => {
  const { take, points, rejected, count } = setUp()
  const body = 'a 1 1700000000\n\nb x 1700000000\r\nc 3 1700000000\nd\ne 5 1700000000'
  expect(await take('graphite', body)).toEqual({
    refused: 2,
    problems: [
      { line: 3, reason: 'bad_number', text: 'b x 1700000000' },
      { line: 5, reason: 'no_value', text: 'd' },
    ],
  })
  expect(points).toEqual([
    ['a', 1],
    ['c', 3],
    ['e', 5],
  ])
  expect(rejected).toEqual(['10.0.0.1 b x 1700000000'])
  expect(count('kymo_received_lines_total{listener="http"}')).toBe(5)
  expect(count('kymo_accepted_lines_total{listener="http"}')).toBe(3)
  expect(count('kymo_rejected_lines_total{reason="bad_number"}')).toBe(1)
})

test.each<[format: LinesFormat, body: string, unit: LinesToTake['unit'], points: [string, number][]]>([
  [
    'influx',
    'cpu,host=a x=1,y=2i 1700000000\n# no\n',
    's',
    [
      ['cpu_x;host=a', 1],
      ['cpu_y;host=a', 2],
    ],
  ],
  [
    'json',
    '[{"metric":"a","value":1},{"metric":"b","value":2}]',
    'ns',
    [
      ['a', 1],
      ['b', 2],
    ],
  ],
  ['graphite', '', 'ns', []],
])('%s %s', async (format, body, unit, wanted) => {
  const { take, points } = setUp()
  expect(await take(format, body, unit)).toEqual({ refused: 0, problems: [] })
  expect(points).toEqual(wanted)
})

test('lines of StatsD are samples', async () => {
  const { take, samples } = setUp()
  expect(await take('statsd', 'a:1|c\nb:2|g\nnothing')).toMatchObject({ refused: 1, problems: [{ line: 3 }] })
  expect(samples).toEqual(['a', 'b'])
})

test('of points of JSON the bad ones are told with their places', async () => {
  const { take, points, count } = setUp()
  expect(await take('json', '[{"metric":"a","value":1},{"metric":"b"},5]')).toEqual({
    refused: 2,
    problems: [
      { line: 2, reason: 'no_value', text: '{"metric":"b"}' },
      { line: 3, reason: 'bad_field', text: '5' },
    ],
  })
  expect(points).toEqual([['a', 1]])
  expect(count('kymo_received_lines_total{listener="http"}')).toBe(3)
  expect(count('kymo_accepted_lines_total{listener="http"}')).toBe(1)
})

test.each([
  ['a list in a list', `[${'['.repeat(100_000)}${']'.repeat(100_000)}]`, 'bad_field', '[…]'],
  [
    'a deep value',
    `{"metric":"a","value":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
    'bad_field',
    '{"metric":"a","value":"…"}',
  ],
  ['a long text', `{"metric":"a","value":"${'x'.repeat(1_000_000)}"}`, 'bad_number', /^.{90,101}$/],
])('%s is quoted briefly', async (_what, body, reason, text) => {
  const { problems } = await setUp().take('json', body)
  expect(problems).toEqual([
    { line: 1, reason, text: typeof text === 'string' ? text : (expect.stringMatching(text) as string) },
  ])
})

describe('OTLP', () => {
  const request = (dataPoints: readonly object[]) =>
    JSON.stringify({
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }],
    })

  test('of data points the bad ones are told with their places', async () => {
    const { take, points, rejected, count } = setUp()
    const attributes = [{ key: 'k', value: { stringValue: 'v' } }]
    const body = request([{ asInt: 1 }, {}, { asDouble: 'NaN', attributes }, { asInt: 4 }])
    expect(await take('otlp-json', body)).toEqual({
      refused: 2,
      problems: [
        { line: 2, reason: 'no_value', text: 'a data point without a value' },
        { line: 3, reason: 'bad_number', text: 'm k=v' },
      ],
    })
    expect(points).toEqual([
      ['m', 1],
      ['m', 4],
    ])
    expect(rejected).toHaveLength(1)
    expect(count('kymo_received_lines_total{listener="http"}')).toBe(4)
    expect(count('kymo_accepted_lines_total{listener="http"}')).toBe(2)
  })

  test('in Protocol Buffers', async () => {
    const { take, points } = setUp()
    // A gauge `m` of 1.5.
    const body = Buffer.from(
      '0a16 1214 1212 0a016d 2a0d 0a0b 21000000000000f83f 4000'.replaceAll(' ', ''),
      'hex',
    )
    expect(await take('otlp', body.toString('latin1'))).toEqual({ refused: 0, problems: [] })
    expect(points).toEqual([['m', 1.5]])
  })

  test.each<[LinesFormat, string]>([
    ['otlp', 'hello'],
    ['otlp', '{"resourceMetrics":[]}'],
    ['otlp-json', ''],
    ['otlp-json', '[]'],
    ['otlp-json', '{'],
  ])('as %s, %j is no request', async (format, body) => {
    await expect(setUp().take(format, body)).rejects.toMatchObject({ code: 'request-invalid' })
  })

  test('nothing is nothing', async () => {
    expect(await setUp().take('otlp', '')).toEqual({ refused: 0, problems: [] })
    expect(await setUp().take('otlp-json', '{}')).toEqual({ refused: 0, problems: [] })
  })
})

test.each(['', 'x', '5', '[', '{"a":1}{}'])('the body %j is no JSON of points', async (body) => {
  await expect(setUp().take('json', body)).rejects.toMatchObject({ code: 'request-invalid' })
})

test('only the first bad lines are quoted, and long ones are cut', async () => {
  const { take } = setUp()
  const { refused, problems } = await take('graphite', `${'x'.repeat(70_000)}\n${'bad\n'.repeat(100)}`)
  expect(refused).toBe(101)
  expect(problems).toHaveLength(10)
  expect(problems[0]).toMatchObject({ line: 1, reason: 'too_long' })
  expect(problems[0]?.text.length).toBeLessThan(200)
  expect(problems.at(-1)?.line).toBe(10)
})

test('a large body is taken in many goes', async () => {
  const { take, points, packetCount } = setUp()
  const lines = Array.from({ length: 20_000 }, (_value, index) => `name.${index} ${index} 1700000000`)
  expect(await take('graphite', lines.join('\n'))).toEqual({ refused: 0, problems: [] })
  expect(points).toHaveLength(20_000)
  expect(points.at(-1)).toEqual(['name.19999', 19_999])
  expect(packetCount()).toBeGreaterThan(3)
})

test('while there is no room, nothing is taken', async () => {
  const { take, points, room } = setUp()
  room.isFull = true
  const taken = take('graphite', 'a 1 1700000000')
  await new Promise((resolve) => setImmediate(resolve))
  expect(points).toEqual([])
  for (const action of room.waiting) action()
  await taken
  expect(points).toEqual([['a', 1]])
})

test('samples of remote write are taken in parts, and those that cannot be are told by their series', async () => {
  const { takeRemoteWrite, points, count } = setUp()
  const nowMs = systemClock.nowMs()
  const samples = Array.from({ length: 5_000 }, (_, index) => ({
    labels: [
      ['__name__', 'up'],
      ['index', String(index)],
    ] as const,
    value: index === 7 ? Number.POSITIVE_INFINITY : index,
    timeMs: nowMs,
    type: 'gauge' as const,
    help: '',
  }))
  expect(await takeRemoteWrite(encodeSnappy(encodeRequest(samples, '2.0')))).toEqual({
    written: { samples: 4_999, histograms: 0 },
    refused: 1,
    problems: [{ line: 8, reason: 'bad_number', text: '__name__=up,index=7' }],
  })
  expect(points).toHaveLength(4_999)
  expect(points.at(-1)).toEqual(['up;index=4999', 4_999])
  expect(count('kymo_accepted_lines_total{listener="http"}')).toBe(4_999)
  expect(count('kymo_received_lines_total{listener="http"}')).toBe(5_000)
})

test.each([
  ['no snappy', Buffer.from('x'), 'request-invalid'],
  ['no message', encodeSnappy(Buffer.from('xyz')), 'request-invalid'],
  ['half a message', encodeSnappy(Buffer.from('2a02080122', 'hex')), 'request-invalid'],
  ['a bomb', encodeSnappy(new Uint8Array(9 * 1024 * 1024)), 'body-too-large'],
])('of a body of remote write that is %s nothing is taken', async (_, body, code) => {
  const { takeRemoteWrite, points } = setUp()
  await expect(takeRemoteWrite(body)).rejects.toMatchObject({ code })
  expect(points).toEqual([])
})
