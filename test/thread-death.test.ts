// Threads of a running Kymo are killed one by one. Everything else is real: sockets, threads, files, a carbon to send to.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../src/config/load.ts'
import { reloadConfig } from '../src/config/reload.ts'
import { startAllInOne } from '../src/roles/all-in-one.ts'
import type { Running } from '../src/roles/role.ts'
import { LineServer } from '../src/sinks/testdata/line-server.ts'
import { silentLog } from '../src/telemetry/log.ts'
import { spawnWorker } from '../src/workers/spawn.ts'
import { cleanUp, receiverUnderTest, temporaryDirectory, until } from './harness/kymo.ts'

interface Kymo {
  readonly running: Running
  /** By name, the threads that run now. */
  readonly workers: ReadonlyMap<string, Worker>
}

let carbon: LineServer
let kymo: Kymo

async function start(flushInterval: string): Promise<Kymo> {
  const directory = temporaryDirectory()
  const workers = new Map<string, Worker>()
  const file = join(directory, 'kymo.yaml')
  writeFileSync(file, `sinks:\n  - type: graphite\n    host: 127.0.0.1\n    port: ${carbon.port}\n`)
  const ports = ['--statsd-port', '0', '--graphite-port', '0', '--admin-port', '0', '--http-port', '0']
  const argv = [file, '--flush-interval', flushInterval, '--data', directory, '--receivers', '2', ...ports]
  const request = { command: 'start', argv, env: receiverUnderTest(), cwd: directory }
  const loaded = loadConfig(request)
  const running = await startAllInOne(
    { ...loaded.config, log: { level: 'silent' } },
    {
      log: silentLog,
      isTerminal: false,
      version: 'test',
      webRoot: directory,
      settings: [],
      readAgain: (before = loaded) => reloadConfig(before, request),
      onFirstMetric: () => {},
      spawn: (name, setup) => {
        const worker = spawnWorker(name, setup)
        workers.set(setup.threadName, worker)
        return worker
      },
    },
  )
  return { running, workers }
}

beforeAll(async () => {
  carbon = await LineServer.start()
  // An interval of a day: nothing is flushed but what the tests ask for.
  kymo = await start('1d')
})

afterAll(async () => {
  await kymo.running.stop()
  await carbon.kill()
  cleanUp()
})

function port(service: string): number {
  return Number(new URL(kymo.running.status().addresses[service]?.[0] ?? '').port)
}

function url(path: string): string {
  return `http://127.0.0.1:${port('http')}${path}`
}

async function kill(thread: string): Promise<void> {
  const victim = kymo.workers.get(thread)
  await victim?.terminate()
}

/** The thread of streams is there from the first connection on. */
async function connectOnce(): Promise<void> {
  const stream = connect(port('statsd'), '127.0.0.1')
  stream.end()
  await once(stream, 'close')
}

async function ready(): Promise<void> {
  await until('it is ready', async () => (await fetch(url('/ready'))).ok)
}

/** Sends from several ports, so that every receiver gets some, and waits until all has been taken in. */
async function count(name: string, packets: number): Promise<void> {
  const before = kymo.running.status().lines.accepted
  for (let packet = 0; packet < packets; packet++) {
    const socket = createSocket('udp4')
    await new Promise((resolve) => socket.send(`${name}:1|c`, port('statsd'), '127.0.0.1', resolve))
    socket.close()
  }
  await until('all has been received', () => kymo.running.status().lines.accepted >= before + packets)
}

async function flush(): Promise<void> {
  const response = await fetch(url('/api/flush'), { method: 'POST' })
  expect(response.status).toBe(200)
}

/** What is in the store, over all flushes. */
async function stored(name: string): Promise<number> {
  const query = new URLSearchParams({ target: `stats.counters.${name}.count`, from: '-2d', until: '+30d' })
  const response = await fetch(url(`/render?${query.toString()}&format=json`))
  expect(response.status).toBe(200)
  const [series] = (await response.json()) as { datapoints: [number | null, number][] }[]
  return (series?.datapoints ?? []).reduce((sum, [value]) => sum + (value ?? 0), 0)
}

function sent(name: string): number {
  const lines = carbon.text.split('\n').filter((line) => line.startsWith(`stats.counters.${name}.count `))
  return lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)
}

describe.each(['keeper', 'delivery', 'shard-0', 'shard-1', 'shard-2', 'query-1'])(
  'the %s thread dies',
  (thread) => {
    test('and everything works again, as before and counted', async () => {
      const before = `before.${thread}`
      const after = `after.${thread}`
      await count(before, 20)
      await flush()
      await until('the sink has it', () => sent(before) === 20)
      expect(await stored(before)).toBe(20)

      if (thread === 'shard-0') await connectOnce()
      await kill(thread)
      await ready()
      await count(after, 20)
      await flush()
      await until('the sink has it', () => sent(after) === 20)
      expect([await stored(before), await stored(after)]).toEqual([20, 20])
      const metrics = await (await fetch(url('/metrics'))).text()
      expect(metrics).toContain(`kymo_worker_restarts_total{thread="${thread}"} 1\n`)
    })
  },
)

async function ownMetric(name: string): Promise<number> {
  const text = await (await fetch(url('/metrics'))).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

test('samples and points that come while there is no keeper wait for the next one', async () => {
  await count('survivor', 20)
  const storedBefore = await ownMetric('kymo_stored_points_total')
  await kill('keeper')
  const now = Math.floor(Date.now() / 1000)
  const stream = connect(port('graphite'), '127.0.0.1')
  // More than one batch, so that some try to leave at once.
  stream.end(Array.from({ length: 6_000 }, (_, index) => `stream.n${index % 100} 1 ${now}\n`).join(''))
  await once(stream, 'close')
  await count('survivor', 20)
  await ready()
  await until('all points have come', async () => {
    return (await ownMetric('kymo_stored_points_total')) === storedBefore + 6_000
  })
  await flush()
  expect(await stored('survivor')).toBe(40)
})

test('a query that the keeper dies under is answered', async () => {
  await kill('keeper')
  const answers = await Promise.all(
    Array.from({ length: 5 }, async () => (await fetch(url('/metrics/find?query=*'))).status),
  )
  for (const status of answers) expect([200, 500, 503]).toContain(status)
  await ready()
  expect((await fetch(url('/metrics/find?query=*'))).status).toBe(200)
})

test('an interval that ends while there is no keeper is flushed by the next one', async () => {
  const daily = kymo
  kymo = await start('1s')
  await count('warm', 4)
  await until('an interval is nearly over', () => Date.now() % 1_000 > 900 && Date.now() % 1_000 < 950)
  await kill('keeper')
  await count('held', 20)
  await until('the interval is over', () => Date.now() % 1_000 < 500)
  await count('held', 20)
  await ready()
  await until('all is flushed', async () => (await stored('held')) === 40)
  await kymo.running.stop()
  kymo = daily
})

// Datagrams that are received one at a time are received by a thread that watches nothing else.
const isOneAtATime = process.env['KYMO_TEST_RECEIVER'] === 'dgram'

test.skipIf(isOneAtATime)(
  'the receiver that watches for the first sender of a stream dies, and the next one does',
  async () => {
    const daily = kymo
    kymo = await start('1d')
    expect([...kymo.workers.keys()]).not.toContain('shard-0')
    await kill('shard-1')
    await ready()
    expect([...kymo.workers.keys()]).not.toContain('shard-0')
    await connectOnce()
    expect([...kymo.workers.keys()]).toContain('shard-0')
    await kymo.running.stop()
    kymo = daily
  },
)
