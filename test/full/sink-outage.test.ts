import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { gaugesOf } from '../../src/sinks/testdata/batches.ts'
import { LineServer } from '../../src/sinks/testdata/line-server.ts'
import { testContext } from '../../src/sinks/testdata/sink-context.ts'
import { createDelivery, type DeliveryOptions } from '../../src/sinks/delivery/delivery.ts'
import { SinkStorage } from '../../src/sinks/delivery/sink-storage.ts'
import { createSink } from '../../src/sinks/create-sink.ts'
import { sinkOptions } from '../../src/sinks/options.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics } from '../../src/telemetry/own-metrics.ts'
import { freePort } from '../harness/free-port.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

// A Graphite that is away for long: what it finds when it is back, what becomes of other sinks meanwhile, and of memory.

afterAll(cleanUp)

/** Takes lines, keeps none, and looks whether their times go forwards. */
class OrderWatch {
  readonly #server: Server
  lines = 0
  backwards = 0
  #lastTime = 0

  static async start(port: number): Promise<OrderWatch> {
    const server = createServer()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new OrderWatch(server)
  }

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      let rest = ''
      socket.on('data', (chunk) => {
        for (const byte of chunk) if (byte === 10) this.lines += 1
        const text = rest + chunk.toString('latin1')
        const end = text.lastIndexOf('\n')
        rest = text.slice(end + 1)
        // The last whole line of what came is enough: a flush is many times longer.
        const line = text.slice(text.lastIndexOf('\n', end - 1) + 1, Math.max(0, end))
        const time = Number(line.split(' ')[2] ?? 0)
        if (time < this.#lastTime) this.backwards += 1
        this.#lastTime = time
      })
      socket.on('error', () => {})
    })
  }

  async stop(): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }
}

describe('an hour without Graphite at 10,000 points a second', () => {
  const FLUSHES = 360
  const POINTS = 100_000
  const START_MS = 1_700_000_000_000

  test('is all there afterwards, in order, in flat memory, and another sink has not noticed', async () => {
    const path = temporaryDirectory()
    const port = await freePort()
    const layout = layoutOwnMetrics({ listener: [], sink: ['graphite', 'other'], thread: [] })
    const metrics = new OwnMetrics(layout, allocateOwnMetrics(layout))
    const storage = await SinkStorage.open({
      path,
      clock: systemClock,
      log: silentLog,
      lack: () => undefined,
    })
    const options = sinkOptions.parse({ type: 'graphite', host: '127.0.0.1', port })
    const own: Omit<DeliveryOptions, 'type'> = {
      queuePoints: options.queue_points,
      spoolBytes: options.spool_bytes,
      storage: Promise.resolve(storage),
      clock: systemClock,
      log: silentLog,
      metrics,
      random: Math.random,
      backoff: { initialMs: 100, maximumMs: 1_000 },
    }
    const graphite = createDelivery(await createSink(options, testContext({ clock: systemClock })), {
      ...own,
      type: 'graphite',
    })
    let otherPoints = 0
    const otherSink: Sink = {
      name: 'other',
      flush: ({ series }) => void (otherPoints += series.length),
      close: () => Promise.resolve(),
    }
    const other = createDelivery(otherSink, { ...own, type: 'other' })
    const batch = gaugesOf(Array.from({ length: POINTS }, (_, index) => `outage.m${index}`))

    let earlyBytes = 0
    for (let flush = 1; flush <= FLUSHES; flush++) {
      const values = Float64Array.from(
        { length: POINTS },
        (_, index) => Math.round(Math.sin(index * flush) * 1e4) / 100,
      )
      const { series } = batch
      for (const delivery of [graphite, other])
        delivery.flush({ ...batch, series, values, timestampMs: START_MS + flush * 10_000 })
      await new Promise((resolve) => setImmediate(resolve))
      expect(other.status().queuedPoints).toBeLessThanOrEqual(2 * POINTS)
      if (flush === 60) earlyBytes = process.memoryUsage.rss()
    }
    const { queuedPoints, spoolBytes, state } = graphite.status()
    expect({ queuedPoints, state }).toEqual({ queuedPoints: FLUSHES * POINTS, state: 'retrying' })
    expect(spoolBytes).toBeLessThan(10 * FLUSHES * POINTS)
    expect(process.memoryUsage.rss() - earlyBytes).toBeLessThan(200_000_000)
    expect(otherPoints).toBe(FLUSHES * POINTS)

    const receiver = await OrderWatch.start(port)
    let drainingBytes = 0
    const isDelivered = () => {
      const { sentPoints } = graphite.status()
      if (sentPoints < (FLUSHES * POINTS) / 3) drainingBytes = process.memoryUsage.rss()
      return sentPoints === FLUSHES * POINTS
    }
    await until('all is delivered', isDelivered, 900_000)
    // Text is thrown away as fast as it is made, by both ends in one process: it is as much at the end as it was at first.
    expect(process.memoryUsage.rss() - drainingBytes).toBeLessThan(200_000_000)
    await graphite.drain(10_000)
    await other.drain(10_000)
    await until('all has arrived', () => receiver.lines >= FLUSHES * POINTS, 60_000)
    expect([receiver.lines, receiver.backwards]).toEqual([FLUSHES * POINTS, 0])
    expect(graphite.status()).toMatchObject({ sentPoints: FLUSHES * POINTS, droppedPoints: 0, spoolBytes: 0 })
    storage.close()
    await receiver.stop()
  }, 1_200_000)
})

describe('a Kymo whose Graphite is away', () => {
  const METRICS = 100

  interface SinkReport {
    readonly sinks: readonly {
      readonly name: string
      readonly state: string
      readonly queuedPoints: number
      readonly spoolBytes: number
    }[]
  }

  test('has all that was in the spool after kill -9 and after a stop, and sends it in order', async () => {
    const data = temporaryDirectory()
    const awayPort = await freePort()
    const present = await LineServer.start()
    const sinks = [
      { type: 'graphite', name: 'away', host: '127.0.0.1', port: awayPort, queue_points: METRICS },
      { type: 'graphite', name: 'present', host: '127.0.0.1', port: present.port },
    ].map((sink) => ({ ...sink, include: ['stats.gauges.outage.*'] }))
    const env = { KYMO_SINKS: JSON.stringify(sinks) }
    const away = async (kymo: KymoProcess) => {
      const { sinks: all } = await kymo.json<SinkReport>('/api/status')
      const status = all.find(({ name }) => name === 'away')
      if (status === undefined) throw new Error('there is no such sink')
      return status
    }
    /** Lets the gauges be flushed so many times more. */
    const runFor = async (kymo: KymoProcess, flushes: number) => {
      await kymo.udp(Array.from({ length: METRICS }, (_, index) => `outage.m${index}:${index}|g`).join('\n'))
      const before = (await away(kymo)).queuedPoints
      await until(
        `${flushes} flushes wait`,
        async () => (await away(kymo)).queuedPoints >= before + flushes * METRICS,
        60_000,
      )
    }

    const first = await KymoProcess.start({ data, env })
    await runFor(first, 4)
    expect(await away(first)).toMatchObject({ state: 'retrying' })
    expect((await away(first)).spoolBytes).toBeGreaterThan(0)
    const deep = await fetch(first.url('/ready?deep'))
    expect([deep.status, ((await deep.json()) as SinkReport).sinks.map(({ state }) => state)]).toEqual([
      503,
      ['retrying', 'ok'],
    ])
    await first.end('SIGKILL')

    const second = await KymoProcess.start({ data, env })
    await runFor(second, 3)
    expect(await second.end('SIGTERM')).toBe(0)

    const third = await KymoProcess.start({ data, env })
    await runFor(third, 2)
    const receiver = await LineServer.start(awayPort)
    await until('all is sent', async () => (await away(third)).queuedPoints === 0, 60_000)
    await until('the deep check is content', async () => (await fetch(third.url('/ready?deep'))).ok, 30_000)
    expect(await third.end('SIGTERM')).toBe(0)

    const timesOf = (server: LineServer) => server.lines.map((line) => Number(line.split(' ')[2]))
    const sent = timesOf(receiver)
    expect(sent).toEqual(sent.toSorted((a, b) => a - b))
    const wanted = new Set(timesOf(present))
    // The oldest flush was in memory when the process was killed, and is all that is lost with it.
    const [oldest, ...others] = [...wanted].toSorted((a, b) => a - b)
    expect(sent).not.toContain(oldest)
    for (const time of others) expect(sent.filter((one) => one === time)).toHaveLength(METRICS)
    // One flush may have been in the spool, and not yet on its way to the other, when the process was killed.
    expect(new Set(sent).size - others.length).toBeLessThanOrEqual(1)
    await receiver.kill()
    await present.kill()
  }, 300_000)
})
