import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeRequest } from '../formats/prometheus-remote-write/decode-request.ts'
import {
  REMOTE_WRITE_VERSIONS,
  type RemoteWriteVersion,
  versionOf,
} from '../formats/prometheus-remote-write/version.ts'
import { systemClock } from '../lib/clock.ts'
import { decodeSnappy } from '../lib/snappy.ts'
import type { KymoError } from '../telemetry/errors.ts'
import { readMapping } from '../config/read-mapping.ts'
import { prometheusRemoteWriteSink } from './prometheus-remote-write.ts'
import type { Sink } from './sink.ts'
import { BATCH_TIME_MS, flushBatchOf, gaugesOf, HOSTILE_NAMES, pointBatchOf } from './testdata/batches.ts'
import { HttpTestServer, type ReceivedRequest } from './testdata/http-server.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()

let server: HttpTestServer
let sink: Sink

beforeEach(async () => {
  server = await HttpTestServer.start()
  sink = await remoteWriteSink()
})

afterEach(async () => {
  await sink.close()
  await server.stop()
})

function remoteWriteSink(options: object = {}, mapping = ''): Promise<Sink> {
  const parsed = prometheusRemoteWriteSink.options.parse({
    type: 'prometheus-remote-write',
    url: `${server.url}/api/v1/write`,
    ...options,
  })
  const mapped = { ...parsed, mapping: readMapping(mapping, 'm.yml') }
  return prometheusRemoteWriteSink.create(
    mapped,
    testContext({ clock: systemClock, deadLetters: new KeptLetters() }),
  )
}

/** `name{labels} value@seconds since the first batch`, sample by sample, as a strict receiver reads them. */
function samplesIn({ headers, body }: ReceivedRequest): string[] {
  expect(headers['content-encoding']).toBe('snappy')
  const version = versionOf(headers['content-type'])
  expect(headers['x-prometheus-remote-write-version']).toBe(version === '1.0' ? '0.1.0' : '2.0.0')
  const bytes = decodeSnappy(body, 10_000_000)
  if ('problem' in bytes) throw new Error(bytes.problem)
  const lines: string[] = []
  for (const { labels, samples } of decodeRequest(bytes, version as RemoteWriteVersion)) {
    const names = labels.map(([name]) => name)
    expect(names).toEqual([...new Set(names)].toSorted())
    expect(labels.filter(([, value]) => value === '')).toEqual([])
    const own = labels.filter(([name]) => name !== '__name__').map(([name, value]) => `${name}=${value}`)
    const [, name] = labels.find(([label]) => label === '__name__') ?? []
    for (const { value, timeMs } of samples)
      lines.push(`${name}{${own.join()}} ${value}@${(timeMs - BATCH_TIME_MS) / 1_000}`)
  }
  return lines
}

function hits(value: number, flushes = 0) {
  return {
    ...flushBatchOf([{ metricKey: 'hits;code=200', type: 'counter', statistic: 'count', value }]),
    timestampMs: BATCH_TIME_MS + flushes * 10_000,
    details: {
      sets: [],
      timers: [{ metricKey: 'took', kind: 'timing', values: Float64Array.of(300) } as const],
    },
  }
}

test.each(REMOTE_WRITE_VERSIONS)(
  'version %s: every series of the registry, at each flush',
  async (version) => {
    sink = await remoteWriteSink({ version })
    await sink.flush?.(hits(3), signal)
    await sink.flush?.(hits(4, 1), signal)
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v1/write',
      'POST /api/v1/write',
    ])
    expect(server.requests.map(samplesIn)).toEqual([
      [
        'hits{code=200} 3@0',
        'took{quantile=0.5} 0.3@0',
        'took{quantile=0.9} 0.3@0',
        'took{quantile=0.99} 0.3@0',
        'took_sum{} 0.3@0',
        'took_count{} 1@0',
      ],
      [
        'hits{code=200} 7@10',
        'took{quantile=0.5} 0.3@10',
        'took{quantile=0.9} 0.3@10',
        'took{quantile=0.99} 0.3@10',
        'took_sum{} 0.6@10',
        'took_count{} 2@10',
      ],
    ])
  },
)

test('a batch that is tried again is added up once, and is the same again', async () => {
  server.reply = () => ({ status: 503 })
  const batch = hits(3)
  await expect(sink.flush?.(batch, signal)).rejects.toMatchObject({
    code: 'sink-busy',
  } satisfies Partial<KymoError>)
  server.reply = () => ({ status: 204 })
  // As it comes from the disk.
  await sink.flush?.({ ...batch }, signal)
  expect(samplesIn(server.requests[1] as ReceivedRequest)).toEqual(
    samplesIn(server.requests[0] as ReceivedRequest),
  )
})

test('many samples are several requests, one after the other', async () => {
  sink = await remoteWriteSink({ samples_per_request: 30 })
  const names = Array.from({ length: 100 }, (_, index) => `metric${index}`)
  await sink.flush?.(gaugesOf(names), signal)
  expect(server.requests.flatMap(samplesIn)).toEqual(names.map((name, index) => `${name}{} ${index}@0`))
  expect(server.requests).toHaveLength(4)
})

test('a series whose time to live is over ends with a stale marker', async () => {
  sink = await remoteWriteSink({}, 'defaults: {ttl: 15s}')
  await sink.flush?.(hits(3), signal)
  await sink.flush?.({ ...gaugesOf(['up']), timestampMs: BATCH_TIME_MS + 20_000 }, signal)
  await sink.flush?.({ ...gaugesOf(['up']), timestampMs: BATCH_TIME_MS + 30_000 }, signal)
  const [, ending, after] = server.requests.map(samplesIn)
  expect(ending).toContain('hits{code=200} NaN@20')
  expect(ending).toContain('took_count{} NaN@20')
  expect(after).toEqual(['up{} 0@30'])
  const bytes = decodeSnappy((server.requests[1] as ReceivedRequest).body, 10_000_000) as Uint8Array
  expect(Buffer.from(bytes).includes(Buffer.from('020000000000f07f', 'hex'))).toBe(true)
})

test('points with their own times are written with them', async () => {
  await sink.points?.(pointBatchOf(['a.b;host=x', 'c']), signal)
  expect(server.requests.flatMap(samplesIn)).toEqual(['a_b{host=x} 0@0', 'c{} 1@0.25'])
})

test('names of any kind are labels that are in order', async () => {
  await sink.flush?.(gaugesOf(HOSTILE_NAMES), signal)
  await sink.points?.(pointBatchOf(HOSTILE_NAMES), signal)
  expect(server.requests.flatMap(samplesIn).length).toBeGreaterThan(HOSTILE_NAMES.length)
})

describe('what lets it in', () => {
  test.each([
    [{ token: 'abc' }, 'Bearer abc'],
    [{ username: 'u', password: 'p' }, 'Basic dTpw'],
    [{ headers: { authorization: 'own' } }, 'own'],
  ])('%j', async (options, authorization) => {
    sink = await remoteWriteSink(options)
    await sink.flush?.(hits(1), signal)
    expect(server.requests[0]?.headers.authorization).toBe(authorization)
  })
})
