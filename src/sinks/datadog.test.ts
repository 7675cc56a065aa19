import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { FakeClock } from '../lib/fake-clock.ts'
import type { Clock } from '../lib/clock.ts'
import { systemClock } from '../lib/clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import { datadogSink } from './datadog.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import {
  BATCH_TIME_MS,
  eventsOf,
  flushBatchOf,
  gaugesOf,
  pointBatchOf,
  TUTORIAL_BATCH,
} from './testdata/batches.ts'
import { HttpTestServer, type ReceivedRequest, type Reply } from './testdata/http-server.ts'
import { silentWorlds } from './testdata/silent-worlds.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()

// The published API, strictly: what it does not name is not sent.
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_.]{0,199}$/)
const tags = z.array(z.string().regex(/^[\p{L}\p{N}_\-:./]{1,200}$/u))
const seconds = z.int().min(1_000_000_000).max(9_999_999_999)
const finite = z.number()
const seriesBody = z.strictObject({
  series: z
    .array(
      z
        .strictObject({
          metric: name,
          type: z.literal([1, 2, 3]),
          interval: z.int().min(1).optional(),
          points: z.tuple([z.strictObject({ timestamp: seconds, value: finite })]),
          resources: z
            .tuple([z.strictObject({ name: z.string().min(1), type: z.literal('host') })])
            .optional(),
          tags,
        })
        .refine(({ type, interval }) => (type === 3) === (interval === undefined)),
    )
    .min(1),
})
const distributionBody = z.strictObject({
  series: z
    .array(
      z.strictObject({
        metric: name,
        type: z.literal('distribution'),
        points: z.tuple([z.tuple([seconds, z.array(finite).min(1)])]),
        host: z.string().min(1).optional(),
        tags,
      }),
    )
    .min(1),
})
const eventBody = z.strictObject({
  title: z.string().min(1).max(500),
  text: z.string().min(1).max(4_000),
  date_happened: seconds,
  priority: z.enum(['normal', 'low']),
  alert_type: z.enum(['error', 'warning', 'info', 'success']),
  host: z.string().optional(),
  aggregation_key: z.string().max(100).optional(),
  source_type_name: z.string().optional(),
  tags,
})
const checkBody = z
  .array(
    z.strictObject({
      check: z.string().min(1),
      host_name: z.string(),
      status: z.literal([0, 1, 2, 3]),
      timestamp: seconds,
      message: z.string().optional(),
      tags,
    }),
  )
  .min(1)

const API: Readonly<Record<string, { body: z.ZodType; encodings: readonly (string | undefined)[] }>> = {
  '/api/v2/series': { body: seriesBody, encodings: [undefined, 'deflate', 'gzip', 'zstd1'] },
  '/api/v1/distribution_points': { body: distributionBody, encodings: ['deflate'] },
  '/api/v1/events': { body: eventBody, encodings: [undefined] },
  '/api/v1/check_run': { body: checkBody, encodings: [undefined] },
}

function judge({ method, path, headers, body }: ReceivedRequest): Reply {
  const api = API[path]
  if (api === undefined || method !== 'POST') return { status: 404 }
  if (headers['dd-api-key'] !== 'key') return { status: 403, body: '{"errors":["Forbidden"]}' }
  if (headers['content-type'] !== 'application/json') return { status: 415 }
  if (!api.encodings.includes(headers['content-encoding'])) return { status: 415 }
  if (Number(headers['content-length']) > 512_000 || body.length > 5_242_880) return { status: 413 }
  const parsed = api.body.safeParse(JSON.parse(body.toString()))
  if (!parsed.success) return { status: 400, body: JSON.stringify({ errors: [parsed.error.message] }) }
  return { status: 202, body: '{"errors":[]}' }
}

let letters = new KeptLetters()

function sinkAt(url: string, options: object = {}, clock: Clock = systemClock): Promise<Sink> {
  const parsed = datadogSink.options.parse({
    type: 'datadog',
    url,
    api_key: 'key',
    max_age: 'never',
    ...options,
  })
  return datadogSink.create(parsed, testContext({ clock, deadLetters: letters }))
}

function series(server: HttpTestServer): z.output<typeof seriesBody>['series'] {
  return server.requests
    .filter(({ path }) => path === '/api/v2/series')
    .flatMap(({ body }) => seriesBody.parse(JSON.parse(body.toString())).series)
}

sinkConformance('datadog', {
  async working() {
    const server = await HttpTestServer.start(judge)
    const clock = new FakeClock(BATCH_TIME_MS)
    return {
      sink: await sinkAt(server.url, {}, clock),
      arrivedPoints: () =>
        // A count with its interval says the rate as well.
        series(server).reduce(
          (sum, { type, metric }) => sum + (type === 1 && metric === 'counter' ? 2 : 1),
          0,
        ) + server.requests.filter(({ path }) => path === '/api/v1/events').length,
      release: () => server.stop(),
    }
  },
  ...silentWorlds((url) => sinkAt(url)),
})

describe('the datadog sink', () => {
  let server: HttpTestServer
  let sink: Sink

  beforeEach(async () => {
    letters = new KeptLetters()
    server = await HttpTestServer.start(judge)
    sink = await sinkAt(server.url)
  })

  afterEach(async () => {
    await sink.close()
    await server.stop()
  })

  const bodyOf = (path: string): unknown[] =>
    server.requests
      .filter((request) => request.path === path)
      .map(({ body }) => JSON.parse(body.toString()) as unknown)

  test('sends counts, gauges and what its own agent says of a timer', async () => {
    await sink.flush?.(
      flushBatchOf([
        ...['count', 'rate'].map((statistic, value) => ({
          metricKey: 'api.hits;env=prod;host=web1',
          type: 'counter' as const,
          statistic: statistic as 'count',
          value: value + 1,
        })),
        { metricKey: 'memory', type: 'gauge', statistic: 'value', value: 4.5 },
        { metricKey: 'users', type: 'set', statistic: 'count', value: 7 },
        ...(['count', 'count_ps', 'mean', 'upper', 'lower', 'median', 'std'] as const).map(
          (statistic, value) => ({
            metricKey: 'time',
            type: 'timer' as const,
            statistic,
            value,
          }),
        ),
        { metricKey: 'time', type: 'timer', statistic: 'upper', percentile: 99.9, value: 8 },
        { metricKey: 'time', type: 'timer', statistic: 'mean', percentile: 90, value: 9 },
      ]),
      signal,
    )
    expect(
      series(server).map(({ metric, type, interval, points: [{ value }], resources, tags }) => [
        metric,
        type,
        interval,
        value,
        resources?.[0].name,
        tags,
      ]),
    ).toEqual([
      ['api.hits', 1, 10, 1, 'web1', ['env:prod']],
      ['memory', 3, undefined, 4.5, undefined, []],
      ['users', 3, undefined, 7, undefined, []],
      ['time.count', 1, 10, 0, undefined, []],
      ['time.avg', 3, undefined, 2, undefined, []],
      ['time.max', 3, undefined, 3, undefined, []],
      ['time.min', 3, undefined, 4, undefined, []],
      ['time.median', 3, undefined, 5, undefined, []],
      ['time.std', 3, undefined, 6, undefined, []],
      ['time.99_9percentile', 3, undefined, 8, undefined, []],
      ['time.mean_90', 3, undefined, 9, undefined, []],
    ])
    expect(series(server)[0]?.points[0].timestamp).toBe(BATCH_TIME_MS / 1_000)
  })

  test('sends a rate where there is no count', async () => {
    const rate = { metricKey: 'a', type: 'counter', statistic: 'rate', value: 3 } as const
    await sink.flush?.(flushBatchOf([rate]), signal)
    expect(series(server)).toMatchObject([{ metric: 'a', type: 2, interval: 10, points: [{ value: 3 }] }])
  })

  test('sends the values of distributions, and nothing else of them', async () => {
    const timers = (metricKey: string) =>
      (['count', 'mean', 'sum'] as const).map((statistic, value) => ({
        metricKey,
        type: 'timer' as const,
        statistic,
        value,
      }))
    const batch: FlushBatch = {
      ...flushBatchOf([...timers('d;host=web1;env=prod'), ...timers('ms')]),
      details: {
        timers: [
          {
            metricKey: 'd;host=web1;env=prod',
            kind: 'distribution',
            values: Float64Array.of(5, 7.5),
            weights: Float64Array.of(1, 2),
          },
          { metricKey: 'ms', kind: 'timing', values: Float64Array.of(1) },
        ],
        sets: [],
      },
    }
    await sink.flush?.(batch, signal)
    expect(bodyOf('/api/v1/distribution_points')).toEqual([
      {
        series: [
          {
            metric: 'd',
            type: 'distribution',
            points: [[1_700_000_000, [5, 7.5, 7.5]]],
            host: 'web1',
            tags: ['env:prod'],
          },
        ],
      },
    ])
    expect(series(server).map(({ metric }) => metric)).toEqual(['ms.count', 'ms.avg', 'ms.sum'])
    // Idle: there are no values, and what is said of none is not sent.
    await sink.flush?.(
      { ...flushBatchOf(timers('d;host=web1;env=prod')), details: { timers: [], sets: [] } },
      signal,
    )
    expect(series(server)).toHaveLength(3)
    expect(bodyOf('/api/v1/distribution_points')).toHaveLength(1)
  })

  test('sends what was taken of a flush once, if the rest was not', async () => {
    const batch: FlushBatch = {
      ...flushBatchOf([
        { metricKey: 'd', type: 'timer', statistic: 'count', value: 1 },
        { metricKey: 'g', type: 'gauge', statistic: 'value', value: 1 },
      ]),
      details: { timers: [{ metricKey: 'd', kind: 'distribution', values: Float64Array.of(5) }], sets: [] },
    }
    server.reply = (request) => (request.path === '/api/v2/series' ? judge(request) : { status: 503 })
    await expect(Promise.resolve(sink.flush?.(batch, signal))).rejects.toMatchObject({ code: 'sink-busy' })
    server.reply = judge
    expect(await sink.flush?.(batch, signal)).toMatchObject({ refusedPoints: 0 })
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/v2/series',
      '/api/v1/distribution_points',
      '/api/v1/distribution_points',
    ])
  })

  test('sends points with their own times', async () => {
    const typed = { ...pointBatchOf(['a', 'b']) }
    const [first, second] = typed.series
    const series0 = { ...first!, metricType: 'counter', statistic: 'count', rollup: 'sum' } as const
    await sink.points?.({ ...typed, series: [series0, second!] }, signal)
    expect(series(server)).toMatchObject([
      { metric: 'a', type: 1, interval: 1, points: [{ timestamp: 1_700_000_000, value: 0 }] },
      { metric: 'b', type: 3, points: [{ timestamp: 1_700_000_000, value: 1 }] },
    ])
  })

  test('sends events one by one, and service checks together', async () => {
    const clock = new FakeClock(BATCH_TIME_MS)
    sink = await sinkAt(server.url, { host: 'kymo1' }, clock)
    const check = {
      kind: 'service_check',
      timeMs: BATCH_TIME_MS,
      title: 'disk',
      text: 'full',
      tags: [['a', '']],
    } as const
    const result = await sink.events?.(
      [
        {
          kind: 'event',
          timeMs: BATCH_TIME_MS,
          title: 't'.repeat(600),
          text: 'x'.repeat(3_999) + '\u{1f600}y',
          tags: [['env', 'prod']],
          hostname: 'web1',
          aggregationKey: 'k',
          sourceType: 'git',
          priority: 'low',
          alertType: 'error',
        },
        { ...check, status: 2, hostname: 'web2' },
        ...eventsOf(['plain']),
        { ...check, status: 0, text: '' },
        { ...eventsOf(['old'])[0]!, timeMs: BATCH_TIME_MS - 19 * 3_600_000 },
      ],
      signal,
    )
    expect(result).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toMatchObject([{ reason: 'it is older than 18 h' }])
    expect(bodyOf('/api/v1/events')).toEqual([
      {
        title: 't'.repeat(500),
        text: 'x'.repeat(3_999),
        date_happened: 1_700_000_000,
        priority: 'low',
        alert_type: 'error',
        host: 'web1',
        aggregation_key: 'k',
        source_type_name: 'git',
        tags: ['env:prod'],
      },
      {
        title: 'plain',
        text: 'plain',
        date_happened: 1_700_000_000,
        priority: 'normal',
        alert_type: 'info',
        host: 'kymo1',
        tags: ['key:plain'],
      },
    ])
    expect(bodyOf('/api/v1/check_run')).toEqual([
      [
        {
          check: 'disk',
          host_name: 'web2',
          status: 2,
          timestamp: 1_700_000_000,
          message: 'full',
          tags: ['a'],
        },
        { check: 'disk', host_name: 'kymo1', status: 0, timestamp: 1_700_000_000, tags: ['a'] },
      ],
    ])
  })

  test.each([
    ['a b-c', 'a_b_c'],
    ['__proto__', 'proto__'],
    ['9lives.left', 'lives.left'],
    ['größe', 'gr__e'],
    ['x'.repeat(200), 'x'.repeat(200)],
    ['x'.repeat(201), undefined],
    ['12.34', undefined],
  ])('the name %s becomes %s', async (metricKey, wanted) => {
    const result = await sink.flush?.(gaugesOf([metricKey]), signal)
    expect(series(server).map(({ metric }) => metric)).toEqual(wanted === undefined ? [] : [wanted])
    expect(result).toMatchObject({ refusedPoints: wanted === undefined ? 1 : 0 })
  })

  test('refuses a name that is too long with its statistic', async () => {
    const timer = { metricKey: 'x'.repeat(198), type: 'timer', statistic: 'sum', value: 1 } as const
    expect(await sink.flush?.(flushBatchOf([timer]), signal)).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toMatchObject([{ reason: 'its name is longer than 200 characters' }])
  })

  test.each([
    ['1h', -3_601_000, 'it is older than 1 h'],
    ['1h', -3_599_000, undefined],
    ['never', -86_400_000, undefined],
    ['1h', 601_000, expect.stringContaining('ahead')],
  ])('with max_age %s, a flush of %d ms from now is refused: %s', async (maxAge, fromNowMs, reason) => {
    const clock = new FakeClock(BATCH_TIME_MS - fromNowMs)
    sink = await sinkAt(server.url, { max_age: maxAge }, clock)
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(letters.letters.map((letter) => letter.reason)).toEqual(reason === undefined ? [] : [reason])
  })

  test.each(['none', 'gzip', 'deflate', 'zstd'])(
    'keeps the limits of the API, compressed by %s',
    async (compression) => {
      sink = await sinkAt(server.url, { compression })
      const names = Array.from(
        { length: 30_000 },
        (_, index) => `a.metric.of.some.length.${index};env=production`,
      )
      expect(await sink.flush?.(gaugesOf(names), signal)).toMatchObject({ refusedPoints: 0 })
      expect(series(server)).toHaveLength(30_000)
      expect(letters.letters).toEqual([])
    },
  )

  test('waits if the key is not right', async () => {
    sink = await sinkAt(server.url, { api_key: 'another' })
    await expect(Promise.resolve(sink.flush?.(TUTORIAL_BATCH, signal))).rejects.toMatchObject({
      code: 'sink-denied',
    })
  })

  test('needs a key', () => {
    expect(datadogSink.options.safeParse({ type: 'datadog' }).success).toBe(false)
  })
})
