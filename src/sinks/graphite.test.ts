import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../test/harness/free-port.ts'
import { systemClock } from '../lib/clock.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import type { KymoError } from '../telemetry/errors.ts'
import { silentLog } from '../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics } from '../telemetry/own-metrics.ts'
import { createSink } from './create-sink.ts'
import { createDelivery } from './delivery/delivery.ts'
import { type PickledValue, unpickle } from '../formats/graphite-pickle/unpickle.ts'
import { graphiteSink } from './graphite.ts'
import { namedSinks, sinkOptions } from './options.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { BATCH_TIME_MS, flushBatchOf, gaugesOf, pointBatchOf, TUTORIAL_BATCH } from './testdata/batches.ts'
import { LineServer } from './testdata/line-server.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const signal = new AbortController().signal

function sinkAt(port: number, options: object = {}, clock = systemClock): Promise<Sink> {
  const parsed = graphiteSink.options.parse({ type: 'graphite', host: '127.0.0.1', port, ...options })
  return graphiteSink.create(parsed, testContext({ clock }))
}

sinkConformance('graphite', {
  async working() {
    const server = await LineServer.start()
    return {
      sink: await sinkAt(server.port),
      arrivedPoints: () => server.lines.length,
      release: () => server.kill(),
    }
  },
  async stalled() {
    const server = await LineServer.start(0, (socket) => socket.pause())
    return { sink: await sinkAt(server.port), arrivedPoints: () => 0, release: () => server.kill() }
  },
  async unreachable() {
    return { sink: await sinkAt(await freePort()), arrivedPoints: () => 0 }
  },
})

sinkConformance('graphite by pickle', {
  async working() {
    const server = await LineServer.start()
    return {
      sink: await sinkAt(server.port, { protocol: 'pickle' }),
      arrivedPoints: () => pickledPoints(server.content).length,
      release: () => server.kill(),
    }
  },
  async stalled() {
    const server = await LineServer.start(0, (socket) => socket.pause())
    const sink = await sinkAt(server.port, { protocol: 'pickle' })
    return { sink, arrivedPoints: () => 0, release: () => server.kill() }
  },
  async unreachable() {
    return { sink: await sinkAt(await freePort(), { protocol: 'pickle' }), arrivedPoints: () => 0 }
  },
})

/** Those of the messages that are there whole. */
function pickledPoints(content: Buffer): readonly PickledValue[] {
  const points: PickledValue[] = []
  for (let at = 0; at + 4 <= content.length; ) {
    const end = at + 4 + content.readUInt32BE(at)
    if (end > content.length) break
    const message = unpickle(content, at + 4, end)
    if (!Array.isArray(message)) throw new Error('a message is no pickled list')
    points.push(...(message as readonly PickledValue[]))
    at = end
  }
  return points
}

describe('the graphite sink', () => {
  let server: LineServer
  let sink: Sink

  beforeEach(async () => {
    server = await LineServer.start()
    sink = await sinkAt(server.port)
  })

  afterEach(async () => {
    await sink.close()
    await server.kill()
  })

  test('writes a line per series, with the tags as they are', async () => {
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['site.visits;page=a b']), signal)
    await expect
      .poll(() => server.lines)
      .toEqual([
        'stats.counters.counter.count 10 1700000000',
        'stats.counters.counter.rate 1 1700000000',
        'stats.timers.timer.count;env=prod 5 1700000000',
        'stats.timers.timer.upper;env=prod 4 1700000000',
        'stats.timers.timer.upper_99.9;env=prod 4 1700000000',
        'stats.timers.timer.mean_-10;env=prod 3.5 1700000000',
        'stats.gauges.gauge 4 1700000000',
        'site.visits;page=a_b 0 1700000000',
      ])
  })

  test('keeps one connection from flush to flush', async () => {
    for (let flush = 0; flush < 5; flush += 1) await sink.flush?.(TUTORIAL_BATCH, signal)
    await expect.poll(() => server.lines.length).toBe(5 * TUTORIAL_BATCH.series.length)
    expect(server.connectionCount).toBe(1)
  })

  test('says how many points it left out', async () => {
    const batch = flushBatchOf([
      { metricKey: 'a', type: 'gauge', statistic: 'value', value: Number.POSITIVE_INFINITY },
      { metricKey: 'b', type: 'gauge', statistic: 'value', value: 1 },
      { metricKey: 'x'.repeat(20_000), type: 'gauge', statistic: 'value', value: 1 },
    ])
    expect(await sink.flush?.(batch, signal)).toMatchObject({ refusedPoints: 2 })
    await expect.poll(() => server.lines).toEqual(['stats.gauges.b 1 1700000000'])
  })

  test('measures what it sent', async () => {
    const result = await sink.flush?.(gaugesOf(['größe', 'b']), signal)
    expect(result?.sending?.bytes).toBe(
      Buffer.byteLength('stats.gauges.größe 0 1700000000\nstats.gauges.b 1 1700000000\n'),
    )
    expect(result?.sending?.encodingMs).toBeGreaterThan(0)
    expect(result?.sending?.sendingMs).toBeGreaterThan(0)
  })

  test('connects again, without losing the batch, after the peer closed the idle connection', async () => {
    await sink.flush?.(gaugesOf(['before']), signal)
    await expect.poll(() => server.lines.length).toBe(1)
    server.endConnections()
    await expect.poll(() => server.openConnectionCount).toBe(0)
    await sink.flush?.(gaugesOf(['after']), signal)
    await expect
      .poll(() => server.lines)
      .toEqual(['stats.gauges.before 0 1700000000', 'stats.gauges.after 0 1700000000'])
    expect(server.connectionCount).toBe(2)
  })

  test('connects again, without losing the batch, when the reset has come but was not told yet', async () => {
    for (let flush = 0; flush < 20; flush += 1) {
      await sink.flush?.(gaugesOf(['a']), signal)
      await expect.poll(() => server.lines.length, { interval: 1 }).toBe(flush + 1)
      server.resetConnections()
    }
    expect(server.connectionCount).toBe(20)
  })

  test('connects again, without losing the batch, after the peer was killed and came back', async () => {
    await sink.flush?.(gaugesOf(['before']), signal)
    await expect.poll(() => server.lines.length).toBe(1)
    await server.kill()
    server = await LineServer.start(server.port)
    await sink.flush?.(gaugesOf(['after']), signal)
    await expect.poll(() => server.lines).toEqual(['stats.gauges.after 0 1700000000'])
  })

  test('delivers 200,000 points whole and in order', async () => {
    const names = Array.from({ length: 200_000 }, (_, index) => `load.web${index % 100}.requests.${index}`)
    await sink.flush?.(gaugesOf(names), signal)
    await expect.poll(() => server.text.endsWith('.199999 199999 1700000000\n')).toBe(true)
    const lines = server.lines
    expect(lines.length).toBe(200_000)
    expect(lines.every((line, index) => line === `stats.gauges.${names[index]} ${index} 1700000000`)).toBe(
      true,
    )
  })

  test('names the address and the reason of a failure', async () => {
    const port = await freePort()
    const lonely = await sinkAt(port, { name: 'backup' })
    await expect(async () => lonely.flush?.(TUTORIAL_BATCH, signal)).rejects.toThrow(
      `The sink "backup" cannot be reached at 127.0.0.1:${port}: connect ECONNREFUSED`,
    )
  })

  test('names every address that localhost stands for', async () => {
    const lonely = await sinkAt(await freePort(), { host: 'localhost' })
    await expect(async () => lonely.flush?.(TUTORIAL_BATCH, signal)).rejects.toThrow(/ECONNREFUSED \S+/)
  })

  test('rejects for a host that does not exist', async () => {
    const lost = await sinkAt(2003, { host: 'kymo-test.invalid', connect_timeout: '5s' })
    const error = await Promise.resolve(lost.flush?.(TUTORIAL_BATCH, signal)).catch(
      (thrown: unknown) => thrown,
    )
    expect((error as KymoError).code).toBe('sink-unreachable')
  })

  test('gives up on a peer that never reads, and starts with a whole line on the next connection', async () => {
    const names = Array.from({ length: 200_000 }, (_, index) => `stalled.with.a.name.of.some.length.${index}`)
    const stuck = await LineServer.start(0, (socket) => socket.pause())
    const patient = await sinkAt(stuck.port, { send_timeout: '200ms' })
    await expect(async () => patient.flush?.(gaugesOf(names), signal)).rejects.toThrow(
      'nothing taken within 0.2 s',
    )
    await stuck.kill()
    const recovered = await LineServer.start(stuck.port)
    await patient.flush?.(gaugesOf(['first']), signal)
    await expect.poll(() => recovered.text).toBe('stats.gauges.first 0 1700000000\n')
    await patient.close()
    await recovered.kill()
  })

  test('waits for a slow reader as long as it reads', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `slow.with.a.name.of.some.length.${index}`)
    const slow = await LineServer.start(0, (socket) => {
      socket.on('data', () => {
        socket.pause()
        setImmediate(() => socket.resume())
      })
    })
    const patient = await sinkAt(slow.port)
    await patient.flush?.(gaugesOf(names), signal)
    await expect.poll(() => slow.lines.length).toBe(100_000)
    await patient.close()
    await slow.kill()
  })

  test('is not disturbed by a peer that talks', async () => {
    const chatty = await LineServer.start(0, (socket) => socket.write('x'.repeat(100_000)))
    const patient = await sinkAt(chatty.port)
    for (let flush = 0; flush < 3; flush += 1) await patient.flush?.(TUTORIAL_BATCH, signal)
    await expect.poll(() => chatty.lines.length).toBe(3 * TUTORIAL_BATCH.series.length)
    await patient.close()
    await chatty.kill()
  })
})

describe('a graphite sink', () => {
  test('by pickle sends what its lines would say', async () => {
    const server = await LineServer.start()
    const sink = await sinkAt(server.port, { protocol: 'pickle' })
    await sink.flush?.(TUTORIAL_BATCH, signal)
    await sink.points?.(pointBatchOf(['site.visits;page=a b']), signal)
    await expect
      .poll(() => pickledPoints(server.content))
      .toEqual([
        ['stats.counters.counter.count', [1_700_000_000, 10]],
        ['stats.counters.counter.rate', [1_700_000_000, 1]],
        ['stats.timers.timer.count;env=prod', [1_700_000_000, 5]],
        ['stats.timers.timer.upper;env=prod', [1_700_000_000, 4]],
        ['stats.timers.timer.upper_99.9;env=prod', [1_700_000_000, 4]],
        ['stats.timers.timer.mean_-10;env=prod', [1_700_000_000, 3.5]],
        ['stats.gauges.gauge', [1_700_000_000, 4]],
        ['site.visits;page=a_b', [1_700_000_000, 0]],
      ])
    await sink.close()
    await server.kill()
  })

  test.each([
    ['flatten', 'stats.gauges.a.env.prod 0 1700000000'],
    ['drop', 'stats.gauges.a 0 1700000000'],
  ])('can %s tags', async (tag_form, line) => {
    const server = await LineServer.start()
    const sink = await sinkAt(server.port, { tag_form })
    await sink.flush?.(gaugesOf(['a;env=prod']), signal)
    await expect.poll(() => server.lines).toEqual([line])
    await sink.close()
    await server.kill()
  })

  test('keeps what it left out, for whoever looks for it', async () => {
    const server = await LineServer.start()
    const deadLetters = new KeptLetters()
    const options = graphiteSink.options.parse({ type: 'graphite', host: '127.0.0.1', port: server.port })
    const sink = await graphiteSink.create(options, testContext({ clock: systemClock, deadLetters }))
    const bad = {
      metricKey: 'a',
      type: 'gauge',
      statistic: 'value',
      value: Number.POSITIVE_INFINITY,
    } as const
    await sink.flush?.(flushBatchOf([bad]), signal)
    expect(new Set(deadLetters.codes)).toEqual(new Set(['sink-unfit']))
    expect(deadLetters.letters.map(({ item }) => item)).toEqual([
      { key: 'stats.gauges.a', value: 'Infinity', timeMs: BATCH_TIME_MS },
    ])
    await sink.close()
    await server.kill()
  })

  test.each([1, 2, 3])('of three destinations, with %d copies, takes its own share', async (copies) => {
    const options = {
      type: 'graphite',
      destinations: ['127.0.0.1:1:a', '127.0.0.2:1:b', '[::1]:1'],
      replication_factor: copies,
    }
    const sinks = await Promise.all(
      namedSinks(sinkOptions.parse(options)).map((named) => createSink(named, testContext())),
    )
    expect(sinks.map(({ name }) => name)).toEqual(['graphite-1', 'graphite-2', 'graphite-3'])
    const { series } = gaugesOf(Array.from({ length: 300 }, (_, index) => `web${index}.load`))
    const shares = sinks.map((sink) => series.filter((identity) => sink.takes?.(identity) === true).length)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(300 * copies)
    for (const share of shares) expect(share).toBeGreaterThan(50 * copies)
  })
})

describe('the graphite sink under delivery', () => {
  const layout = layoutOwnMetrics({ listener: [], sink: ['graphite'], thread: [] })
  let clock: FakeClock

  beforeEach(() => {
    clock = new FakeClock()
  })

  async function deliveryTo(port: number) {
    return createDelivery(await sinkAt(port, {}, clock), {
      type: 'graphite',
      queuePoints: 1_000_000,
      clock,
      log: silentLog,
      metrics: new OwnMetrics(layout, allocateOwnMetrics(layout)),
      random: () => 0.5,
    })
  }

  test('delivers every flush, in order and once, when the server comes up later', async () => {
    const port = await freePort()
    const delivery = await deliveryTo(port)
    for (let flush = 0; flush < 3; flush += 1) delivery.flush(gaugesOf(['a'], BATCH_TIME_MS + flush * 10_000))
    await expect.poll(() => delivery.status().lastError).toContain('ECONNREFUSED')
    expect(delivery.status()).toMatchObject({ queuedPoints: 3, sentPoints: 0, droppedPoints: 0 })

    const server = await LineServer.start(port)
    clock.advance(1_000)
    await expect
      .poll(() => server.lines)
      .toEqual(['stats.gauges.a 0 1700000000', 'stats.gauges.a 0 1700000010', 'stats.gauges.a 0 1700000020'])
    await expect
      .poll(() => delivery.status())
      .toMatchObject({ queuedPoints: 0, sentPoints: 3, lastError: null })
    await delivery.drain(1_000)
    await expect.poll(() => server.openConnectionCount).toBe(0)
    await server.kill()
  })

  test('sends a batch again, whole, when the server was killed in the middle of it', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `half.with.a.name.of.some.length.${index}`)
    // Takes some and is then stuck, as a server is that is about to die.
    const dying = await LineServer.start(0, (socket, self) => {
      socket.on('data', () => {
        if (self.bytes > 100_000) socket.pause()
      })
    })
    const delivery = await deliveryTo(dying.port)
    delivery.flush(gaugesOf(names))
    delivery.flush(gaugesOf(['next'], BATCH_TIME_MS + 10_000))
    await expect.poll(() => dying.bytes).toBeGreaterThan(100_000)
    await dying.kill()
    await expect.poll(() => delivery.status().lastError).not.toBe(null)
    expect(delivery.status()).toMatchObject({ queuedPoints: 100_001, sentPoints: 0, droppedPoints: 0 })

    const server = await LineServer.start(dying.port)
    clock.advance(1_000)
    await expect.poll(() => server.text.endsWith('stats.gauges.next 0 1700000010\n')).toBe(true)
    expect(server.lines.length).toBe(100_001)
    await expect.poll(() => delivery.status().sentPoints).toBe(100_001)
    await delivery.drain(1_000)
    await server.kill()
  })
})
