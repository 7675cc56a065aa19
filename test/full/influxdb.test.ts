import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { influxdbSink } from '../../src/sinks/influxdb.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import {
  BATCH_TIME_MS,
  eventsOf,
  gaugesOf,
  HOSTILE_NAMES,
  pointBatchOf,
  TUTORIAL_BATCH,
} from '../../src/sinks/testdata/batches.ts'
import { KeptLetters, testContext } from '../../src/sinks/testdata/sink-context.ts'
import { hasInfluxd, Influxd } from '../harness/influxd.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'
import { hasVictoriaMetrics, VictoriaMetrics } from '../harness/victoria-metrics.ts'

// What a real InfluxDB 1 has of what it was sent, and a VictoriaMetrics, which takes InfluxDB 2's API.
const why = hasInfluxd ? '' : ' (skipped: no influxd)'
const { signal } = new AbortController()

afterAll(cleanUp)

describe.skipIf(!hasInfluxd)(`InfluxDB 1${why}`, () => {
  let influxd: Influxd
  let letters: KeptLetters

  beforeAll(async () => {
    influxd = await Influxd.start()
  })

  afterAll(() => influxd?.kill())

  beforeEach(async () => {
    letters = new KeptLetters()
    await influxd.query('DROP DATABASE kymo')
    await influxd.query('CREATE DATABASE kymo')
  })

  function sinkOf(options: object = {}): Promise<Sink> {
    const parsed = influxdbSink.options.parse({ type: 'influxdb', version: 1, url: influxd.url, ...options })
    return influxdbSink.create(parsed, testContext({ clock: systemClock, deadLetters: letters }))
  }

  async function countFields(): Promise<number> {
    const tables = await influxd.query('SELECT * FROM /.*/')
    const tagKeys = new Map<string, Set<unknown>>()
    for (const { name, values } of await influxd.query('SHOW TAG KEYS'))
      tagKeys.set(name, new Set(values.map(([key]) => key)))
    let count = 0
    for (const { name, columns, values } of tables)
      for (const row of values)
        for (const [index, cell] of row.entries())
          if (index > 0 && cell !== null && tagKeys.get(name)?.has(columns[index]) !== true) count += 1
    return count
  }

  test('has every statistic as a field, at its time', async () => {
    const sink = await sinkOf()
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['site.visits;page=a b', 'site.visits;page=c']), signal)
    expect(await influxd.query('SELECT * FROM counter')).toEqual([
      {
        name: 'counter',
        columns: ['time', 'count', 'metric_type', 'rate'],
        values: [[BATCH_TIME_MS, 10, 'counter', 1]],
      },
    ])
    expect(await influxd.query('SELECT * FROM timer')).toEqual([
      {
        name: 'timer',
        columns: ['time', 'count', 'env', 'mean_top10', 'metric_type', 'upper', 'upper_99_9'],
        values: [[BATCH_TIME_MS, 5, 'prod', 3.5, 'timer', 4, 4]],
      },
    ])
    expect(await influxd.query('SELECT value FROM "site.visits" GROUP BY page')).toMatchObject([
      { tags: { page: 'a b' }, values: [[BATCH_TIME_MS, 0]] },
      { tags: { page: 'c' }, values: [[BATCH_TIME_MS + 250, 1]] },
    ])
    await sink.close()
  })

  test.each(['ns', 'us', 'ms', 's'])('has the right time if it is given in %s', async (precision) => {
    const sink = await sinkOf({ precision })
    await sink.points?.(pointBatchOf(['a', 'a', 'a']), signal)
    const [table] = await influxd.query('SELECT value FROM a')
    const times = table?.values.map(([time]) => time)
    expect(times).toEqual(precision === 's' ? [BATCH_TIME_MS] : [0, 250, 500].map((ms) => BATCH_TIME_MS + ms))
    await sink.close()
  })

  test('has every point of hostile names', async () => {
    const sink = await sinkOf()
    expect(await sink.flush?.(gaugesOf(HOSTILE_NAMES), signal)).toMatchObject({ refusedPoints: 0 })
    expect(await countFields()).toBe(HOSTILE_NAMES.length)
    const names = (await influxd.query('SHOW MEASUREMENTS'))[0]?.values.map(([name]) => name)
    for (const name of ['a b', '"quoted"_', '__proto__', ' ', 'a_b 1 1_c', 'emoji\u{1f600}', 'tagged'])
      expect(names).toContain(name)
    await sink.close()
  })

  test('has every event, those of one millisecond too', async () => {
    const sink = await sinkOf()
    const events = [...HOSTILE_NAMES, 'time', 'kind'].map((title) => ({
      ...eventsOf([title])[0]!,
      tags: [
        ['env', 'prod'],
        ['title', 'x'],
        ['time', 'y'],
      ] as const,
    }))
    expect(await sink.events?.(events, signal)).toMatchObject({ refusedPoints: 0 })
    const [table] = await influxd.query('SELECT title, text FROM events')
    const titles = table?.values.map(([, title]) => title)
    expect(titles?.toSorted()).toEqual(
      events.map(({ title }) => title.replace(/\r?\n/g, '\\n').toWellFormed()).toSorted(),
    )
    await sink.close()
  })

  test('takes all but what it refuses, and what it refuses is told', async () => {
    // In the shard of the same week: types are agreed upon by shard.
    const line = `taken,metric_type=gauge value="a text" ${BATCH_TIME_MS - 1}`
    await fetch(`${influxd.url}/write?db=kymo&precision=ms`, { method: 'POST', body: line })
    const sink = await sinkOf()
    const names = Array.from({ length: 200 }, (_, index) => `good${index}`)
    names[99] = 'taken'
    expect(await sink.flush?.(gaugesOf(names), signal)).toMatchObject({ refusedPoints: 1 })
    expect(letters.letters).toMatchObject([
      { reason: expect.stringContaining('field type conflict'), item: { metric: 'taken' } },
    ])
    // A query of fields of two types at once gives those of one.
    expect(await countFields()).toBe(199)
    expect(await influxd.query('SELECT value FROM taken')).toMatchObject([
      { values: [[BATCH_TIME_MS - 1, 'a text']] },
    ])
    await sink.close()
  })

  test('waits for a database that is not there', async () => {
    const sink = await sinkOf({ database: 'nowhere' })
    const sending = Promise.resolve(sink.flush?.(gaugesOf(['a']), signal))
    await expect(sending).rejects.toMatchObject({ code: 'sink-denied', isRetryable: true })
    await sink.close()
  })

  test('gets what a Kymo is sent', async () => {
    const sinks = [{ type: 'influxdb', version: 1, url: influxd.url }]
    const kymo = await KymoProcess.start({ env: { KYMO_SINKS: JSON.stringify(sinks) }, flushInterval: '1s' })
    await kymo.udp('api.hits:3|c|#env:prod\napi.time:5|ms\napi.time:7|ms\n_e{6,4}:deploy|text|#env:prod')
    await kymo.udp(`site.visits;page=a 17 ${Math.floor(Date.now() / 1000)}`, 'graphite')
    await kymo.received(5)
    await kymo.flush()
    for (const name of ['api.hits', 'api.time', 'site.visits', 'events'])
      await until(`${name} is there`, async () => (await influxd.query(`SELECT * FROM "${name}"`)).length > 0)
    expect(await influxd.query('SELECT sum("count") FROM "api.hits" GROUP BY env')).toMatchObject([
      { tags: { env: 'prod' }, values: [[0, 3]] },
    ])
    expect(await influxd.query('SELECT max("upper"), sum("sum") FROM "api.time"')).toMatchObject([
      { values: [[0, 7, 12]] },
    ])
    expect(await influxd.query('SELECT value FROM "site.visits"')).toMatchObject([
      { values: [[expect.any(Number), 17]] },
    ])
    expect(await influxd.query('SELECT title, text FROM events')).toMatchObject([
      { values: [[expect.any(Number), 'deploy', 'text']] },
    ])
    expect(await kymo.end()).toBe(0)
  })
})

const whyNot = hasVictoriaMetrics ? '' : ' (skipped: no victoria-metrics)'

describe.skipIf(!hasVictoriaMetrics)(`VictoriaMetrics, as version 2${whyNot}`, () => {
  let victoria: VictoriaMetrics

  beforeAll(async () => {
    victoria = await VictoriaMetrics.start()
  })

  afterAll(() => victoria?.kill())

  test('has every statistic, at its time, of hostile names too', async () => {
    const parsed = influxdbSink.options.parse({ type: 'influxdb', url: victoria.url })
    const sink = await influxdbSink.create(parsed, testContext({ clock: systemClock }))
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['site.visits;page=a b', 'site.visits;page=a b']), signal)
    expect(await victoria.export('{__name__=~"timer_upper.*"}')).toMatchObject([
      { metric: { __name__: 'timer_upper', env: 'prod' }, values: [4], timestamps: [BATCH_TIME_MS] },
      { metric: { __name__: 'timer_upper_99_9', env: 'prod' }, values: [4], timestamps: [BATCH_TIME_MS] },
    ])
    expect(await victoria.export('{__name__="site.visits_value"}')).toMatchObject([
      { metric: { page: 'a b' }, values: [0, 1], timestamps: [BATCH_TIME_MS, BATCH_TIME_MS + 250] },
    ])
    await sink.flush?.(gaugesOf(HOSTILE_NAMES), signal)
    expect(await victoria.export('{__name__=~".*_value",metric_type="gauge"}')).toHaveLength(
      HOSTILE_NAMES.length + 1,
    )
    await sink.close()
  })
})
