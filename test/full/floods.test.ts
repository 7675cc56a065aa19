// Floods in full size, on both ways to receive. `KYMO_FLOOD_SECONDS` makes them shorter.
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { StatusReport } from '../../src/api/services.ts'
import { type Flood, flood, KNOWN_NAMES, linesPerDatagram } from '../harness/flood.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'
import { OwnMetricsReading } from '../harness/own-metrics.ts'

const RECEIVERS = process.platform === 'linux' ? ['recvmmsg', 'dgram'] : ['dgram']
const WHOLE_SECONDS = Number(process.env['KYMO_FLOOD_SECONDS'] ?? 60)
/** The way that is taken where there is a choice is flooded for as long as was promised; the other one for a third of it. */
const secondsOf = (receiver: string): number =>
  receiver === RECEIVERS[0] ? WHOLE_SECONDS : WHOLE_SECONDS / 3
const NAMES = 1_000_000
const MIB = 1_024 * 1_024

let kymo: KymoProcess

afterEach(async () => {
  expect(await kymo.end()).toBe(0)
})
afterAll(cleanUp)

const own = () => OwnMetricsReading.take(kymo)

function residentMib(): number {
  const status = readFileSync(`/proc/${kymo.child.pid}/status`, 'latin1')
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024) / MIB
}

/** What it was like for others meanwhile. */
interface Meanwhile {
  readonly sent: number
  /** How long it took to answer, in ms, sorted. */
  readonly answersMs: readonly number[]
  /** In MiB, in the order of time. */
  readonly memory: readonly number[]
}

async function during(what: Flood, beside: () => Promise<void> = async () => {}): Promise<Meanwhile> {
  const answersMs: number[] = []
  const memory: number[] = []
  let isOver = false
  const sending = flood(kymo.port('statsd'), what).finally(() => (isOver = true))
  while (!isOver) {
    for (const path of ['/ready', '/api/status', '/render?target=stats.gauges.*&from=-5min&format=json']) {
      const startMs = performance.now()
      const response = await fetch(kymo.url(path))
      await response.arrayBuffer()
      expect(response.status, path).toBe(200)
      answersMs.push(performance.now() - startMs)
    }
    await beside()
    if (process.platform === 'linux') memory.push(residentMib())
    await sleep(250)
  }
  return { sent: await sending, answersMs: answersMs.toSorted((a, b) => a - b), memory }
}

/** Once every datagram is accounted for: how many were received, and how many the kernel dropped. */
async function settled(sent: number): Promise<{ received: number; dropped: number }> {
  let received = 0
  let dropped = 0
  await until(
    'every datagram is accounted for',
    async () => {
      const now = await own()
      received = now.of('kymo_received_packets_total', 'statsd-udp')
      dropped = now.of('kymo_kernel_dropped_packets_total', 'statsd-udp')
      return process.platform !== 'linux' || received + dropped >= sent
    },
    60_000,
  )
  return { received, dropped }
}

/** What counters were sent, over all flushes. */
async function sumOf(target: string): Promise<number> {
  const all = await kymo.render(`stats.counters.${target}.count`)
  return all.reduce(
    (sum, { datapoints }) => sum + datapoints.reduce((part, [value]) => part + (value ?? 0), 0),
    0,
  )
}

function expectFlat(memory: readonly number[]): void {
  const half = Math.floor(memory.length / 2)
  const [first, second] = [Math.max(...memory.slice(0, half)), Math.max(...memory.slice(half))]
  expect(second, `MiB over time: ${memory.map(Math.round).join(' ')}`).toBeLessThan(first * 1.25 + 64)
}

describe.each(RECEIVERS)('received by %s', (receiver) => {
  const seconds = secondsOf(receiver)
  test(
    'more than can be taken in: what is lost is counted and shown, the rest is exact, and others are served',
    async () => {
      kymo = await KymoProcess.start({ flushInterval: '5s', env: { KYMO_RECEIVER: receiver } })
      await kymo.tcp('beside.it:1|g\n')
      const { sent, answersMs, memory } = await during({ kind: 'known', seconds })
      const { received, dropped } = await settled(sent)
      process.stderr.write(
        `${receiver}: ${sent} datagrams sent, ${received} received, ${dropped} dropped; answers took ${Math.round(answersMs[answersMs.length >> 1] ?? 0)} ms, at most ${Math.round(answersMs.at(-1) ?? 0)}; at most ${Math.round(Math.max(...memory))} MiB\n`,
      )
      expect(received + dropped).toBe(sent)
      expect((await kymo.json<StatusReport>('/api/status')).packets.droppedByKernel).toBe(dropped)
      expect(answersMs[answersMs.length >> 1]).toBeLessThan(1_000)
      expect(answersMs.at(-1)).toBeLessThan(10_000)
      expectFlat(memory)

      await kymo.flush()
      await until(
        'all is flushed',
        async () => (await sumOf('flood.*')) === received * linesPerDatagram('known'),
        30_000,
      )
      // Clean after one flush: nothing is lost any more, and what comes is exact.
      for (let index = 0; index < KNOWN_NAMES; index++) await kymo.udp(`behind.it:1|c\nflood.n${index}:1|c`)
      await until('it is received', async () => {
        return (await own()).of('kymo_received_packets_total', 'statsd-udp') === received + KNOWN_NAMES
      })
      await kymo.flush()
      expect(await sumOf('behind.it')).toBe(KNOWN_NAMES)
      expect(await sumOf('flood.*')).toBe(received * linesPerDatagram('known') + KNOWN_NAMES)
      expect((await own()).of('kymo_kernel_dropped_packets_total', 'statsd-udp')).toBe(dropped)
    },
    (seconds + 120) * 1_000,
  )

  test(
    'a million new names from one sender: the limit holds, what was there is exact, the sender is named',
    async () => {
      const series = 50_000
      kymo = await KymoProcess.start({
        flushInterval: '5s',
        env: { KYMO_RECEIVER: receiver, KYMO_LIMITS_SERIES: String(series) },
      })
      await kymo.tcp('known.before:1|c\n')
      await kymo.flush()
      let known = 1
      const names: Flood = {
        kind: 'names',
        seconds: seconds / 3,
        datagramsPerSecond: NAMES / linesPerDatagram('names') / (WHOLE_SECONDS / 3),
      }
      const beside = async (): Promise<void> => {
        known++
        await kymo.tcp('known.before:1|c\n')
      }
      // Of other names each time: what the first million took has to be enough for the others.
      let sent = 0
      const mostMib: number[] = []
      for (let time = 0; time < 3; time++) {
        const meanwhile = await during(names, beside)
        sent += meanwhile.sent
        mostMib.push(Math.max(...meanwhile.memory))
        expect(meanwhile.answersMs.at(-1)).toBeLessThan(10_000)
        await settled(sent)
      }
      const { received, dropped } = await settled(sent)
      process.stderr.write(
        `${receiver}: ${sent} datagrams of new names, ${dropped} dropped; at most ${mostMib.map(Math.round).join(', ')} MiB\n`,
      )
      expect(received + dropped).toBe(sent)
      expect(mostMib[2]).toBeLessThan((mostMib[1] ?? 0) * 1.25 + 64)

      await kymo.flush()
      await until('the log names the sender', () => kymo.stderr.includes('"worst":"flood"'))
      expect((await kymo.json<StatusReport>('/api/status')).limits.offenders[0]?.prefix).toBe('flood')
      expect(await sumOf('known.before')).toBe(known)
      expect((await own()).sum('kymo_metrics')).toBeLessThanOrEqual(series + 50)
      // No sum is lost: whatever is not of a metric that was let in, each of which was sent once, is of all others together.
      const letIn = received * linesPerDatagram('names') - (await sumOf('__over_limit__'))
      expect(letIn).toBeLessThanOrEqual(series)
      expect(letIn).toBeGreaterThan(series - 100)
    },
    (seconds * 2 + 180) * 1_000,
  )
})

test('ten thousand idle connections: a thousand are held, the others turned away, and all is as before when they are gone', async () => {
  kymo = await KymoProcess.start({ flushInterval: '1d' })
  const here = connect(kymo.port('statsd'), '127.0.0.1')
  await once(here, 'connect')
  const before = process.platform === 'linux' ? residentMib() : 0
  const crowd: Socket[] = []
  for (let hundred = 0; hundred < 100; hundred++) {
    const some = Array.from({ length: 100 }, () => connect(kymo.port('statsd'), '127.0.0.1'))
    for (const socket of some) socket.on('error', () => undefined)
    await Promise.all(some.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])))
    crowd.push(...some)
  }
  const connections = async () => (await own()).of('kymo_open_connections', 'statsd-tcp')
  await until('the others are turned away', async () => {
    return (await own()).of('kymo_refused_connections_total', 'statsd-tcp') === 10_001 - 1_000
  })
  expect(await connections()).toBe(1_000)
  here.write('served:1|c\n')
  await kymo.udp('served:1|c')
  await kymo.received(2)
  if (process.platform === 'linux') expect(residentMib() - before).toBeLessThan(150)
  for (const socket of crowd) socket.destroy()
  await until('they are gone', async () => (await connections()) === 1)
  expect(await kymo.tcp('health\nquit\n', 'admin')).toBe('health: up\n')
  here.destroy()
})
