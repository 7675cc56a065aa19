import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { FakeClock } from '../lib/fake-clock.ts'
import { newrelicSink } from './newrelic.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { BATCH_TIME_MS, flushBatchOf, gaugesOf, pointBatchOf, TUTORIAL_BATCH } from './testdata/batches.ts'
import { HttpTestServer, type ReceivedRequest, type Reply } from './testdata/http-server.ts'
import { silentWorlds } from './testdata/silent-worlds.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()

// The published API, strictly: what it does not name is not sent.
const common = {
  name: z.string().min(1).max(254),
  timestamp: z.int().min(1_000_000_000_000),
  attributes: z
    .record(z.string().regex(/^[A-Za-z0-9_.:]{1,255}$/), z.string().max(4_096))
    .refine((attributes) => Object.keys(attributes).length <= 100),
}
const interval = { 'interval.ms': z.int().min(1) }
const summary = z.strictObject({ count: z.number(), sum: z.number(), min: z.number(), max: z.number() })
const metricSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...common, type: z.literal('gauge'), value: z.number() }),
  z.strictObject({ ...common, ...interval, type: z.literal('count'), value: z.number().min(0) }),
  z.strictObject({ ...common, ...interval, type: z.literal('summary'), value: summary }),
])
const payload = z.tuple([z.strictObject({ metrics: z.array(metricSchema).min(1) })])

function judge({ method, path, headers, body }: ReceivedRequest): Reply {
  if (path !== '/metric/v1' || method !== 'POST') return { status: 404 }
  if (headers['api-key'] !== 'key') return { status: 403 }
  if (headers['content-type'] !== 'application/json' || headers['content-encoding'] !== 'gzip')
    return { status: 415 }
  if (body.length > 1_000_000) return { status: 413 }
  const parsed = payload.safeParse(JSON.parse(body.toString()))
  if (!parsed.success) return { status: 400, body: parsed.error.message }
  return { status: 202, body: '{"requestId":"f0e7bfff-001a-b000-0000-01682bcf4565"}' }
}

let letters = new KeptLetters()

function sinkAt(url: string, options: object = {}, clock = new FakeClock(BATCH_TIME_MS)): Promise<Sink> {
  const parsed = newrelicSink.options.parse({ type: 'newrelic', url, api_key: 'key', ...options })
  return newrelicSink.create(parsed, testContext({ clock, deadLetters: letters }))
}

function metricsAt(server: HttpTestServer): z.output<typeof metricSchema>[] {
  return server.bodies.flatMap((body) => payload.parse(JSON.parse(body))[0].metrics)
}

sinkConformance('newrelic', {
  async working() {
    const server = await HttpTestServer.start(judge)
    return {
      sink: await sinkAt(server.url),
      // A count with its interval says the rate as well.
      arrivedPoints: () => metricsAt(server).reduce((sum, { type }) => sum + (type === 'count' ? 2 : 1), 0),
      release: () => server.stop(),
    }
  },
  ...silentWorlds((url) => sinkAt(url)),
})

describe('the newrelic sink', () => {
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

  test('sends counts, gauges and summaries', async () => {
    await sink.flush?.(
      flushBatchOf([
        { metricKey: 'hits;env=prod', type: 'counter', statistic: 'count', value: 10 },
        { metricKey: 'hits;env=prod', type: 'counter', statistic: 'rate', value: 1 },
        { metricKey: 'memory', type: 'gauge', statistic: 'value', value: -4.5 },
        { metricKey: 'users', type: 'set', statistic: 'count', value: 7 },
        ...(['count', 'count_ps', 'sum', 'lower', 'upper', 'mean', 'median'] as const).map(
          (statistic, value) => ({
            metricKey: 'time',
            type: 'timer' as const,
            statistic,
            value,
          }),
        ),
        { metricKey: 'time', type: 'timer', statistic: 'upper', percentile: 90, value: 8 },
      ]),
      signal,
    )
    const at = { timestamp: BATCH_TIME_MS, attributes: {} }
    const during = { timestamp: BATCH_TIME_MS - 10_000, 'interval.ms': 10_000 }
    expect(metricsAt(server)).toEqual([
      { name: 'hits', type: 'count', value: 10, ...during, attributes: { env: 'prod' } },
      { name: 'memory', type: 'gauge', value: -4.5, ...at },
      { name: 'users', type: 'gauge', value: 7, ...at },
      {
        name: 'time',
        type: 'summary',
        value: { count: 0, sum: 2, min: 3, max: 4 },
        ...during,
        attributes: {},
      },
      { name: 'time.median', type: 'gauge', value: 6, ...at },
      { name: 'time.upper_90', type: 'gauge', value: 8, ...at },
    ])
  })

  test('sends what there is, where it makes no summary or count', async () => {
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.flush?.(
      flushBatchOf([{ metricKey: 'a', type: 'counter', statistic: 'rate', value: 3 }]),
      signal,
    )
    await sink.points?.(pointBatchOf(['x', 'y']), signal)
    expect(
      metricsAt(server).map(({ name, type, timestamp }) => [name, type, timestamp - BATCH_TIME_MS]),
    ).toEqual([
      ['counter', 'count', -10_000],
      ['timer.count', 'gauge', 0],
      ['timer.upper', 'gauge', 0],
      ['timer.upper_99_9', 'gauge', 0],
      ['timer.mean_top10', 'gauge', 0],
      ['gauge', 'gauge', 0],
      ['a.rate', 'gauge', 0],
      ['x', 'gauge', 0],
      ['y', 'gauge', 250],
    ])
  })

  test('keeps the limits of the API', async () => {
    const tagged = (count: number) => Array.from({ length: count }, (_, index) => `;k${index}=v`).join('')
    const cases: [key: string, reason: string | undefined][] = [
      ['x'.repeat(254), undefined],
      ['x'.repeat(255), 'its name is longer than 254 characters'],
      [`a${tagged(100)}`, undefined],
      [`a${tagged(101)}`, 'it has more than 100 tags'],
      [`a;${'k'.repeat(300)}=${'v'.repeat(5_000)}`, undefined],
      ['a;a b-c=größe', undefined],
    ]
    const result = await sink.flush?.(gaugesOf(cases.map(([key]) => key)), signal)
    expect(result).toMatchObject({ refusedPoints: 2 })
    expect(letters.letters.map(({ reason }) => reason)).toEqual(cases.flatMap(([, reason]) => reason ?? []))
    expect(metricsAt(server).at(-1)?.attributes).toEqual({ a_b_c: 'größe' })
  })

  test('keeps requests under a megabyte', async () => {
    const names = Array.from(
      { length: 20_000 },
      (_, index) => `a.metric.of.some.length.${index};env=production`,
    )
    expect(await sink.flush?.(gaugesOf(names), signal)).toMatchObject({ refusedPoints: 0 })
    expect(metricsAt(server)).toHaveLength(20_000)
    expect(server.requests.length).toBeGreaterThan(1)
    expect(server.bodies.every((body) => Buffer.byteLength(body) <= 1_000_000)).toBe(true)
  })

  test.each([
    [48 * 3_600_000 + 1, 'it is older than 48 h'],
    [48 * 3_600_000, undefined],
    [-24 * 3_600_000 - 1, 'it is more than 24 h ahead'],
  ])('a flush that is %d ms old is refused: %s', async (ageMs, reason) => {
    sink = await sinkAt(server.url, {}, new FakeClock(BATCH_TIME_MS + ageMs))
    await sink.flush?.(gaugesOf(['a']), signal)
    expect(letters.letters.map((letter) => letter.reason)).toEqual(reason === undefined ? [] : [reason])
  })

  test('waits as long as New Relic says', async () => {
    server.reply = () => ({ status: 429, headers: { 'retry-after': '17' } })
    await expect(Promise.resolve(sink.flush?.(gaugesOf(['a']), signal))).rejects.toMatchObject({
      code: 'sink-busy',
      retryAfterMs: 17_000,
    })
  })
})
