import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { silentLog } from '../../telemetry/log.ts'
import { type AdminConsole, type AdminConsoleOptions, createAdminConsole } from '../admin-console.ts'
import { createFakeServices, noMetrics } from './fake-services.ts'

const DEADLINE_MS = 10_000

const running: AdminConsole[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(running.splice(0).map((console) => console.close()))
})

/** A console on a free port of the loopback, closed after the test. */
export async function start(options: Partial<AdminConsoleOptions> & { readonly clock?: FakeClock } = {}) {
  const clock = options.clock ?? new FakeClock()
  const admin = createAdminConsole({
    hosts: ['127.0.0.1'],
    port: 0,
    services: createFakeServices(noMetrics()),
    log: silentLog,
    ...options,
    clock,
  })
  running.push(admin)
  const addresses = await admin.open()
  return { admin, clock, addresses, port: addresses[0]?.port ?? 0 }
}

/** A client, gone after the test. */
export async function join(port: number, host = '127.0.0.1') {
  const socket = connect({ port, host, noDelay: true })
  sockets.push(socket)
  socket.setEncoding('latin1')
  const client = { socket, received: '', isClosed: false }
  socket.on('data', (chunk) => (client.received += String(chunk)))
  socket.on('error', () => {})
  socket.on('close', () => {
    client.isClosed = true
  })
  await once(socket, 'connect')
  return client
}

/** What a client is sent that sends these pieces and nothing more. */
export async function converse(port: number, pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const client = await join(port)
  client.socket.setEncoding('utf8')
  for (const piece of pieces) {
    client.socket.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  client.socket.end()
  await until(() => client.isClosed)
  return client.received
}

export async function until(isTrue: () => boolean): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS
  while (!isTrue()) {
    if (systemClock.monotonicMs() > deadlineMs) throw new Error('it did not come true in time')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
