import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { influxdbSink } from './influxdb.ts'
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

/**
 * What the documentation of InfluxDB asks of a request and its lines, strictly: a name is made of what needs no escape, and of
 * escaped commas, blanks and equals signs.
 */
const NAME = String.raw`(?:[^\\,= \n\t]|\\[,= ])+`
const MEASUREMENT = String.raw`(?!#)(?:[^\\, \n\t]|\\[, ])+`
const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`
const TEXT = String.raw`"(?:[^"\\\n]|\\["\\])*"`
const FIELD = `${NAME}=(?:${NUMBER}|${TEXT})`
const LINE = new RegExp(`^${MEASUREMENT}(?:,${NAME}=${NAME})* ${FIELD}(?:,${FIELD})* \\d+$`, 'u')
const QUERIES: Readonly<Record<string, readonly RegExp[]>> = {
  '/write': [/[?&]db=/, /[?&]precision=(ns|u|ms|s)(&|$)/],
  '/api/v2/write': [/[?&]org=/, /[?&]bucket=/, /[?&]precision=(ns|us|ms|s)(&|$)/],
  '/api/v3/write_lp': [/[?&]db=/, /[?&]precision=(nano|micro|milli|)second(&|$)/],
}

function judge({ method, path, headers, body }: ReceivedRequest): Reply {
  const problems = [
    method === 'POST' ? '' : 'the method is not POST',
    QUERIES[path.split('?')[0] ?? '']?.every((wanted) => wanted.test(path)) === true
      ? ''
      : `a bad address: ${path}`,
    headers['content-encoding'] === 'gzip' ? '' : 'not compressed',
    headers['content-type'] === 'text/plain; charset=utf-8' ? '' : 'no type',
    ...linesOf(body.toString()).map((line) => (LINE.test(line) ? '' : `unable to parse '${line}'`)),
  ].filter((problem) => problem !== '')
  return problems.length === 0
    ? { status: 204 }
    : { status: 400, body: JSON.stringify({ error: problems.join('; ') }) }
}

const linesOf = (body: string): string[] => body.split('\n').slice(0, -1)
/** Points of Kymo: a field each; an event is one. */
const pointsIn = (line: string): number =>
  line.includes(' title=') ? 1 : (line.split(/(?<!\\) /)[1]?.split(/(?<!\\),/).length ?? 0)

function sinkAt(url: string, options: object = {}): Promise<Sink> {
  return influxdbSink.create(
    influxdbSink.options.parse({ type: 'influxdb', url, ...options }),
    testContext({ clock: systemClock, deadLetters: letters }),
  )
}

let letters = new KeptLetters()

describe.each([1, 2, 3])('version %d', (version) => {
  sinkConformance(`influxdb ${version}`, {
    async working() {
      const server = await HttpTestServer.start(judge)
      return {
        sink: await sinkAt(server.url, { version }),
        arrivedPoints: () => server.bodies.flatMap(linesOf).reduce((sum, line) => sum + pointsIn(line), 0),
        release: () => server.stop(),
      }
    },
    ...silentWorlds((url) => sinkAt(url, { version })),
  })
})

describe('the influxdb sink', () => {
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

  const lines = (): string[] => server.bodies.flatMap(linesOf)

  test('writes a line per metric, with its statistics as fields', async () => {
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['site.visits;page=a b', 'x']), signal)
    expect(lines()).toEqual([
      'counter,metric_type=counter count=10,rate=1 1700000000000',
      'timer,env=prod,metric_type=timer count=5,upper=4,upper_99_9=4,mean_top10=3.5 1700000000000',
      'gauge,metric_type=gauge value=4 1700000000000',
      'site.visits,page=a\\ b value=0 1700000000000',
      'x value=1 1700000000250',
    ])
  })

  test('tells a counter and a timer of one name apart, and its own tag from the metric\u2019s', async () => {
    const value = { statistic: 'count', value: 1 } as const
    await sink.flush?.(
      flushBatchOf([
        { metricKey: 'a', type: 'counter', ...value },
        { metricKey: 'a', type: 'timer', ...value },
        { metricKey: 'b;count=2;metric_type=x', type: 'set', ...value },
      ]),
      signal,
    )
    expect(lines()).toEqual([
      'a,metric_type=counter count=1 1700000000000',
      'a,metric_type=timer count=1 1700000000000',
      'b,count_=2,metric_type=set,metric_type_=x count=1 1700000000000',
    ])
  })

  test('writes events, parted within their millisecond by what they say', async () => {
    await sink.events?.(
      [
        {
          kind: 'event',
          timeMs: BATCH_TIME_MS,
          title: 'deploy "12"',
          text: 'one\ntwo',
          tags: [
            ['env', 'prod'],
            ['env', 'eu'],
            ['canary', ''],
          ],
          hostname: 'web1',
          aggregationKey: 'k',
          sourceType: 'git',
          priority: 'low',
          alertType: 'info',
        },
        {
          kind: 'service_check',
          timeMs: BATCH_TIME_MS,
          title: 'disk',
          text: '',
          tags: [['kind', 'x']],
          status: 2,
        },
        ...eventsOf(['a']),
      ],
      signal,
    )
    expect(server.requests[0]?.path).toContain('precision=ns')
    expect(lines().map((line) => line.replace(/\d{6}$/, ''))).toEqual([
      'events,alert_type=info,canary=true,env=prod__eu,host=web1,kind=event,priority=low,source_type=git title="deploy \\"12\\"",text="one\\\\ntwo",aggregation_key="k" 1700000000000',
      'events,kind=service_check,kind_=x title="disk",text="",status=2 1700000000000',
      'events,key=a,kind=event title="a",text="a" 1700000000000',
    ])
    expect(new Set(lines().map((line) => line.slice(-6))).size).toBe(3)
  })

  test.each([
    [{}, '/api/v2/write?org=kymo&bucket=kymo&precision=ms', undefined],
    [
      { org: 'a b', bucket: 'c&d', token: 't', precision: 'us' },
      '/api/v2/write?org=a+b&bucket=c%26d&precision=us',
      'Token t',
    ],
    [
      {
        version: 1,
        database: 'd',
        retention_policy: 'week',
        consistency: 'quorum',
        username: 'u',
        password: 'p:q',
      },
      '/write?db=d&rp=week&consistency=quorum&precision=ms',
      `Basic ${Buffer.from('u:p:q').toString('base64')}`,
    ],
    [{ version: 1, precision: 'us' }, '/write?db=kymo&precision=u', undefined],
    [{ version: 3, token: 't' }, '/api/v3/write_lp?db=kymo&precision=millisecond', 'Bearer t'],
    [{ headers: { Authorization: 'own' } }, '/api/v2/write?org=kymo&bucket=kymo&precision=ms', 'own'],
  ])('%j writes to %s', async (options, path, authorization) => {
    sink = await sinkAt(server.url, options)
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(server.requests.map((request) => [request.path, request.headers.authorization])).toEqual([
      [path, authorization],
    ])
  })

  test('may be behind a path', async () => {
    sink = await sinkAt(`${server.url}/influx/`)
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(server.requests[0]?.path).toMatch(/^\/influx\/api\/v2\/write\?/)
  })

  test('leaves out what line protocol has no number for, and what is too long', async () => {
    const gauge = { type: 'gauge', statistic: 'value' } as const
    const result = await sink.flush?.(
      flushBatchOf([
        { metricKey: 'a', type: 'timer', statistic: 'upper', value: 1 },
        { metricKey: 'a', type: 'timer', statistic: 'sum', value: Number.POSITIVE_INFINITY },
        { metricKey: 'b', ...gauge, value: Number.NaN },
        { metricKey: 'x'.repeat(65_001), ...gauge, value: 1 },
        { metricKey: 'c', ...gauge, value: 1 },
      ]),
      signal,
    )
    expect(result).toMatchObject({ refusedPoints: 3 })
    expect(lines()).toEqual([
      'a,metric_type=timer upper=1 1700000000000',
      'c,metric_type=gauge value=1 1700000000000',
    ])
    expect(letters.letters.map(({ reason }) => reason)).toEqual([
      'the value is not a finite number',
      'the value is not a finite number',
      'its name and tags are too long',
    ])
  })

  test('gives up the point that InfluxDB refuses, and says which', async () => {
    server.reply = (request) =>
      request.body.includes('bad')
        ? { status: 400, body: '{"error":"partial write: field type conflict: \\"bad\\" dropped=1"}' }
        : judge(request)
    const names = Array.from({ length: 50 }, (_, index) => (index === 17 ? 'bad' : `good${index}`))
    expect(await sink.flush?.(gaugesOf(names), signal)).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toMatchObject([
      {
        reason: expect.stringContaining('field type conflict'),
        item: { metric: 'bad', statistics: { value: 17 } },
      },
    ])
  })
})
