import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../src/lib/clock.ts'
import type { FlushBatch } from '../src/model/flush-batch.ts'
import { otlpOptions } from '../src/sinks/otlp-options.ts'
import { createSink } from '../src/sinks/index.ts'
import { flushBatchOf } from '../src/sinks/testdata/batches.ts'
import { KeptLetters, testContext } from '../src/sinks/testdata/sink-context.ts'
import { cleanUp, KymoProcess, until } from './harness/kymo.ts'

// What the sink sends, a whole Kymo takes in, and gives back by /render.
let kymo: KymoProcess

beforeAll(async () => {
  kymo = await KymoProcess.start()
})
afterAll(cleanUp)

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
])('%s', async (prefix, options, counter) => {
  const letters = new KeptLetters()
  const parsed = otlpOptions.parse({ type: 'otlp', url: kymo.url(''), ...options })
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

test('what is refused is counted on both sides, and the rest is kept', async () => {
  const letters = new KeptLetters()
  const parsed = otlpOptions.parse({ type: 'otlp', url: kymo.url('') })
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
  const status = await kymo.json<{ lines: { rejectedByReason: Record<string, number> } }>('/api/status')
  expect(status.lines.rejectedByReason).toMatchObject({ bad_number: 1 })
})
