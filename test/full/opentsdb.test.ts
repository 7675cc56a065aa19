import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { opentsdbSink } from '../../src/sinks/opentsdb.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import {
  BATCH_TIME_MS,
  gaugesOf,
  HOSTILE_NAMES,
  pointBatchOf,
  TUTORIAL_BATCH,
} from '../../src/sinks/testdata/batches.ts'
import { KeptLetters, testContext } from '../../src/sinks/testdata/sink-context.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'
import { hasVictoriaMetrics, VictoriaMetrics } from '../harness/victoria-metrics.ts'

// What a real VictoriaMetrics has of what it was sent as OpenTSDB is.
const why = hasVictoriaMetrics ? '' : ' (skipped: no victoria-metrics)'
const { signal } = new AbortController()

afterAll(cleanUp)

describe.skipIf(!hasVictoriaMetrics)(`VictoriaMetrics, as OpenTSDB${why}`, () => {
  let victoria: VictoriaMetrics
  let sink: Sink
  let letters: KeptLetters

  beforeAll(async () => {
    victoria = await VictoriaMetrics.start()
  })

  beforeEach(async () => {
    letters = new KeptLetters()
    const parsed = opentsdbSink.options.parse({ type: 'opentsdb', url: victoria.opentsdbUrl, host: 'web1' })
    sink = await opentsdbSink.create(parsed, testContext({ clock: systemClock, deadLetters: letters }))
  })

  afterEach(() => sink.close())

  afterAll(() => victoria?.kill())

  test('has every series, with its tags and its value, at its time', async () => {
    await sink.flush?.(TUTORIAL_BATCH, signal)
    const timestamps = [BATCH_TIME_MS]
    expect(await victoria.export('{__name__=~"stats.*"}')).toEqual(
      TUTORIAL_BATCH.series
        .map(({ key }, index) => {
          const [name = ''] = key.split(';')
          const tags = key.includes('env') ? { env: 'prod' } : { host: 'web1' }
          const metric = { __name__: name, ...tags }
          return { metric, values: [TUTORIAL_BATCH.values[index]], timestamps }
        })
        .toSorted((a, b) => (a.metric.__name__ < b.metric.__name__ ? -1 : 1)),
    )
  })

  test('has points at the times that they came with', async () => {
    await sink.points?.(pointBatchOf(['site.visits;page=/a b', 'site.visits;page=/a b', 'größe']), signal)
    expect(await victoria.export('{__name__="site.visits"}')).toEqual([
      {
        metric: { __name__: 'site.visits', page: '/a_b' },
        values: [0, 1],
        timestamps: [BATCH_TIME_MS, BATCH_TIME_MS + 250],
      },
    ])
    expect(await victoria.export('{__name__="größe"}')).toHaveLength(1)
  })

  test('has the digits of large and small numbers', async () => {
    const values = Float64Array.of(2 ** 53 - 1, -1e20, 1e300, 1.5e-9, 0.1, -0.25)
    const names = Array.from(values, (_, index) => `digits.m${index}`)
    await sink.flush?.({ ...gaugesOf(names), values }, signal)
    const stored = await victoria.export('{__name__=~"stats.gauges.digits.*"}')
    // It keeps decimals of limited length.
    for (const [index, { values: kept }] of stored.entries())
      expect((kept[0] as number) / (values[index] as number)).toBeCloseTo(1, 12)
    expect(stored).toHaveLength(values.length)
  })

  test('takes every hostile name, made harmless', async () => {
    expect(
      await sink.flush?.(gaugesOf(HOSTILE_NAMES.map((name) => `hostile.${name}`)), signal),
    ).toMatchObject({
      refusedPoints: 0,
    })
    const stored = await victoria.export('{__name__=~"stats.gauges.hostile.*"}')
    const names = stored.map(({ metric }) => metric['__name__'] ?? '')
    expect(names.filter((name) => !/^[\p{L}0-9\-_./]+$/u.test(name))).toEqual([])
    expect(names).toContain('stats.gauges.hostile.__proto__')
    expect(letters.letters).toEqual([])
  })

  test('is passed on to by a whole Kymo, all of a flush in many requests', async () => {
    const sinks = [{ type: 'opentsdb', url: victoria.opentsdbUrl }]
    const kymo = await KymoProcess.start({ env: { KYMO_SINKS: JSON.stringify(sinks) } })
    await kymo.udp(Array.from({ length: 500 }, (_, index) => `passed.m${index}:${index}|g`).join('\n'))
    await kymo.received(500)
    await kymo.flush()
    const arrived = async (): Promise<number> =>
      (await victoria.export('{__name__=~"stats.gauges.passed.*"}')).length
    await until('all has arrived', async () => (await arrived()) === 500)
    expect(await kymo.end()).toBe(0)
  })
})
