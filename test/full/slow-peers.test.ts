import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

// Peers that send a byte every ten seconds, in real time. All at once, so that it takes one minute and not four.

const PAUSE_MS = 10_000

let kymo: KymoProcess
const sockets: Socket[] = []

beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '1d' })
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  cleanUp()
})

test.concurrent('StatsD takes the line when it is whole', async () => {
  const socket = await trickle('statsd', 's:1|c\n')
  await until('the line is taken', async () => /listener="statsd-tcp"\} 1$/m.test(await acceptedLines()))
  expect(socket.destroyed).toBe(false)
})

test.concurrent('Graphite takes the line when it is whole', async () => {
  const socket = await trickle('graphite', 's 1 -1\n')
  await until('the line is taken', async () => /listener="graphite-tcp"\} 1$/m.test(await acceptedLines()))
  expect(socket.destroyed).toBe(false)
})

test.concurrent('HTTP hangs up before the headers are whole, and answers others meanwhile', async () => {
  const startMs = performance.now()
  const socket = await trickle('http', 'GET / HTTP/1.1\r\n')
  expect(socket.destroyed).toBe(true)
  expect(performance.now() - startMs).toBeLessThan(25_000)
  expect((await fetch(kymo.url('/ready'))).status).toBe(200)
})

test.concurrent('the console answers what it has as a command, and others meanwhile', async () => {
  const slow = trickle('admin', 'quit\n')
  expect(await kymo.tcp('health\nquit\n', 'admin')).toBe('health: up\n')
  const socket = await slow
  expect(socket.read()?.toString()).toMatch(/^(ERROR\n)+$/)
})

/** Sends byte by byte, until it is done or hung up on. */
async function trickle(service: 'statsd' | 'graphite' | 'http' | 'admin', text: string): Promise<Socket> {
  const socket = connect({ port: kymo.port(service), host: '127.0.0.1', noDelay: true })
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  // What comes stays to be read, and the end of the connection is noticed.
  if (service === 'http') socket.resume()
  for (const byte of text) {
    socket.write(byte)
    if (byte === text.at(-1)) break
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, PAUSE_MS))])
    if (socket.destroyed) break
  }
  return socket
}

async function acceptedLines(): Promise<string> {
  const text = await (await fetch(kymo.url('/metrics'))).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith('kymo_accepted_lines_total'))
    .join('\n')
}
