import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { createSink } from './create-sink.ts'
import { sinkOptions } from './options.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { flushBatchOf, gaugesOf } from './testdata/batches.ts'
import { NscaServer } from './testdata/nsca-server.ts'
import { KeptLetters, testContext } from './testdata/sink-context.ts'

const signal = new AbortController().signal
const ANY = [{ match: '**', host: 'kymo', service: '$1' }]

function nscaSink(port: number, options: object = {}, context = {}): Promise<Sink> {
  return createSink(
    sinkOptions.parse({ type: 'nsca', host: '127.0.0.1', port, checks: ANY, ...options }),
    testContext({ clock: systemClock, ...context }),
  )
}

sinkConformance('nsca', {
  async working() {
    const server = await NscaServer.start()
    return {
      sink: await nscaSink(server.port),
      arrivedPoints: () => server.results.length - server.badPackets,
      release: () => server.stop(),
    }
  },
  async stalled() {
    const server = await NscaServer.start({ onSocket: (socket) => socket.pause() })
    return { sink: await nscaSink(server.port), arrivedPoints: () => 0, release: () => server.stop() }
  },
  async unreachable() {
    const server = await NscaServer.start()
    await server.stop()
    return { sink: await nscaSink(server.port), arrivedPoints: () => 0 }
  },
})

describe('the nsca sink', () => {
  test.each([
    ['4096', 4_304],
    ['512', 720],
  ])('sends results of the series that are checked, with output of %s bytes', async (output, packetBytes) => {
    const server = await NscaServer.start({ password: 'sesame', packetBytes })
    const sink = await nscaSink(server.port, {
      password: 'sesame',
      output_bytes: output,
      checks: [
        { match: 'stats.gauges.*.load', host: '$1.%{dc}', service: 'load', warning: '5', critical: '10' },
        { match: 'stats.gauges.queue', host: 'kymo', service: 'queue of %{none}', critical: '@0' },
      ],
    })
    const batch = gaugesOf(['web1.load;dc=fra', 'web2.load;dc=muc', 'other', 'queue'])
    const values = Float64Array.of(7, 11, 1, 0)
    expect(batch.series.map((identity) => sink.takes?.(identity))).toEqual([true, true, false, true])
    await sink.flush?.({ ...batch, values }, signal)
    expect(server.results).toEqual([
      {
        host: 'web1.fra',
        service: 'load',
        state: 1,
        output: "WARNING - stats.gauges.web1.load;dc=fra is 7|'stats.gauges.web1.load;dc_fra'=7;5;10",
      },
      {
        host: 'web2.muc',
        service: 'load',
        state: 2,
        output: "CRITICAL - stats.gauges.web2.load;dc=muc is 11|'stats.gauges.web2.load;dc_muc'=11;5;10",
      },
      {
        host: 'kymo',
        service: 'queue of unknown',
        state: 2,
        output: "CRITICAL - stats.gauges.queue is 0|'stats.gauges.queue'=0;;@0",
      },
    ])
    expect(server.badPackets).toBe(0)
    await server.stop()
  })

  test('leaves out what no packet can carry', async () => {
    const server = await NscaServer.start()
    const deadLetters = new KeptLetters()
    const sink = await nscaSink(server.port, {}, { deadLetters })
    expect(await sink.flush?.(gaugesOf(['x'.repeat(200), 'y']), signal)).toMatchObject({ refusedPoints: 1 })
    expect(server.results.map(({ service }) => service)).toEqual(['stats.gauges.y'])
    expect(new Set(deadLetters.codes)).toEqual(new Set(['sink-unfit']))
    expect(deadLetters.letters).toHaveLength(1)
    await server.stop()
  })

  test('says UNKNOWN of what is no number', async () => {
    const server = await NscaServer.start()
    const sink = await nscaSink(server.port)
    const bad = {
      metricKey: 'a',
      type: 'gauge',
      statistic: 'value',
      value: Number.POSITIVE_INFINITY,
    } as const
    await sink.flush?.(flushBatchOf([bad]), signal)
    expect(server.results).toMatchObject([
      { state: 3, output: "UNKNOWN - stats.gauges.a is Infinity|'stats.gauges.a'=U" },
    ])
    await server.stop()
  })

  test.each<[what: string, onSocket: (socket: Socket) => void, reason: string]>([
    ['says nothing', () => {}, 'no progress within 0.2 s'],
    ['says one byte', (socket) => socket.write('x'), 'no progress within 0.2 s'],
    ['says half, and goes', (socket) => socket.end('x'.repeat(100)), 'the other side closed the connection'],
    ['resets', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
  ])('tries again with a server that %s', async (_what, onSocket, reason) => {
    const server = await NscaServer.start({ onSocket })
    const sink = await nscaSink(server.port, { timeout: '200ms' })
    await expect(async () => sink.flush?.(gaugesOf(['a']), signal)).rejects.toThrow(reason)
    await server.stop()
  })
})
