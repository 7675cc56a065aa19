import { describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { sinkOptions } from './options.ts'
import { createSink } from './create-sink.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { flushBatchOf, gaugesOf, TUTORIAL_BATCH } from './testdata/batches.ts'
import { LineServer } from './testdata/line-server.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'
import { UdpServer } from './testdata/udp-server.ts'

const signal = new AbortController().signal

function statsdSink(port: number, options: object = {}, context = {}): Promise<Sink> {
  return createSink(
    sinkOptions.parse({ type: 'statsd', host: '127.0.0.1', port, ...options }),
    testContext({ clock: systemClock, ...context }),
  )
}

/** The rate of a counter is what the server makes of its count. */
const tutorialPoints = TUTORIAL_BATCH.series.length - 1

sinkConformance('statsd by UDP', {
  async working() {
    const server = await UdpServer.start()
    return {
      sink: await statsdSink(server.port, { packet_bytes: 8_192 }),
      arrivedPoints: () => server.lines.length,
      tutorialPoints,
      release: () => server.stop(),
    }
  },
  async unreachable() {
    return { sink: await statsdSink(8_125, { host: 'kymo-test.invalid' }), arrivedPoints: () => 0 }
  },
})

sinkConformance('statsd by TCP', {
  async working() {
    const server = await LineServer.start()
    return {
      sink: await statsdSink(server.port, { transport: 'tcp' }),
      arrivedPoints: () => server.lines.length,
      tutorialPoints,
      release: () => server.kill(),
    }
  },
  async stalled() {
    const server = await LineServer.start(0, (socket) => socket.pause())
    const sink = await statsdSink(server.port, { transport: 'tcp' })
    return { sink, arrivedPoints: () => 0, release: () => server.kill() }
  },
  async unreachable() {
    const server = await LineServer.start()
    await server.kill()
    return { sink: await statsdSink(server.port, { transport: 'tcp' }), arrivedPoints: () => 0 }
  },
})

describe('the statsd sink', () => {
  test('by UDP sends packets that fit into a frame', async () => {
    const server = await UdpServer.start()
    const sink = await statsdSink(server.port, { prefix: 'edge.' })
    const names = Array.from({ length: 1_000 }, (_, index) => `web${index}.load`)
    await sink.flush?.(gaugesOf(names), signal)
    await expect.poll(() => server.lines.length).toBe(1_000)
    expect(server.lines).toEqual(names.map((name, index) => `edge.${name}:${index}|g`))
    for (const packet of server.packets) expect(packet.length).toBeLessThanOrEqual(1_432)
    expect(server.packets.length).toBeLessThan(20)
    await sink.close()
    await server.stop()
  })

  test('finds a server by name', async () => {
    const server = await UdpServer.start()
    const sink = await statsdSink(server.port, { host: 'localhost' })
    await sink.flush?.(gaugesOf(['a']), signal)
    await expect.poll(() => server.packets).toEqual(['a:0|g'])
    await sink.close()
    await server.stop()
  })

  test('says and keeps what it left out', async () => {
    const server = await UdpServer.start()
    const deadLetters = new KeptLetters()
    const sink = await statsdSink(server.port, {}, { deadLetters })
    const long = 'x'.repeat(2_000)
    const batch = flushBatchOf([
      { metricKey: long, type: 'gauge', statistic: 'value', value: 1 },
      { metricKey: 'b', type: 'gauge', statistic: 'value', value: 1 },
    ])
    expect(await sink.flush?.(batch, signal)).toMatchObject({ refusedPoints: 1 })
    await expect.poll(() => server.lines).toEqual(['b:1|g'])
    expect(new Set(deadLetters.codes)).toEqual(new Set(['sink-unfit']))
    expect(deadLetters.letters.map(({ item }) => item)).toEqual([{ key: `stats.gauges.${long}`, value: '1' }])
    await sink.close()
    await server.stop()
  })

  test('goes on where a batch broke off, so that no counter counts twice but for a part of one piece', async () => {
    const batch = flushBatchOf(
      Array.from({ length: 60_000 }, (_, index) => ({
        metricKey: `counted.${index}`,
        type: 'counter',
        statistic: 'count',
        value: 1,
      })),
    )
    const abort = new AbortController()
    // The clock is read around each piece.
    let readings = 0
    const clock = {
      ...systemClock,
      monotonicMs() {
        readings += 1
        if (readings === 16) abort.abort(new Error('enough'))
        return systemClock.monotonicMs()
      },
    }
    const server = await LineServer.start()
    const sink = await statsdSink(server.port, { transport: 'tcp' }, { clock })
    await expect(async () => sink.flush?.(batch, abort.signal)).rejects.toThrow('enough')
    await expect.poll(() => server.openConnectionCount).toBe(0)
    const before = server.lines.length
    await sink.flush?.(batch, signal)
    await expect.poll(() => server.text.endsWith('counted.59999:1|c\n')).toBe(true)
    // Whole pieces that had come are not sent again; where the first connection ended, half a line may stand before the next.
    const counted = new Map<string, number>()
    for (const line of server.lines) counted.set(line, (counted.get(line) ?? 0) + 1)
    expect(before).toBeGreaterThan(5_000)
    for (let index = 0; index < 60_000; index += 1)
      expect(counted.get(`counted.${index}:1|c`) ?? 0, `counter ${index}`).toBeGreaterThan(0)
    expect(server.lines.length).toBeLessThan(60_000 + 65_536 / 'counted.0:1|c'.length)
    await sink.close()
    await server.kill()
  })
})
