import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeOtlpJson } from '../formats/otlp/decode-json.ts'
import { decodeOtlpProtobuf } from '../formats/otlp/decode-protobuf.ts'
import { encodeAnswerJson, encodeAnswerProtobuf } from '../formats/otlp/export-answer.ts'
import type { OtlpData, OtlpPoint } from '../formats/otlp/otlp-point.ts'
import { ProtobufReader } from '../lib/protobuf-reader.ts'
import { systemClock } from '../lib/clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { TimerDetail } from '../model/flush-details.ts'
import { KymoError } from '../telemetry/errors.ts'
import { otlpSink } from './otlp.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import {
  BATCH_TIME_MS,
  eventsOf,
  flushBatchOf,
  gaugesOf,
  pointBatchOf,
  type ReadingSpec,
  TUTORIAL_BATCH,
} from './testdata/batches.ts'
import { GrpcTestServer } from './testdata/grpc-server.ts'
import { HttpTestServer } from './testdata/http-server.ts'
import { freeUrl } from './testdata/free-url.ts'
import { silentWorlds } from './testdata/silent-worlds.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()

function sinkWith(options: object, letters = new KeptLetters()): Promise<Sink> {
  const parsed = otlpSink.options.parse({ type: 'otlp', ...options })
  return otlpSink.create(parsed, testContext({ clock: systemClock, deadLetters: letters }))
}

/** What a request of HTTP has in it: one that is none of OTLP throws. */
function pointsIn({ requests }: HttpTestServer): OtlpPoint[] {
  return requests
    .filter(({ path }) => path.endsWith('/v1/metrics'))
    .flatMap(({ headers, body }) => {
      const type = headers['content-type']
      if (type === 'application/x-protobuf') return [...decodeOtlpProtobuf(body)]
      if (type === 'application/json') return [...decodeOtlpJson(body)]
      throw new Error(`"${type}" is no type of OTLP`)
    })
    .map((point) => {
      if (point === undefined || point.name === '') throw new Error('a point that says nothing')
      return point
    })
}

/** How many series of the batches of the conformance suite a data point stands for. */
const SERIES: Readonly<Partial<Record<OtlpData['kind'], number>>> = { gauge: 1, sum: 2, summary: 4 }

const seriesIn = (points: readonly OtlpPoint[]): number =>
  points.reduce((sum, { data }) => sum + (SERIES[data.kind] ?? Number.NaN), 0)

/** Log records, by walking down resource logs and scope logs. */
function recordsIn(body: Uint8Array): number {
  const count = (reader: ProtobufReader, path: readonly number[]): number => {
    const [field, ...rest] = path
    if (field === undefined) return 1
    let sum = 0
    while (reader.next()) {
      if (reader.field === field) sum += count(reader.message(), rest)
      else reader.skip()
    }
    return sum
  }
  return count(new ProtobufReader(body), [1, 2, 2])
}

for (const protocol of ['http/protobuf', 'http/json']) {
  sinkConformance(`otlp by ${protocol}`, {
    async working() {
      const server = await HttpTestServer.start(() => ({ status: 200 }))
      return {
        sink: await sinkWith({ url: server.url, protocol }),
        arrivedPoints: () => seriesIn(pointsIn(server)),
        release: () => server.stop(),
      }
    },
    ...silentWorlds((url) => sinkWith({ url, protocol })),
  })
}

sinkConformance('otlp by gRPC, events too', {
  async working() {
    const server = await GrpcTestServer.start()
    const bodies = (service: string) =>
      server.calls.filter(({ path }) => path.endsWith(service)).map(({ message }) => message)
    return {
      sink: await sinkWith({ url: server.url, protocol: 'grpc', events: 'logs' }),
      arrivedPoints: () =>
        seriesIn(
          bodies('.metrics.v1.MetricsService/Export').flatMap(
            (body) => [...decodeOtlpProtobuf(body)] as OtlpPoint[],
          ),
        ) + bodies('.logs.v1.LogsService/Export').reduce((sum, body) => sum + recordsIn(body), 0),
      release: () => server.stop(),
    }
  },
  async stalled() {
    const server = await GrpcTestServer.start(() => undefined)
    return {
      sink: await sinkWith({ url: server.url, protocol: 'grpc' }),
      arrivedPoints: () => 0,
      release: () => server.stop(),
    }
  },
  async unreachable() {
    return { sink: await sinkWith({ url: await freeUrl(), protocol: 'grpc' }), arrivedPoints: () => 0 }
  },
})

describe('the otlp sink', () => {
  let server: HttpTestServer
  let letters: KeptLetters
  const sinks: Sink[] = []

  beforeEach(async () => {
    server = await HttpTestServer.start(() => ({ status: 200 }))
    letters = new KeptLetters()
  })

  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.close()))
    await server.stop()
  })

  async function sinkOf(options: object = {}): Promise<Sink> {
    const sink = await sinkWith({ url: server.url, ...options }, letters)
    sinks.push(sink)
    return sink
  }

  async function sent(batch: FlushBatch, options: object = {}): Promise<OtlpPoint[]> {
    await (await sinkOf(options)).flush?.(batch, signal)
    return pointsIn(server)
  }

  const start = BATCH_TIME_MS - 10_000

  test('sends one point for each metric', async () => {
    expect(await sent(TUTORIAL_BATCH)).toEqual([
      {
        resource: [['service.name', 'kymo']],
        name: 'counter',
        unit: '',
        attributes: [],
        startMs: start,
        timeMs: BATCH_TIME_MS,
        data: { kind: 'sum', value: 10, temporality: 'delta', isMonotonic: true },
      },
      {
        resource: [['service.name', 'kymo']],
        name: 'timer',
        unit: '',
        attributes: [['env', 'prod']],
        startMs: start,
        timeMs: BATCH_TIME_MS,
        data: {
          kind: 'summary',
          count: 5,
          sum: 0,
          quantiles: [
            { quantile: 0.999, value: 4 },
            { quantile: 1, value: 4 },
          ],
        },
      },
      {
        resource: [['service.name', 'kymo']],
        name: 'gauge',
        unit: '',
        attributes: [],
        startMs: 0,
        timeMs: BATCH_TIME_MS,
        data: { kind: 'gauge', value: 4 },
      },
    ])
  })

  test('points with their own times are gauges at those times', async () => {
    await (await sinkOf()).points?.(pointBatchOf(['a', 'b;k=v']), signal)
    expect(pointsIn(server)).toMatchObject([
      { name: 'a', timeMs: BATCH_TIME_MS, startMs: 0, data: { kind: 'gauge', value: 0 } },
      { name: 'b', attributes: [['k', 'v']], timeMs: BATCH_TIME_MS + 250, data: { kind: 'gauge', value: 1 } },
    ])
  })

  const timer = (count: number, detail?: Partial<TimerDetail>): FlushBatch => {
    const specs: ReadingSpec[] = [
      { metricKey: 't', type: 'timer', statistic: 'count', value: count },
      { metricKey: 't', type: 'timer', statistic: 'sum', value: 7 },
      { metricKey: 't', type: 'timer', statistic: 'lower', value: 1 },
      { metricKey: 't', type: 'timer', statistic: 'median', value: 2 },
      { metricKey: 't', type: 'timer', statistic: 'upper', percentile: 90, value: 3 },
      { metricKey: 't', type: 'timer', statistic: 'mean', percentile: 90, value: 2.5 },
    ]
    const timers: TimerDetail[] =
      detail === undefined ? [] : [{ metricKey: 't', kind: 'timing', values: new Float64Array(), ...detail }]
    return { ...flushBatchOf(specs), details: { timers, sets: [] } }
  }

  test('a timer is an exponential histogram of its values', async () => {
    const values = Float64Array.of(1, 2, 2, 4, 0, -2)
    expect(await sent(timer(6, { values }))).toMatchObject([
      {
        name: 't',
        unit: 'ms',
        startMs: start,
        data: {
          kind: 'exponential histogram',
          temporality: 'delta',
          count: 6,
          sum: 7,
          min: -2,
          max: 4,
          scale: 5,
          zeroCount: 1,
          // A power of two is the last value of its bucket.
          positive: { offset: -1, counts: [1, ...Array(31).fill(0), 2, ...Array(31).fill(0), 1] },
          negative: { offset: 31, counts: [1] },
        },
      },
    ])
  })

  test('values of any sample rate are whole counts, and as many in all', async () => {
    const values = Float64Array.from({ length: 30 }, (_, index) => 1.03 ** index)
    const [point] = await sent(
      timer(100, { values, weights: new Float64Array(30).fill(10 / 3), kind: 'histogram' }),
    )
    const data = point?.data
    if (data?.kind !== 'exponential histogram') throw new Error('it is none')
    expect([point?.unit, data.count]).toEqual(['', 100])
    expect(data.positive.counts.reduce((a, b) => a + b)).toBe(100)
    expect(data.positive.counts.every((count) => Number.isInteger(count))).toBe(true)
    expect(data.sum).toBeCloseTo(values.reduce((a, b) => a + b) * (10 / 3))
  })

  test('a sketch is what it is, and merges with another', async () => {
    const totals = { isWeighted: true, sumSquares: 0, squaredDifferences: 0, zeroWeight: 1 }
    const sketch = {
      ...totals,
      valueCount: 4,
      weightedCount: 4,
      sum: 10,
      lower: 0,
      upper: 9,
      scale: 3,
      positive: { first: 4, weights: Float64Array.of(2, 0, 1) },
      negative: { first: 0, weights: new Float64Array() },
    }
    const coarser = { ...sketch, upper: 20, scale: 2, positive: { first: 3, weights: Float64Array.of(5) } }
    const batch = timer(10, { sketch })
    const [first] = batch.details?.timers ?? []
    const timers = first === undefined ? [] : [first, { ...first, sketch: coarser }]
    expect(await sent({ ...batch, details: { timers, sets: [] } })).toMatchObject([
      {
        data: {
          count: 10,
          sum: 20,
          min: 0,
          max: 20,
          scale: 2,
          zeroCount: 2,
          positive: { offset: 2, counts: [2, 6] },
        },
      },
    ])
  })

  test('a histogram has no more buckets than it may', async () => {
    const values = Float64Array.of(Number.MIN_VALUE, 1, Number.MAX_VALUE, -1e-300, -1e300)
    const [point] = await sent(timer(5, { values }), { max_buckets: 10 })
    const data = point?.data
    if (data?.kind !== 'exponential histogram') throw new Error('it is none')
    expect(data.count).toBe(5)
    for (const { offset, counts } of [data.positive, data.negative]) {
      expect(counts.length).toBeLessThanOrEqual(10)
      // Every value is in the bucket that its scale says.
      for (const value of values) {
        const isHere = value > 0 === (counts === data.positive.counts)
        const index = Math.ceil(Math.log2(Math.abs(value)) * 2 ** data.scale) - 1 - offset
        if (isHere) expect(counts[index]).toBeGreaterThan(0)
      }
    }
  })

  test('an idle timer says nothing', async () => {
    expect(await sent(timer(0))).toEqual([])
  })

  test('as summary, a timer is its statistics', async () => {
    const summary = {
      count: 6,
      sum: 7,
      quantiles: [
        [0, 1],
        [0.5, 2],
        [0.9, 3],
      ].map(([quantile, value]) => ({ quantile, value })),
    }
    expect(await sent(timer(6, { values: Float64Array.of(1) }), { timers: 'summary' })).toMatchObject([
      { name: 't', unit: 'ms', startMs: start, data: { kind: 'summary', ...summary } },
    ])
  })

  test('a set is a gauge, and what is left without its count is gauges by their names', async () => {
    const specs: ReadingSpec[] = [
      { metricKey: 'users', type: 'set', statistic: 'count', value: 3 },
      { metricKey: 'hits', type: 'counter', statistic: 'rate', value: 0.5 },
      { metricKey: 't', type: 'timer', statistic: 'upper', percentile: 99.9, value: 5 },
    ]
    expect(await sent(flushBatchOf(specs))).toMatchObject([
      { name: 'users', data: { kind: 'gauge', value: 3 } },
      { name: 'hits.rate', data: { kind: 'gauge', value: 0.5 } },
      { name: 't.upper_99_9', data: { kind: 'gauge', value: 5 } },
    ])
  })

  test('cumulative values count on from batch to batch, and not from try to try', async () => {
    const sink = await sinkOf({ temporality: 'cumulative' })
    const counter: ReadingSpec = { metricKey: 'c', type: 'counter', statistic: 'count', value: 2 }
    const both = (timestampMs: number, values: number[]): FlushBatch => ({
      ...flushBatchOf([counter, { ...counter, metricKey: 't', type: 'timer' }], timestampMs),
      details: {
        timers:
          values.length === 0 ? [] : [{ metricKey: 't', kind: 'timing', values: Float64Array.from(values) }],
        sets: [],
      },
    })
    await sink.flush?.(both(BATCH_TIME_MS, [1, 4]), signal)
    server.reply = () => ({ status: 503 })
    const second = both(BATCH_TIME_MS + 10_000, [0.5])
    await expect(async () => sink.flush?.(second, signal)).rejects.toThrow('503')
    server.reply = () => ({ status: 200 })
    server.requests.length = 0
    await sink.flush?.(second, signal)
    await sink.flush?.(both(BATCH_TIME_MS + 20_000, []), signal)
    // Without the counter: it begins anew.
    await sink.flush?.(gaugesOf(['other'], BATCH_TIME_MS + 30_000), signal)
    await sink.flush?.(both(BATCH_TIME_MS + 40_000, [1]), signal)
    expect(
      pointsIn(server)
        .filter(({ name }) => name !== 'other')
        .map(({ name, startMs, data }) => [
          name,
          startMs,
          data.kind === 'sum' ? data.value : 'count' in data && data.count,
        ]),
    ).toEqual([
      ['c', start, 4],
      ['t', start, 3],
      ['c', start, 6],
      ['t', start, 3],
      ['c', BATCH_TIME_MS + 30_000, 2],
      ['t', BATCH_TIME_MS + 30_000, 1],
    ])
    expect(pointsIn(server)[1]?.data).toMatchObject({ temporality: 'cumulative', sum: 5.5, min: 0.5, max: 4 })
  })

  test('resources are what was set, and the tags that say so', async () => {
    const options = { resource: { 'service.name': 'shop', env: 'prod' }, resource_tags: ['host'] }
    const points = await sent(gaugesOf(['a;host=web1;k=v', 'b;host=web1', 'c;host=web2']), options)
    expect(points.map(({ name, resource, attributes }) => [name, resource, attributes])).toEqual(
      [
        ['a', 'web1', [['k', 'v']]],
        ['b', 'web1', []],
        ['c', 'web2', []],
      ].map(([name, host, attributes]) => [
        name,
        [
          ['service.name', 'shop'],
          ['env', 'prod'],
          ['host', host],
        ],
        attributes,
      ]),
    )
    // One ResourceMetrics for both of web1.
    const reader = new ProtobufReader(server.requests[0]?.body ?? new Uint8Array())
    let resourceCount = 0
    for (; reader.next(); resourceCount++) reader.skip()
    expect(resourceCount).toBe(2)
  })

  test.each([
    ['', '/v1/metrics'],
    ['/', '/v1/metrics'],
    ['/v1/metrics', '/v1/metrics'],
    ['/api/v1/otlp', '/api/v1/otlp/v1/metrics'],
    ['/api/v1/otlp/v1/metrics/', '/api/v1/otlp/v1/metrics'],
  ])('an address that ends with %j', async (path, wanted) => {
    await sent(TUTORIAL_BATCH, { url: server.url + path, headers: { 'api-key': 'k' } })
    expect(server.requests).toMatchObject([
      { method: 'POST', path: wanted, headers: { 'content-encoding': 'gzip', 'api-key': 'k' } },
    ])
  })

  test.each(['http/protobuf', 'http/json'])(
    'by %s, what is rejected in part is counted, and told',
    async (protocol) => {
      const answer = { rejected: 2, message: 'out of order' }
      const json = encodeAnswerJson(answer)
      server.reply = (_request, response) => {
        response.end(protocol === 'http/json' ? json : Buffer.from(encodeAnswerProtobuf(answer)))
        return undefined
      }
      const sink = await sinkOf({ protocol })
      expect(await sink.flush?.(gaugesOf(['a', 'b', 'c']), signal)).toMatchObject({ refusedPoints: 2 })
      expect(letters.letters).toEqual([{ reason: 'out of order', item: { rejected: 2, of: 3 } }])
      // Of seven series in three points, two thirds.
      expect(await sink.flush?.(TUTORIAL_BATCH, signal)).toMatchObject({ refusedPoints: 5 })
    },
  )

  test('one point that is refused does not take the others with it', async () => {
    server.reply = ({ body }) => ({
      status: [...decodeOtlpProtobuf(body)].some((point) => point?.name === 'bad') ? 400 : 200,
    })
    const result = await (await sinkOf()).flush?.(gaugesOf(['a', 'bad', 'b', 'c']), signal)
    expect(result).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toMatchObject([{ item: { key: 'bad', timeMs: BATCH_TIME_MS } }])
  })

  test('a large batch goes in requests that every receiver takes', async () => {
    const names = Array.from(
      { length: 25_000 },
      (_, index) => `a.metric.with.a.long.name.${index};tag=${'v'.repeat(100)}`,
    )
    await (await sinkOf()).flush?.(gaugesOf(names), signal)
    expect(pointsIn(server)).toHaveLength(25_000)
    for (const { body } of server.requests) expect(body.length).toBeLessThan(4 * 1024 * 1024)
    expect(server.requests.length).toBeLessThan(20)
  })

  test('events are log records, if they are wanted', async () => {
    expect('events' in (await sinkOf())).toBe(false)
    const [event] = eventsOf(['deploy'])
    if (event === undefined) throw new Error('there is none')
    const events = [
      { ...event, text: '', hostname: 'web1', alertType: 'warning' as const },
      { ...event, kind: 'service_check' as const, status: 2 as const },
    ]
    await (await sinkOf({ events: 'logs', protocol: 'http/json' })).events?.(events, signal)
    const timeUnixNano = `${BATCH_TIME_MS}000000`
    const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })
    expect(server.requests).toMatchObject([{ path: '/v1/logs' }])
    expect(JSON.parse(server.bodies[0] ?? '')).toEqual({
      resourceLogs: [
        {
          resource: { attributes: [attribute('service.name', 'kymo')] },
          scopeLogs: [
            {
              scope: { name: 'kymo' },
              logRecords: [
                {
                  timeUnixNano,
                  observedTimeUnixNano: timeUnixNano,
                  severityNumber: 13,
                  eventName: 'deploy',
                  body: { stringValue: 'deploy' },
                  attributes: [
                    attribute('key', 'deploy'),
                    attribute('kymo.kind', 'event'),
                    attribute('host.name', 'web1'),
                  ],
                },
                {
                  timeUnixNano,
                  observedTimeUnixNano: timeUnixNano,
                  severityNumber: 17,
                  eventName: 'deploy',
                  body: { stringValue: 'deploy' },
                  attributes: [
                    attribute('key', 'deploy'),
                    attribute('kymo.kind', 'service_check'),
                    attribute('kymo.status', 'critical'),
                  ],
                },
              ],
            },
          ],
        },
      ],
    })
  })
})

describe('gRPC', () => {
  let server: GrpcTestServer
  let letters: KeptLetters
  let sink: Sink

  beforeEach(async () => {
    server = await GrpcTestServer.start()
    letters = new KeptLetters()
    sink = await sinkWith({ url: server.url, protocol: 'grpc' }, letters)
  })

  afterEach(async () => {
    await sink.close()
    await server.stop()
  })

  test('keeps one connection, and makes another when that breaks', async () => {
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(server.connectionCount).toBe(1)
    expect(server.calls.map(({ path }) => path)).toEqual(
      Array(2).fill('/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'),
    )
    server.breakConnections()
    await expect
      .poll(async () => {
        await sink.flush?.(gaugesOf(['b']), signal)
        return server.connectionCount
      })
      .toBe(2)
  })

  test('what is rejected in part is counted', async () => {
    server.reply = () => ({ message: encodeAnswerProtobuf({ rejected: 1, message: 'no' }) })
    expect(await sink.flush?.(gaugesOf(['a', 'b']), signal)).toMatchObject({ refusedPoints: 1 })
  })

  /** google.rpc.Status with a RetryInfo of 2.5 s. */
  const RETRY_INFO = Buffer.from(
    `0808${'1a32'}${'0a28'}${Buffer.from('type.googleapis.com/google.rpc.RetryInfo').toString('hex')}${'1206'}${'0a04'}${'0802'}${'1001'}`,
    'hex',
  ).toString('base64')

  test.each<[number, string, string | undefined, number | undefined]>([
    [14, 'sink-busy', undefined, undefined],
    [4, 'sink-busy', undefined, undefined],
    [8, 'sink-busy', RETRY_INFO, 3_000],
    [14, 'sink-busy', RETRY_INFO, 3_000],
    [14, 'sink-busy', 'AAAA', undefined],
    [16, 'sink-denied', undefined, undefined],
    [7, 'sink-denied', undefined, undefined],
    [12, 'sink-denied', undefined, undefined],
  ])('status %d is %s, and worth another try', async (status, code, details, retryAfterMs) => {
    server.reply = () => ({
      status,
      trailers: {
        'grpc-message': 'not%20now%0A',
        ...(details === undefined ? {} : { 'grpc-status-details-bin': details }),
      },
    })
    const error = await Promise.resolve(sink.flush?.(gaugesOf(['a']), signal)).catch(
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof KymoError)) throw new Error('it is none of ours')
    expect([error.code, error.isRetryable, error.retryAfterMs]).toEqual([code, true, retryAfterMs])
    expect(error.message).toMatch(new RegExp(`gRPC ${status} [A-Z_]+: not now`))
  })

  test.each([3, 8, 13, 99])(
    'status %d is the request: it is divided, and what is to blame given up',
    async (status) => {
      server.reply = ({ message }) =>
        [...decodeOtlpProtobuf(message)].some((point) => point?.name === 'bad') ? { status } : {}
      expect(await sink.flush?.(gaugesOf(['a', 'bad', 'b']), signal)).toMatchObject({ refusedPoints: 1 })
      expect(letters.letters).toMatchObject([{ item: { key: 'bad' } }])
    },
  )

  test('an answer of HTTP alone is judged as such', async () => {
    server.reply = () => ({ httpStatus: 502 })
    await expect(async () => sink.flush?.(gaugesOf(['a']), signal)).rejects.toThrow('HTTP 502')
  })

  test('a server of HTTP/1 is a failure to be tried again', async () => {
    const other = await HttpTestServer.start()
    const lost = await sinkWith({ url: other.url, protocol: 'grpc' })
    const error = await Promise.resolve(lost.flush?.(gaugesOf(['a']), signal)).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'sink-unreachable', isRetryable: true })
    await lost.close()
    await other.stop()
  })

  test('no answer in time is a failure to be tried again', async () => {
    server.reply = () => undefined
    const slow = await sinkWith({ url: server.url, protocol: 'grpc', request_timeout: '50ms' })
    await expect(async () => slow.flush?.(gaugesOf(['a']), signal)).rejects.toThrow('0.05 s')
    await slow.close()
  })
})
