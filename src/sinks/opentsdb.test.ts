import { hostname } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../lib/clock.ts'
import { opentsdbSink } from './opentsdb.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { BATCH_TIME_MS, flushBatchOf, gaugesOf, pointBatchOf, TUTORIAL_BATCH } from './testdata/batches.ts'
import { HttpTestServer, type ReceivedRequest, type Reply } from './testdata/http-server.ts'
import { silentWorlds } from './testdata/silent-worlds.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()

const body = z
  .array(
    z.strictObject({
      metric: z.string(),
      timestamp: z.int(),
      value: z.number(),
      tags: z.record(z.string(), z.string()),
    }),
  )
  .min(1)
type DataPoint = z.output<typeof body>[number]

/** As OpenTSDB looks at it: at the halves of surrogate pairs one by one. */
const isName = (text: string): boolean =>
  text !== '' && text.split('').every((c) => /[\p{L}0-9\-_./]/u.test(c))

/** What OpenTSDB has against a point, in its words. */
function problemOf({ metric, timestamp, tags }: DataPoint): string | undefined {
  const names = [metric, ...Object.entries(tags).flat()]
  const bad = names.find((name) => !isName(name))
  if (bad !== undefined) return `Invalid name ("${bad}"): illegal character`
  if (Object.keys(tags).length === 0) return 'Missing tags'
  if (Object.keys(tags).length > 8) return `Too many tags: ${Object.keys(tags).length} maximum allowed: 8`
  return timestamp <= 0 || timestamp > 9_999_999_999_999 ? 'Invalid timestamp' : undefined
}

/** The published API: good points are taken, bad ones are told. */
function judge({ method, path, headers, body: bytes }: ReceivedRequest): Reply {
  if (path !== '/api/put?details=' || method !== 'POST') return { status: 404 }
  if (headers['content-type'] !== 'application/json' || headers['content-encoding'] !== 'gzip')
    return { status: 415 }
  const parsed = body.safeParse(JSON.parse(bytes.toString()))
  if (!parsed.success)
    return { status: 400, body: JSON.stringify({ error: { code: 400, message: parsed.error.message } }) }
  const errors = parsed.data.flatMap((point) => {
    const error = problemOf(point)
    return error === undefined ? [] : [{ datapoint: { ...point, value: String(point.value) }, error }]
  })
  const answer = { success: parsed.data.length - errors.length, failed: errors.length, errors }
  return { status: errors.length === 0 ? 200 : 400, body: JSON.stringify(answer) }
}

let letters = new KeptLetters()

function sinkAt(url: string, options: object = {}): Promise<Sink> {
  const parsed = opentsdbSink.options.parse({ type: 'opentsdb', url, ...options })
  return opentsdbSink.create(parsed, testContext({ clock: systemClock, deadLetters: letters }))
}

const pointsAt = (server: HttpTestServer): DataPoint[] =>
  server.bodies
    .flatMap((text) => body.parse(JSON.parse(text)))
    .filter((point) => problemOf(point) === undefined)

sinkConformance('opentsdb', {
  async working() {
    const server = await HttpTestServer.start(judge)
    return {
      sink: await sinkAt(server.url),
      arrivedPoints: () => pointsAt(server).length,
      release: () => server.stop(),
    }
  },
  ...silentWorlds((url) => sinkAt(url)),
})

describe('the opentsdb sink', () => {
  let server: HttpTestServer
  let sink: Sink

  beforeEach(async () => {
    server = await HttpTestServer.start(judge)
    letters = new KeptLetters()
    sink = await sinkAt(server.url, { host: 'web1' })
  })

  afterEach(async () => {
    await sink.close()
    await server.stop()
  })

  const pointOf = async (key: string, value = 0): Promise<DataPoint | undefined> => {
    await sink.flush?.(flushBatchOf([{ metricKey: key, type: 'gauge', statistic: 'value', value }]), signal)
    return pointsAt(server).at(-1)
  }

  test('puts a point for each series, at the end of the interval', async () => {
    await sink.flush?.(TUTORIAL_BATCH, signal)
    expect(pointsAt(server)).toEqual(
      [
        ['stats.counters.counter.count', 10, { host: 'web1' }],
        ['stats.counters.counter.rate', 1, { host: 'web1' }],
        ['stats.timers.timer.count', 5, { env: 'prod' }],
        ['stats.timers.timer.upper', 4, { env: 'prod' }],
        ['stats.timers.timer.upper_99.9', 4, { env: 'prod' }],
        ['stats.timers.timer.mean_-10', 3.5, { env: 'prod' }],
        ['stats.gauges.gauge', 4, { host: 'web1' }],
      ].map(([metric, value, tags]) => ({ metric, timestamp: BATCH_TIME_MS / 1000, value, tags })),
    )
  })

  test('gives whole seconds as seconds, and other times as milliseconds', async () => {
    await sink.points?.(pointBatchOf(['a', 'b']), signal)
    expect(pointsAt(server).map(({ timestamp }) => timestamp)).toEqual([
      BATCH_TIME_MS / 1000,
      BATCH_TIME_MS + 250,
    ])
  })

  test('gives up times that OpenTSDB would take for others, or not at all', async () => {
    const timesMs = Float64Array.of(-1_000, 0, 4_294_967_295, 1e13, 4_294_967_296_000)
    const batch = { ...pointBatchOf(['a', 'b', 'c', 'd', 'year.2106']), timesMs }
    expect(await sink.points?.(batch, signal)).toMatchObject({ refusedPoints: 4 })
    expect(pointsAt(server)).toMatchObject([{ metric: 'year.2106', timestamp: 4_294_967_296_000 }])
    expect(letters.codes).toEqual(Array.from({ length: 4 }, () => 'sink-unfit'))
  })

  test.each([
    ['a b;c d=e f', 'a_b', { c_d: 'e_f' }],
    ['größe.температура', 'größe.температура', { host: 'web1' }],
    ['a/b-c_d.0;path=/x', 'a/b-c_d.0', { path: '/x' }],
    ['a"\\\n𝒳', 'a____', { host: 'web1' }],
    ['a;empty=', 'a', { empty: '_' }],
    ['a;k k=1;k_k=2', 'a', { k_k: '2' }],
  ])('makes of %j what OpenTSDB can have', async (key, name, tags) => {
    expect(await pointOf(key)).toMatchObject({ metric: `stats.gauges.${name}`, tags })
  })

  test.each([
    [1e15, '1000000000000000'],
    [2 ** 62, '4611686018427388000'],
    [2 ** 63, '9.223372036854776e+18'],
    [-1e20, '-1e+20'],
    [1e300, '1e+300'],
    [0.1, '0.1'],
  ])('writes %d as %s: what has no dot and no exponent is a 64-bit integer', async (value, wanted) => {
    expect((await pointOf('a', value))?.value).toBe(value)
    expect(server.bodies.at(-1)).toContain(`"value":${wanted}}`)
  })

  test('gives up what is no number', async () => {
    const batch = {
      ...pointBatchOf(['a', 'b', 'c']),
      values: Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, 1),
    }
    expect(await sink.points?.(batch, signal)).toMatchObject({ refusedPoints: 2 })
    expect(pointsAt(server)).toMatchObject([{ metric: 'c', value: 1 }])
    expect(letters.letters[1]).toEqual({
      reason: 'the value is not a finite number',
      item: { key: 'b', value: 'Infinity', timeMs: BATCH_TIME_MS + 250 },
    })
  })

  test('gives up the points that the answer names, and sends none again', async () => {
    const many = Array.from({ length: 9 }, (_, index) => `k${index}=v`).join(';')
    const batch = gaugesOf(['a', `b;${many}`, 'c'])
    expect(await sink.flush?.(batch, signal)).toMatchObject({ refusedPoints: 1 })
    expect(server.requests).toHaveLength(1)
    expect(letters.letters).toMatchObject([
      { reason: 'Too many tags: 9 maximum allowed: 8', item: { key: `stats.gauges.b;${many}`, value: '1' } },
    ])
    expect(letters.codes).toEqual(['sink-refused'])
  })

  test.each([
    ['it is no JSON', 'Chunked request not supported.'],
    ['it names none', '{"success":0,"failed":1,"errors":[]}'],
    [
      'it names others',
      '{"errors":[{"error":"no","datapoint":{"metric":"other","timestamp":1,"tags":{"a":"b"}}}]}',
    ],
  ])('divides a request whose answer does not say what is to blame: %s', async (_, text) => {
    server.reply = (request) =>
      request.body.toString().includes('bad') ? { status: 400, body: text } : { status: 204 }
    expect(await sink.flush?.(gaugesOf(['a', 'bad', 'c']), signal)).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toMatchObject([{ item: { key: 'stats.gauges.bad' } }])
  })

  test('puts as many points in a request as it is told', async () => {
    await sink.flush?.(gaugesOf(Array.from({ length: 120 }, (_, index) => `m${index}`)), signal)
    // Several are under way at once, and come in any order.
    const sizes = server.bodies.map((text) => (JSON.parse(text) as unknown[]).length)
    expect(sizes.toSorted((a, b) => a - b)).toEqual([20, 50, 50])
    await sink.close()
    sink = await sinkAt(server.url, { points_per_request: 1_000 })
    await sink.flush?.(gaugesOf(Array.from({ length: 120 }, (_, index) => `m${index}`)), signal)
    expect(server.requests).toHaveLength(4)
  })

  test('names this machine where no series has tags, or what it is told', async () => {
    await sink.close()
    sink = await sinkAt(server.url)
    expect((await pointOf('a'))?.tags).toEqual({ host: hostname().replace(/[^\w\-./]/g, '_') })
    await sink.close()
    sink = await sinkAt(server.url, { host_tag: 'from where', host: 'web 1' })
    expect((await pointOf('a'))?.tags).toEqual({ from_where: 'web_1' })
  })

  test('shows who it is', async () => {
    await sink.close()
    sink = await sinkAt(`${server.url}/tsd/`, { username: 'kymo', password: 'pass' })
    server.reply = () => ({ status: 204 })
    await pointOf('a')
    expect(server.requests[0]).toMatchObject({
      path: '/tsd/api/put?details=',
      headers: { authorization: `Basic ${Buffer.from('kymo:pass').toString('base64')}` },
    })
  })
})
