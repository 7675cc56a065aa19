// What nobody should send, on both ways to receive; floods of a minute are in test/full.
import { createSocket, type Socket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StatusReport } from '../src/api/services.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from './harness/kymo.ts'
import { OwnMetricsReading } from './harness/own-metrics.ts'

const RECEIVERS = process.platform === 'linux' ? ['recvmmsg', 'dgram'] : ['dgram']

let kymo: KymoProcess
let sender: Socket

afterAll(cleanUp)

async function start(receiver: string): Promise<void> {
  const config = join(temporaryDirectory(), 'kymo.yaml')
  writeFileSync(config, 'limits: { series: 500, prefixes: [{ prefix: by.points, series: 50 }] }\n')
  kymo = await KymoProcess.start({ flushInterval: '1d', args: [config], env: { KYMO_RECEIVER: receiver } })
  sender = createSocket('udp4')
}

async function send(datagrams: number, datagram: (index: number) => string | Uint8Array): Promise<void> {
  const port = kymo.port('statsd')
  const one = (index: number) =>
    new Promise<void>((resolve, reject) => {
      sender.send(datagram(index), port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)))
    })
  for (let index = 0; index < datagrams; index += 100)
    await Promise.all(Array.from({ length: Math.min(100, datagrams - index) }, (_, i) => one(index + i)))
}

/** What comes too late for a flush, as it may where others use the machine, is in the next one. */
const RARELY = { interval: 500 }

/** What a counter was sent, over all flushes. */
async function sumOf(name: string): Promise<number> {
  await kymo.flush()
  const [series] = await kymo.render(`stats.counters.${name}.count`, '-1d', '+90d')
  return (series?.datapoints ?? []).reduce((sum, [value]) => sum + (value ?? 0), 0)
}

const own = () => OwnMetricsReading.take(kymo)

describe.each(RECEIVERS)('received by %s', (receiver) => {
  beforeAll(() => start(receiver))
  afterAll(async () => {
    sender.close()
    expect(await kymo.end()).toBe(0)
  })

  test.runIf(process.platform === 'linux')(
    'what was sent is what was received and dropped, to the packet, when nobody reads for a while',
    async () => {
      const packets = 12_000
      const lines = 600
      const datagram = Buffer.from('while.stopped:1|c\n'.repeat(lines))
      const before = await own()
      const receivedBefore = before.of('kymo_received_packets_total', 'statsd-udp')
      kymo.child.kill('SIGSTOP')
      try {
        await send(packets, () => datagram)
      } finally {
        kymo.child.kill('SIGCONT')
      }
      let received = 0
      let dropped = 0
      await until('every packet is accounted for', async () => {
        const now = await own()
        received = now.of('kymo_received_packets_total', 'statsd-udp') - receivedBefore
        dropped = now.of('kymo_kernel_dropped_packets_total', 'statsd-udp')
        return received + dropped >= packets
      })
      expect(received + dropped).toBe(packets)
      expect(Math.min(received, dropped)).toBeGreaterThan(0)
      await expect.poll(() => sumOf('while.stopped'), RARELY).toBe(received * lines)
    },
  )

  test('packets full of the shortest lines hold up neither a flush nor their neighbours', async () => {
    const before = (await own()).of('kymo_received_packets_total', 'statsd-udp')
    for (const line of ['x\n', ':\n', '\n', 'x:1\n']) await send(5, () => Buffer.alloc(64_000, line))
    await send(1, () => 'behind.them:1|c')
    // Half a million lines. Looked at again for each line before it, one packet of them alone takes longer than is waited.
    await until('they are received', async () => {
      return (await own()).of('kymo_received_packets_total', 'statsd-udp') === before + 21
    })
    await until('they are flushed', async () => (await sumOf('behind.them')) === 1)
  })

  test('a flood of new names is added up as one, and what was there before is not touched', async () => {
    await send(1, () => 'known.before:1|c')
    await kymo.flush()
    const names = 20_000
    const before = (await own()).of('kymo_received_lines_total', 'statsd-udp')
    await send(names / 20, (index) => {
      const lines = Array.from({ length: 20 }, (_, line) => `flood.${index * 20 + line}:1|c`)
      return [...lines, 'known.before:1|c'].join('\n')
    })
    await until('all is received', async () => {
      return (await own()).of('kymo_received_lines_total', 'statsd-udp') === before + (names * 21) / 20
    })
    await expect.poll(() => sumOf('known.before'), RARELY).toBe(1 + names / 20)
    const { metrics } = await kymo.json<{ metrics: { key: string }[] }>('/api/metrics?limit=10000')
    const admitted = metrics.map(({ key }) => key).filter((key) => key.startsWith('flood.'))
    expect(admitted.length).toBeLessThan(500)
    expect((await sumOf('__over_limit__')) + admitted.length).toBe(names)
    const { limits } = await kymo.json<StatusReport>('/api/status')
    expect(limits.offenders[0]).toMatchObject({ prefix: 'flood', limit: { series: 500 } })
    // The next interval is as any: nothing of the flood is in it.
    await send(1, () => 'known.before:1|c')
    await until('it is received', async () => {
      return (await own()).of('kymo_received_lines_total', 'statsd-udp') === before + (names * 21) / 20 + 1
    })
    const refusedBefore = (await own()).sum('kymo_over_limit_metrics_total')
    await expect.poll(() => sumOf('known.before'), RARELY).toBe(2 + names / 20)
    expect((await own()).sum('kymo_over_limit_metrics_total')).toBe(refusedBefore)
  })
})
