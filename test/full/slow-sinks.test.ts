import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

// Others that take what sinks send, or answer it, one byte a second, in real time: what the process and the other sinks notice of it.

const METRICS = 2_000
const TIMEOUT_SECONDS = 3
/** Names are long, so that a few flushes fill what the kernels at both ends hold. */
const NAME = 'n'.repeat(400)

interface SinkReport {
  readonly name: string
  readonly state: string
  readonly queuedPoints: number
  readonly sentPoints: number
  readonly droppedPoints: number
  readonly lastError: string | null
}

const servers: Server[] = []
const sockets: Socket[] = []
const path = join(temporaryDirectory(), 'flushes.jsonl')
let kymo: KymoProcess

/** Does this to each connection, once a second. */
async function everySecond(action: (socket: Socket, second: number) => void): Promise<number> {
  const server = createServer({ pauseOnConnect: true, highWaterMark: 1 }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    let second = 0
    const timer = setInterval(() => action(socket, second++), 1_000)
    socket.on('close', () => clearInterval(timer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return (server.address() as AddressInfo).port
}

/** Established ones, seen from the end of who has connected: the other one, which hardly reads, hears late or never that one was closed. */
function connectionsTo(listening: readonly Server[]): number {
  const ports = new Set(listening.map((server) => (server.address() as AddressInfo).port))
  const rows = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').slice(1)
  return rows.filter((row) => {
    // `sl local_address rem_address st …`, in hexadecimal digits; 01 is established.
    const [, , remote = '', state] = row.trim().split(/\s+/)
    return state === '01' && ports.has(Number.parseInt(remote.split(':')[1] ?? '', 16))
  }).length
}

beforeAll(async () => {
  const readsSlowly = (socket: Socket): void => void socket.read(1)
  const answer = 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'
  const answersSlowly = (socket: Socket, second: number): void => {
    socket.resume()
    socket.write(answer.charAt(second))
  }
  const timeout = `${TIMEOUT_SECONDS}s`
  const sinks = [
    {
      type: 'graphite',
      name: 'read-tcp',
      host: '127.0.0.1',
      port: await everySecond(readsSlowly),
      send_timeout: timeout,
    },
    {
      type: 'http',
      name: 'read-http',
      url: await urlOf(readsSlowly),
      compression: 'none',
      request_timeout: timeout,
    },
    { type: 'http', name: 'answer-http', url: await urlOf(answersSlowly), request_timeout: timeout },
    { type: 'file', name: 'other', path },
  ].map((sink) => ({ ...sink, include: [`stats.gauges.${NAME}.*`] }))
  kymo = await KymoProcess.start({ env: { KYMO_SINKS: JSON.stringify(sinks) } })
  for (let index = 0; index < METRICS; index += 100) {
    const lines = Array.from({ length: 100 }, (_, offset) => `${NAME}.m${index + offset}:1|g`)
    await kymo.tcp(`${lines.join('\n')}\n`)
  }
})

afterAll(() => {
  for (const server of servers) server.close()
  for (const socket of sockets) socket.destroy()
  cleanUp()
})

async function urlOf(action: (socket: Socket, second: number) => void): Promise<string> {
  return `http://127.0.0.1:${await everySecond(action)}/`
}

async function sinks(): Promise<Record<string, SinkReport>> {
  const { sinks: all } = await kymo.json<{ sinks: SinkReport[] }>('/api/status')
  return Object.fromEntries(all.map((sink) => [sink.name, sink]))
}

test('they are given up after their timeout, and tried again; all waits, and nobody else does', async () => {
  const words: Record<string, RegExp> = {
    'read-tcp': /nothing taken within 3 s/,
    'read-http': /not answered within 3 s/,
    'answer-http': /not answered within 3 s/,
  }
  for (const [name, error] of Object.entries(words))
    await until(`${name} is given up`, async () => error.test((await sinks())[name]?.lastError ?? ''), 30_000)
  await until(
    'the file has ten flushes',
    async () => ((await sinks())['other']?.sentPoints ?? 0) >= 10 * METRICS,
    60_000,
  )

  const all = await sinks()
  for (const name of Object.keys(words)) {
    const { queuedPoints = 0, sentPoints = 0, droppedPoints, state } = all[name] ?? {}
    expect(droppedPoints, name).toBe(0)
    expect(queuedPoints + sentPoints, name).toBeGreaterThanOrEqual(9 * METRICS)
    // What the kernel has taken counts as sent over TCP: each new connection takes a few flushes before it stands still.
    if (name !== 'read-tcp') expect({ sentPoints, state }).toEqual({ sentPoints: 0, state: 'retrying' })
  }
  expect(all['other']).toMatchObject({ state: 'ok', droppedPoints: 0 })
  expect(all['other']?.queuedPoints).toBeLessThanOrEqual(METRICS)
  // Each attempt has a connection of its own, and those before it are closed.
  expect(connectionsTo(servers)).toBeLessThanOrEqual(3)

  expect(existsSync(path)).toBe(true)
  const times = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { timestamp: number }).timestamp)
  const steps = new Set(
    [...new Set(times)].map((time, index, distinct) => time - (distinct[index - 1] ?? time - 1)),
  )
  expect(steps).toEqual(new Set([1]))
}, 120_000)

test('and a stop does not wait for them longer than for others', async () => {
  const startMs = performance.now()
  expect(await kymo.end()).toBe(0)
  expect(performance.now() - startMs).toBeLessThan(20_000)
}, 60_000)
