import { Client, credentials, status } from '@grpc/grpc-js'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../src/lib/clock.ts'
import type { FlushBatch } from '../src/model/flush-batch.ts'
import { otlpSink } from '../src/sinks/otlp.ts'
import { createSink } from '../src/sinks/create-sink.ts'
import { flushBatchOf } from '../src/sinks/testdata/batches.ts'
import { KeptLetters, testContext } from '../src/sinks/testdata/sink-context.ts'
import { cleanUp, KymoProcess, until } from './harness/kymo.ts'

// What the sink sends, and what applications do, a whole Kymo takes in, and gives back by /render.
let kymo: KymoProcess

beforeAll(async () => {
  kymo = await KymoProcess.start({ env: { KYMO_OTLP_GRPC_PORT: '0' } })
})
afterAll(cleanUp)

const grpcUrl = (): string => `http://127.0.0.1:${kymo.port('otlp')}`
const { signal } = new AbortController()
const END_MS = Math.floor(Date.now() / 10_000) * 10_000

function batchOf(prefix: string): FlushBatch {
  const batch = flushBatchOf(
    [
      { metricKey: `${prefix}.hits;env=prod`, type: 'counter', statistic: 'count', value: 12 },
      { metricKey: `${prefix}.load`, type: 'gauge', statistic: 'value', value: -0.25 },
      { metricKey: `${prefix}.time`, type: 'timer', statistic: 'count', value: 3 },
      { metricKey: `${prefix}.users`, type: 'set', statistic: 'count', value: 2 },
    ],
    END_MS,
  )
  const values = Float64Array.of(5, 1, 9)
  return {
    ...batch,
    details: { timers: [{ metricKey: `${prefix}.time`, kind: 'timing', values }], sets: [] },
  }
}

test.each([
  ['pb', { protocol: 'http/protobuf', temporality: 'delta' }, 'stats.counters.pb.hits.count'],
  ['js', { protocol: 'http/json', temporality: 'cumulative' }, 'js.hits'],
  ['grpc', { protocol: 'grpc', temporality: 'delta' }, 'stats.counters.grpc.hits.count'],
  ['plain', { protocol: 'grpc', compression: 'none' }, 'stats.counters.plain.hits.count'],
])('%s', async (prefix, options, counter) => {
  const letters = new KeptLetters()
  const url = 'protocol' in options && options.protocol === 'grpc' ? grpcUrl() : kymo.url('')
  const parsed = otlpSink.options.parse({ type: 'otlp', url, ...options })
  const sink = await createSink(
    { ...parsed, name: 'otlp' },
    testContext({ clock: systemClock, deadLetters: letters }),
  )
  const batch = batchOf(prefix)
  expect(await sink.flush?.(batch, signal)).toMatchObject({ refusedPoints: 0 })
  expect(letters.letters).toEqual([])
  await sink.close()

  const tags = ';service.name=kymo'
  const wanted: [target: string, value: number][] = [
    [`${counter};env=prod${tags}`, 12],
    [`${prefix}.load${tags}`, -0.25],
    [`${prefix}.users${tags}`, 2],
    [`${prefix}.time.count${tags}`, 3],
    [`${prefix}.time.sum${tags}`, 15],
    [`${prefix}.time.min${tags}`, 1],
    [`${prefix}.time.max${tags}`, 9],
  ]
  for (const [target, value] of wanted) {
    await until(`${target} is there`, async () => (await kymo.values(target)).length > 0)
    expect(await kymo.values(target), target).toEqual([value])
  }
})

// OpenTelemetry's own exporter, which speaks by gRPC's own client.
test.each([
  ['delta', AggregationTemporality.DELTA, 'stats.counters.sdk_delta.hits.count'],
  ['cumulative', AggregationTemporality.CUMULATIVE, 'sdk_cumulative.hits'],
])('an application with the SDK of OpenTelemetry, %s', async (name, temporality, counter) => {
  const exporter = new OTLPMetricExporter({
    url: grpcUrl(),
    temporalityPreference: temporality,
    compression: name === 'delta' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
  })
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 1 }),
    readers: [reader],
  })
  const meter = provider.getMeter('test')
  const prefix = `sdk_${name}`
  meter.createCounter(`${prefix}.hits`).add(12, { env: 'prod' })
  meter.createGauge(`${prefix}.load`).record(-0.25)
  const time = meter.createHistogram(`${prefix}.time`)
  for (const value of [5, 1, 9]) time.record(value)
  await provider.forceFlush()
  await provider.shutdown()

  const tags = ';service.name=shop'
  const wanted: [target: string, value: number][] = [
    [`${counter};env=prod${tags}`, 12],
    [`${prefix}.load${tags}`, -0.25],
    [`${prefix}.time.count${tags}`, 3],
    [`${prefix}.time.sum${tags}`, 15],
    [`${prefix}.time.max${tags}`, 9],
  ]
  for (const [target, value] of wanted)
    await expect.poll(async () => (await kymo.values(target)).at(0), { message: target }).toBe(value)
})

test('what is not taken in is told to a client of gRPC in its own words', async () => {
  const client = new Client(new URL(grpcUrl()).host, credentials.createInsecure())
  const ask = async (path: string, message: Buffer): Promise<unknown> =>
    await new Promise((resolve) => {
      const same = (bytes: Buffer): Buffer => bytes
      client.makeUnaryRequest(path, same, same, message, (error, answer) =>
        resolve(error === null ? answer : [error.code, error.details]),
      )
    })
  const metrics = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'
  const traces = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  expect(await ask(metrics, Buffer.alloc(0))).toEqual(Buffer.alloc(0))
  expect(await ask(traces, Buffer.alloc(0))).toEqual([status.UNIMPLEMENTED, expect.stringContaining(traces)])
  expect(await ask(metrics, Buffer.from('no message'))).toEqual([
    status.INVALID_ARGUMENT,
    expect.stringContaining('ExportMetricsServiceRequest'),
  ])
  expect(await ask(metrics, Buffer.alloc(9 * 1024 * 1024))).toEqual([
    status.RESOURCE_EXHAUSTED,
    expect.stringContaining('8388608'),
  ])
  expect(await ask(metrics, Buffer.alloc(0))).toEqual(Buffer.alloc(0))
  client.close()
})

test('what is refused is counted on both sides, and the rest is kept', async () => {
  const letters = new KeptLetters()
  const parsed = otlpSink.options.parse({ type: 'otlp', url: kymo.url('') })
  const sink = await createSink(
    { ...parsed, name: 'otlp' },
    testContext({ clock: systemClock, deadLetters: letters }),
  )
  const batch = flushBatchOf(
    [
      { metricKey: 'good', type: 'gauge', statistic: 'value', value: 1 },
      { metricKey: 'bad', type: 'gauge', statistic: 'value', value: Number.POSITIVE_INFINITY },
    ],
    END_MS,
  )
  expect(await sink.flush?.(batch, signal)).toMatchObject({ refusedPoints: 1 })
  await sink.close()
  expect(letters.letters).toEqual([
    { reason: 'data point 2: bad_number in "bad"', item: { rejected: 1, of: 2 } },
  ])
  await until('it is there', async () => (await kymo.values('good;service.name=kymo')).length > 0)
  const shown = await kymo.json<{ lines: { rejectedByReason: Record<string, number> } }>('/api/status')
  expect(shown.lines.rejectedByReason).toMatchObject({ bad_number: 1 })
})
