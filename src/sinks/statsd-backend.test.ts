import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import type { BackendStat } from '../model/backend-stat.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import { createLineLog } from '../telemetry/log.ts'
import type { IsolatedModule } from './isolated/isolated-module.ts'
import { statsdBackendSink } from './statsd-backend.ts'
import { BATCH_TIME_MS, flushBatchOf, gaugesOf } from './testdata/batches.ts'
import { testContext } from './testdata/sink-context.ts'

const signal = new AbortController().signal
const place = mkdtempSync(join(tmpdir(), 'kymo-backend-'))
afterAll(() => rmSync(place, { recursive: true }))
let files = 0
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function createBackend(module: string, config: object, own: object = {}) {
  const lines: Record<string, unknown>[] = []
  const said: BackendStat[] = []
  const options = { type: 'statsd-backend', module, directory: import.meta.dirname, config, ...own }
  const sink = (await statsdBackendSink.create(
    statsdBackendSink.options.parse(options),
    testContext({
      clock: systemClock,
      meter: {
        lostPackets() {},
        restarted() {},
        says: (stats) => void said.splice(0, said.length, ...stats),
      },
      log: createLineLog({
        level: 'info',
        write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
      }),
    }),
  )) as IsolatedModule
  ends.push(() => sink.close())
  return { sink, lines, said }
}

async function ownBackend(config: object = {}, own: object = {}) {
  const file = join(place, `heard-${files++}`)
  const heard = (): [event: string, given: Record<string, unknown>][] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as [string, Record<string, unknown>])
      : []
  return {
    ...(await createBackend('./testdata/modules/etsy-backend.cjs', { file, ...config }, own)),
    heard,
    file,
  }
}

/** One metric of each type, as etsy/statsd would flush it. */
const BATCH: FlushBatch = {
  ...flushBatchOf([
    { metricKey: 'c;env=a', type: 'counter', statistic: 'count', value: 5 },
    { metricKey: 'c;env=a', type: 'counter', statistic: 'rate', value: 0.5 },
    { metricKey: '__proto__', type: 'counter', statistic: 'count', value: 7 },
    { metricKey: 'g', type: 'gauge', statistic: 'value', value: -3 },
    { metricKey: 'statsd.processing_time', type: 'gauge', statistic: 'value', value: 2 },
    { metricKey: 'statsd.numStats', type: 'gauge', statistic: 'value', value: 9 },
    { metricKey: 'statsd.timestamp_lag', type: 'gauge', statistic: 'value', value: 0 },
    { metricKey: 't', type: 'timer', statistic: 'count', value: 4 },
    { metricKey: 't', type: 'timer', statistic: 'upper', percentile: 90, value: 3 },
    { metricKey: 't', type: 'timer', statistic: 'mean', value: 2 },
    { metricKey: 'idle', type: 'timer', statistic: 'count', value: 0 },
    { metricKey: 'many', type: 'timer', statistic: 'count', value: 1_000 },
    { metricKey: 's', type: 'set', statistic: 'count', value: 2 },
    { metricKey: 'crowd', type: 'set', statistic: 'count', value: 50_000 },
  ]),
  details: {
    timers: [
      { metricKey: 't', kind: 'timing', values: Float64Array.of(3, 1, 2), weights: Float64Array.of(2, 1, 1) },
      {
        metricKey: 'many',
        kind: 'timing',
        values: new Float64Array(0),
        sketch: {
          scale: 5,
          zeroCount: 0,
          positive: { offset: 0, counts: new Float64Array(0) },
          negative: { offset: 0, counts: new Float64Array(0) },
        } as never,
      },
    ],
    sets: [{ metricKey: 's', members: ['b', 'a'] }],
  },
}

describe('a backend of etsy/statsd', () => {
  test('is begun as there, with the configuration and what Node once had', async () => {
    const { sink, heard } = await ownBackend({ flushInterval: 5_000, debug: true })
    await sink.flush?.(gaugesOf([]), signal)
    const [event, given] = heard()[0] ?? []
    expect(event).toBe('init')
    expect(given).toMatchObject({ config: { flushInterval: 5_000, debug: true }, isArray: true })
    expect(Number(given?.['startupTime'])).toBeGreaterThan(1_700_000_000)
    expect(Number.isInteger(given?.['startupTime'])).toBe(true)
  })

  test('is given each flush as there, and says where values are missing', async () => {
    const { sink, heard, said } = await ownBackend({
      percentThreshold: [90, 99],
      histogram: [{ metric: '', bins: [10] }],
    })
    await sink.flush?.(BATCH, signal)
    await sink.flush?.({ ...BATCH, timestampMs: BATCH_TIME_MS + 10_000 }, signal)
    const wanted = {
      counters: { 'c;env=a': 5, ['__proto__']: 7 },
      counter_rates: { 'c;env=a': 0.5 },
      gauges: { g: -3, 'statsd.timestamp_lag': 0 },
      timers: { t: [1, 2, 3], many: [], idle: [] },
      timer_counters: { t: 4, many: 1_000, idle: 0 },
      timer_data: { t: { count: 4, upper_90: 3, mean: 2 }, idle: { count: 0 }, many: { count: 1_000 } },
      sets: {
        s: { size: 2, values: ['b', 'a'], hasA: true },
        crowd: { size: 50_000, values: [], hasA: false },
      },
      statsd_metrics: { processing_time: 2 },
      pctThreshold: [90, 99],
      histogram: [{ metric: '', bins: [10] }],
      summarized: { timers: ['many'], sets: ['crowd'] },
    }
    const time = BATCH_TIME_MS / 1_000
    expect(heard().slice(1)).toEqual([
      // What it did to the first is not seen in the second.
      ['flush', { time, metrics: wanted }],
      ['flush', { time: time + 10, metrics: wanted }],
    ])
    expect(said).toEqual([{ name: 'etsy-like', stat: 'flushes', value: 2 }])
  })

  test('is given packets where its sink says so', async () => {
    const { sink, heard } = await ownBackend({}, { packets: true })
    await sink.flush?.(gaugesOf([]), signal)
    const bytes = Buffer.from('a:1|cb:2|c\nc:3|g')
    const senders = [
      { address: '10.0.0.1', port: 5 },
      { address: '::1', port: 6 },
    ]
    sink.packets({ bytes, ends: Uint32Array.of(5, 16), senders })
    await sink.flush?.(gaugesOf([]), signal)
    expect(
      heard()
        .filter(([event]) => event === 'packet')
        .map(([, given]) => given),
    ).toEqual([
      { text: 'a:1|c', isBuffer: true, sender: { ...senders[0], family: 'IPv4', size: 5 } },
      { text: 'b:2|c\nc:3|g', isBuffer: true, sender: { ...senders[1], family: 'IPv6', size: 11 } },
    ])
  })

  test('that throws is not given the same again: nobody knows what it had sent', async () => {
    const { sink } = await ownBackend()
    const failing = flushBatchOf([{ metricKey: 'fail', type: 'gauge', statistic: 'value', value: 1 }])
    await expect(async () => sink.flush?.(failing, signal)).rejects.toMatchObject({ code: 'sink-refused' })
    await sink.flush?.(gaugesOf([]), signal)
  })

  test.each([
    ['./testdata/modules/etsy-backend.cjs', { isWrong: true }, 'its `init` says that something is wrong'],
    ['./testdata/modules/lines.mjs', {}, 'it exports no function `init`'],
  ])('%s that cannot be begun is told', async (module, config, reason) => {
    const { sink, lines } = await createBackend(module, config)
    await expect(async () => sink.flush?.(gaugesOf([]), signal)).rejects.toMatchObject({
      code: 'module-unloadable',
    })
    expect(lines[0]?.['problem']).toContain(reason)
  })
})

async function listen() {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body)
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => server.close())
  return { bodies, port: (server.address() as AddressInfo).port }
}

describe('backends from npm, unchanged', () => {
  test('statsd-influxdb-backend', async () => {
    const { bodies, port } = await listen()
    const influxdb = {
      version: 0.9,
      host: '127.0.0.1',
      port,
      database: 'd',
      proxy: { enable: true, flushInterval: 10 },
    }
    const { sink } = await createBackend(
      'statsd-influxdb-backend',
      { influxdb, prefixStats: 'statsd' },
      { packets: true },
    )
    await sink.flush?.(BATCH, signal)
    await expect.poll(() => bodies.length).toBeGreaterThan(0)
    const { points } = JSON.parse(bodies[0] ?? '') as {
      points: { measurement: string; fields: { value: unknown } }[]
    }
    const values = new Map(points.map(({ measurement, fields }) => [measurement, fields.value]))
    expect(values.get('c;env=a.counter')).toBe(5)
    expect(values.get('g.gauge')).toBe(-3)
    expect(values.get('t.timer.upper_90')).toBe(3)
    expect(values.get('s_count')).toBe(2)
    sink.packets({ bytes: Buffer.from('p:9|g'), ends: Uint32Array.of(5), senders: [] })
    await expect
      .poll(() => bodies.some((body) => body.includes('"p.gauge.raw","fields":{"value":9}')))
      .toBe(true)
  })

  test('statsd-elasticsearch-backend', async () => {
    const { bodies, port } = await listen()
    const { sink } = await createBackend('statsd-elasticsearch-backend', {
      elasticsearch: { host: '127.0.0.1', port },
    })
    await sink.flush?.(BATCH, signal)
    await expect.poll(() => bodies.length).toBe(1)
    const rows = (bodies[0] ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    // Each document has a line before it that says where it goes.
    const documents = rows.filter((_, index) => index % 2 === 1)
    expect(documents).toContainEqual(expect.objectContaining({ ns: 'g', val: -3 }))
    expect(documents.filter(({ ns, val }) => ns === 't' && val !== undefined).map(({ val }) => val)).toEqual([
      1, 2, 3,
    ])
  })
})
