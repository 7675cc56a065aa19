import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { StatsD as HotShots } from 'hot-shots'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Carbon, hasCarbon } from '../harness/carbon.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

// Real clients, as they are published, send to a real Kymo, which feeds a real carbon. Each sends the loop of every
// StatsD tutorial: five times counter += i, gauge = i, timer i.
const require = createRequire(import.meta.url)

interface Client {
  readonly name: string
  /** Why it cannot be tried here. */
  readonly missing?: string
  /** What the client makes of the five increments, where it is not 10. */
  readonly counter?: number
  /** Sends the loop with this prefix. Processes wait until all is sent. */
  readonly send: (port: number, prefix: string) => void | Promise<void>
}

const clients: Client[] = [
  {
    name: 'python-statsd',
    ...missingUnless(pythonHas('statsd'), 'python3-statsd'),
    send: (port, prefix) =>
      run('/usr/bin/python3', [
        '-c',
        `import statsd\nc = statsd.StatsClient('127.0.0.1', ${port}, prefix='${prefix}')\nfor i in range(5):\n    c.incr('counter', i)\n    c.gauge('gauge', i)\n    c.timing('timer', i)\n`,
      ]),
  },
  {
    name: 'python-statsd-pipeline',
    ...missingUnless(pythonHas('statsd'), 'python3-statsd'),
    send: (port, prefix) =>
      run('/usr/bin/python3', [
        '-c',
        `import statsd\nc = statsd.StatsClient('127.0.0.1', ${port}, prefix='${prefix}')\nwith c.pipeline() as p:\n    for i in range(5):\n        p.incr('counter', i)\n        p.gauge('gauge', i)\n        p.timing('timer', i)\n`,
      ]),
  },
  {
    name: 'python-statsd-tcp',
    ...missingUnless(pythonHas('statsd'), 'python3-statsd'),
    send: (port, prefix) =>
      run('/usr/bin/python3', [
        '-c',
        `import statsd\nc = statsd.TCPStatsClient('127.0.0.1', ${port}, prefix='${prefix}')\nfor i in range(5):\n    c.incr('counter', i)\n    c.gauge('gauge', i)\n    c.timing('timer', i)\nc.close()\n`,
      ]),
  },
  {
    name: 'hot-shots',
    async send(port, prefix) {
      const client = new HotShots({ host: '127.0.0.1', port, prefix: `${prefix}.` })
      for (let i = 0; i < 5; i++) {
        client.increment('counter', i)
        client.gauge('gauge', i)
        client.timing('timer', i)
      }
      await new Promise<void>((resolve) => client.close(() => resolve()))
    },
  },
  {
    name: 'hot-shots-buffered',
    async send(port, prefix) {
      const client = new HotShots({ host: '127.0.0.1', port, prefix: `${prefix}.`, maxBufferSize: 1_432 })
      for (let i = 0; i < 5; i++) {
        client.increment('counter', i)
        client.gauge('gauge', i)
        client.timing('timer', i)
      }
      await new Promise<void>((resolve) => client.close(() => resolve()))
    },
  },
  {
    name: 'statsd-client',
    async send(port, prefix) {
      const StatsdClient = require('statsd-client') as new (options: object) => NodeClient & { close(): void }
      const client = new StatsdClient({ host: '127.0.0.1', port, prefix })
      for (let i = 0; i < 5; i++) {
        client.increment('counter', i)
        client.gauge('gauge', i)
        client.timing('timer', i)
      }
      // It sends up to a second later, and drops what waits when it is closed.
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      client.close()
    },
  },
  {
    name: 'node-statsd',
    // It sends 1 for an increment by 0.
    counter: 11,
    async send(port, prefix) {
      const NodeStatsd = require('node-statsd') as new (options: object) => NodeClient & { close(): void }
      const client = new NodeStatsd({ host: '127.0.0.1', port, prefix: `${prefix}.` })
      for (let i = 0; i < 5; i++) {
        client.increment('counter', i)
        client.gauge('gauge', i)
        client.timing('timer', i)
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
      client.close()
    },
  },
  {
    name: 'lynx',
    async send(port, prefix) {
      const Lynx = require('lynx') as new (
        host: string,
        port: number,
        options: object,
      ) => NodeClient & {
        count(name: string, by: number): void
        close(): void
      }
      const client = new Lynx('127.0.0.1', port, { scope: prefix })
      for (let i = 0; i < 5; i++) {
        client.count('counter', i)
        client.gauge('gauge', i)
        client.timing('timer', i)
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
      client.close()
    },
  },
  {
    name: 'ruby-statsd',
    ...missingUnless(succeeds('ruby', ['-e', "require 'statsd'"]), 'ruby-statsd'),
    send: (port, prefix) =>
      run('ruby', [
        '-e',
        `require 'statsd'\ns = Statsd.new('127.0.0.1', ${port})\ns.namespace = '${prefix}'\n5.times { |i| s.count('counter', i); s.gauge('gauge', i); s.timing('timer', i) }\n`,
      ]),
  },
  {
    name: 'perl-net-statsd',
    ...missingUnless(succeeds('perl', ['-MNet::Statsd', '-e', '1']), 'libnet-statsd-perl'),
    send: (port, prefix) =>
      run('perl', [
        '-MNet::Statsd',
        '-e',
        `$Net::Statsd::HOST='127.0.0.1'; $Net::Statsd::PORT=${port}; for my $i (0..4) { Net::Statsd::update_stats('${prefix}.counter', $i); Net::Statsd::gauge('${prefix}.gauge', $i); Net::Statsd::timing('${prefix}.timer', $i); }`,
      ]),
  },
  {
    // What Envoy's statsd sink writes: several lines to a datagram without a last newline, counters as deltas.
    name: 'envoy-udp',
    async send(_port, prefix) {
      const lines = [0, 1, 2, 3, 4].flatMap((i) => [
        `${prefix}.counter:${i}|c`,
        `${prefix}.gauge:${i}|g`,
        `${prefix}.timer:${i}|ms`,
      ])
      await kymo.udp(lines.slice(0, 8).join('\n'))
      await kymo.udp(lines.slice(8).join('\n'))
    },
  },
  {
    // The TCP sink ends every line; its histograms of percents are `h`.
    name: 'envoy-tcp',
    async send(_port, prefix) {
      const lines = [0, 1, 2, 3, 4].flatMap((i) => [
        `${prefix}.counter:${i}|c\n`,
        `${prefix}.gauge:${i}|g\n`,
        `${prefix}.timer:${i}|h\n`,
      ])
      await kymo.tcp(lines.join(''))
    },
  },
]

let kymo: KymoProcess
let carbon: Carbon | undefined
const fromSeconds = Math.floor(Date.now() / 1_000) - 60

beforeAll(async () => {
  carbon = hasCarbon ? await Carbon.start() : undefined
  const directory = temporaryDirectory()
  const sinks =
    carbon === undefined ? '' : `  - type: graphite\n    host: 127.0.0.1\n    port: ${carbon.port}\n`
  writeFileSync(join(directory, 'kymo.yaml'), `sinks:\n  - type: stdout\n    format: json\n${sinks}`)
  kymo = await KymoProcess.start({ flushInterval: '10s', args: [join(directory, 'kymo.yaml')] })
  // All of them first, and then one flush: a carbon takes its time, and takes it once.
  for (const client of clients) {
    if (client.missing === undefined) await sendBy(client).catch((error) => failures.set(client.name, error))
  }
  await kymo.flush()
})
afterAll(async () => {
  await carbon?.stop()
  cleanUp()
})

/** Why what a client was to send has not come. */
const failures = new Map<string, unknown>()

async function sendBy({ name, send }: Client): Promise<void> {
  const { lines } = await kymo.json<{ lines: { accepted: number } }>('/api/status')
  await send(kymo.port('statsd'), prefixOf(name))
  await until('all fifteen lines are taken in', async () => {
    const status = await kymo.json<{ lines: { accepted: number } }>('/api/status')
    return status.lines.accepted - lines.accepted >= 15
  })
}

const prefixOf = (name: string): string => name.replaceAll('-', '_')

describe.each(clients)('$name', ({ name, missing, counter = 10 }) => {
  const isMissing = missing !== undefined
  const prefix = prefixOf(name)
  const expected: [target: string, value: number][] = [
    [`stats.counters.${prefix}.counter.count`, counter],
    [`stats.gauges.${prefix}.gauge`, 4],
    [`stats.timers.${prefix}.timer.count`, 5],
    [`stats.timers.${prefix}.timer.upper`, 4],
  ]

  beforeAll(() => {
    if (failures.has(name)) throw failures.get(name)
  })

  test.skipIf(isMissing)(
    `/render has its counter, gauge and timer${isMissing ? ` (skipped: no ${missing})` : ''}`,
    async () => {
      for (const [target, value] of expected) expect((await kymo.values(target))[0], target).toBe(value)
    },
  )

  test.skipIf(isMissing)('the stdout sink has them', async () => {
    const find = (metric: string) =>
      kymo.stdoutObjects.find((object) => object.metric === `${prefix}.${metric}`)
    await until('the flush is on stdout', () => find('timer') !== undefined)
    expect(find('counter')).toMatchObject({ type: 'counter', statistics: { count: counter } })
    expect(find('gauge')).toMatchObject({ type: 'gauge', statistics: { value: 4 } })
    expect(find('timer')).toMatchObject({ type: 'timer', statistics: { count: 5, upper: 4 } })
  })

  test.skipIf(isMissing || !hasCarbon)(
    `a real carbon has them${hasCarbon ? '' : ' (skipped: no graphite-carbon)'}`,
    async () => {
      for (const [target, value] of expected) {
        const read = () => carbon?.values(target, fromSeconds, Math.floor(Date.now() / 1_000) + 3_500) ?? []
        await until(`carbon has ${target}`, () => read().length > 0, 30_000)
        expect(read()[0], target).toBe(value)
      }
    },
  )
})

test('nothing that a client sent was refused', async () => {
  const { lines } = await kymo.json<{ lines: { received: number; accepted: number; rejected: number } }>(
    '/api/status',
  )
  expect(lines.rejected).toBe(0)
  expect(lines.received).toBe(lines.accepted)
})

interface NodeClient {
  increment(name: string, by: number): void
  gauge(name: string, value: number): void
  timing(name: string, ms: number): void
}

function run(command: string, args: readonly string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`${command} failed: ${result.stderr}`)
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args).status === 0
}

function pythonHas(module: string): boolean {
  return existsSync('/usr/bin/python3') && succeeds('/usr/bin/python3', ['-c', `import ${module}`])
}

function missingUnless(isThere: boolean, packageName: string): { missing?: string } {
  return isThere ? {} : { missing: packageName }
}
