// A program: hosts that send what they measure, as Graphite's plaintext over TCP, and an application that counts by StatsD. `startFeed` runs it.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { hostName, STEP_MS, valueAt } from './fleet.ts'
import type { FeedOptions } from './start-feed.ts'

const TICK_MS = 20
const COUNTERS = 1_000
const COUNTERS_PER_DATAGRAM = 30

const { graphitePort, statsdPort, hosts, metrics, startMs, firstStep } = JSON.parse(
  process.argv[2] ?? '',
) as FeedOptions
const graphite = connect({ port: graphitePort, host: '127.0.0.1' })
const statsd = createSocket('udp4')
const names = Array.from({ length: hosts }, (_, host) =>
  Array.from({ length: metrics }, (_metric, metric) =>
    metric === 0 ? `${hostName(host)}.load` : `${hostName(host)}.metric${metric}`,
  ),
)
await once(graphite, 'connect')

const beginMs = Date.now()
for (let step = firstStep; step <= stepAt(beginMs); step++)
  for (let host = 0; host < hosts; host++) graphite.write(lineOf(names[host]?.[0] ?? '', host, step))
console.log('current')

// Each host has its moment in every step, and sends all of its metrics then: as many points come in at any time.
let sentHosts = 0
setInterval(() => {
  const dueHosts = Math.floor(((Date.now() - beginMs) / STEP_MS) * hosts)
  let text = ''
  for (; sentHosts < dueHosts; sentHosts++) {
    const host = sentHosts % hosts
    const step = stepAt(beginMs + (sentHosts / hosts) * STEP_MS)
    for (const name of names[host] ?? []) text += lineOf(name, host, step)
  }
  graphite.write(text)
  statsd.send(countersOf(sentHosts), statsdPort, '127.0.0.1')
}, TICK_MS)

function stepAt(timeMs: number): number {
  return Math.floor((timeMs - startMs) / STEP_MS)
}

function lineOf(name: string, host: number, step: number): string {
  return `${name} ${valueAt(host, step)} ${(startMs + step * STEP_MS) / 1_000}\n`
}

function countersOf(from: number): string {
  return Array.from(
    { length: COUNTERS_PER_DATAGRAM },
    (_, index) => `api.endpoint${(from + index) % COUNTERS}.requests:1|c`,
  ).join('\n')
}
