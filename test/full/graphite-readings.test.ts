import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { GraphiteServer } from '../harness/graphite-server.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

interface SinkStatus {
  readonly name: string
  readonly lastFlushMs: number | null
  readonly lastFailureMs: number | null
}

test('what sending to Graphite took is told in series and on the console, as etsy tells it', async () => {
  const graphite = await GraphiteServer.start()
  const kymo = await startWith(graphite.port)
  const startedSeconds = Math.round(Date.now() / 1_000)
  const status = async () => (await kymo.json<{ sinks: SinkStatus[] }>('/api/status')).sinks[0]

  // Before the first flush: the last one was the start, and there was no exception.
  const first = await stats(kymo)
  expect([...first.keys()]).toEqual([
    'graphite.last_flush',
    'graphite.last_exception',
    'graphite.flush_time',
    'graphite.flush_length',
    'graphite.sent_points',
    'graphite.queued_points',
    'graphite.dropped_points',
  ])
  expect(first.get('graphite.last_flush')).toBeLessThanOrEqual(10)
  // Seconds since 1970, as what never was was then.
  expect(first.get('graphite.last_exception')).toBeGreaterThanOrEqual(startedSeconds - 10)
  expect(first.get('graphite.flush_time')).toBe(0)
  expect(first.get('graphite.flush_length')).toBe(0)

  await kymo.flush()
  await until('all of the first flush is told of', async () => {
    const told = (await stats(kymo)).get('graphite.flush_length')
    return graphite.receivedBytes > 0 && told === graphite.receivedBytes
  })
  const sentBytes = graphite.receivedBytes

  // Nobody is there: the second flush fails, and tells of the first.
  await graphite.stop()
  await kymo.flush()
  await until('the second flush has failed', async () => (await status())?.lastFailureMs !== null)
  await kymo.flush()
  const own = async (name: string) => {
    const [series] = await kymo.render(`stats.statsd.graphiteStats.${name}`, '-1d', '+5d')
    return (series?.datapoints ?? []).map(([value]) => value).filter((value) => value !== null)
  }
  expect(await own('flush_length')).toEqual([0, sentBytes, sentBytes])
  const [beforeAny = 0, ofFirst = 0, stillOfFirst] = await own('last_flush')
  expect(Math.abs(beforeAny - startedSeconds)).toBeLessThanOrEqual(10)
  expect(ofFirst).toBeGreaterThanOrEqual(beforeAny)
  expect(stillOfFirst).toBe(ofFirst)
  const [never, notYet, failed = 0] = await own('last_exception')
  expect([never, notYet]).toEqual([0, 0])
  expect(failed).toBeGreaterThanOrEqual(ofFirst)
  for (const name of ['flush_time', 'calculationtime'])
    expect((await own(name)).map(Number.isInteger)).toEqual([true, true, true])
  expect((await stats(kymo)).get('graphite.last_exception')).toBeLessThanOrEqual(60)
})

test('they go with the sinks of a reload: one that comes, points elsewhere, is called otherwise, and goes', async () => {
  const [first, second] = [await GraphiteServer.start(), await GraphiteServer.start()]
  const config = join(temporaryDirectory(), 'kymo.yaml')
  writeFileSync(config, '')
  const kymo = await KymoProcess.start({ flushInterval: '1d', args: [config] })
  const reload = async (sinks: string) => {
    writeFileSync(config, `sinks: [${sinks}]\n`)
    const { ok } = await fetch(kymo.url('/api/reload'), { method: 'POST' })
    expect(ok).toBe(true)
  }
  const flushTo = async (graphite: GraphiteServer, name: string) => {
    const before = graphite.receivedBytes
    await kymo.flush()
    await until(`${name} is told of`, async () => {
      const told = (await stats(kymo)).get(`${name}.flush_length`)
      return graphite.receivedBytes > before && told === graphite.receivedBytes - before
    })
    return graphite.receivedBytes - before
  }

  await kymo.flush()
  await reload(`{type: graphite, host: 127.0.0.1, port: ${first.port}}`)
  expect((await stats(kymo)).get('graphite.flush_length')).toBe(0)
  const firstBytes = await flushTo(first, 'graphite')
  await reload(`{type: graphite, host: 127.0.0.1, port: ${second.port}}`)
  const secondBytes = await flushTo(second, 'graphite')
  expect(first.receivedBytes).toBe(firstBytes)
  await kymo.flush()
  await reload(`{type: graphite, name: carbon, host: 127.0.0.1, port: ${second.port}}`)
  expect((await stats(kymo)).get('carbon.flush_length')).toBe(0)
  await flushTo(second, 'carbon')
  await reload('')
  expect([...(await stats(kymo)).keys()]).toEqual([])
  await kymo.flush()

  const [series] = await kymo.render('stats.statsd.graphiteStats.flush_length', '-1d', '+9d')
  const told = series?.datapoints.map(([value]) => value).filter((value) => value !== null)
  expect(told).toEqual([0, firstBytes, secondBytes, 0])
  for (const graphite of [first, second]) await graphite.stop()
})

test('without a Graphite there are no series about one', async () => {
  const kymo = await KymoProcess.start({ flushInterval: '1d', args: ['--stdout'] })
  await kymo.flush()
  const found = await kymo.json<{ text: string }[]>('/metrics/find?query=stats.statsd.*')
  expect(found.map(({ text }) => text)).toEqual(['numStats', 'processing_time'])
  expect([...(await stats(kymo)).keys()]).toEqual([
    'stdout.sent_points',
    'stdout.queued_points',
    'stdout.dropped_points',
  ])
})

function startWith(port: number): Promise<KymoProcess> {
  const config = join(temporaryDirectory(), 'kymo.yaml')
  writeFileSync(config, `sinks: [{type: graphite, host: 127.0.0.1, port: ${port}}]\n`)
  return KymoProcess.start({ flushInterval: '1d', args: [config] })
}

/** The lines of the console about sinks. */
async function stats(kymo: KymoProcess): Promise<ReadonlyMap<string, number>> {
  const answer = await kymo.tcp('stats\nquit\n', 'admin')
  const lines = [...answer.matchAll(/^(\w+\.\w+): (-?\d+)$/gm)]
  return new Map(
    lines
      .filter(([, name = '']) => !name.startsWith('messages.'))
      .map(([, name = '', value]) => [name, Number(value)]),
  )
}
