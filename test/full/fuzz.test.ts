import { connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess } from '../harness/kymo.ts'

let kymo: KymoProcess

beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '1s' })
})
afterAll(cleanUp)

const seeds = [
  'a:1|c',
  'a.b:2.5|ms|@0.5|#t:v,u',
  '_e{5,4}:title|text',
  '_sc|x|0',
  'x;a=b:1|g',
  'n 1 1700000000',
  'a:1:2:3|d|c:x|T1',
]
const pieces = [
  ':',
  '|',
  '@',
  '#',
  '\n',
  '\r',
  '\0',
  ';',
  '=',
  '__proto__',
  '\ufeff',
  '\u202e',
  '💥',
  '{',
  '}',
  '-1',
  '1e999',
  'NaN',
  ' ',
]

// A seed fixed by the run and printed with a failure, so that a failure can be repeated.
const seed = Number(process.env.KYMO_TEST_SEED ?? Date.now() % 1_000_000)
const random = mulberry32(seed)

test(`ten thousand hostile packets to every intake, seed ${seed}: it stays up and its numbers add up`, async () => {
  for (let i = 0; i < 10_000; i++) {
    const packet = hostile()
    const service = i % 2 === 0 ? 'statsd' : 'graphite'
    if (i % 10 === 0) await tcpMaybeReset(service, packet)
    else await kymo.udp(packet.subarray(0, 60_000), service)
  }
  await kymo.udp('alive:1|c')
  const { lines } = await kymo.json<{ lines: { received: number; accepted: number; rejected: number } }>(
    '/api/status',
  )
  expect(lines.received).toBe(lines.accepted + lines.rejected)
  expect(lines.rejected).toBeGreaterThan(0)
  await kymo.flush()
  expect((await kymo.values('stats.counters.alive.count')).reduce((sum, value) => sum + value, 0)).toBe(1)
})

test('garbage on the ports of HTTP and the console is answered or hung up on, and it stays up', async () => {
  for (let i = 0; i < 300; i++) await tcpMaybeReset(i % 2 === 0 ? 'http' : 'admin', hostile())
  const paths = [
    '/render?target=',
    '/render?from=%00&target=a',
    '/metrics/find?query=%ff%fe',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/render?target=' + '('.repeat(5_000),
    '/metrics/expand?query=' + '{a,'.repeat(500),
    '//',
    '/render?format=%3Cscript%3E&target=a',
  ]
  for (const path of paths) {
    const response = await fetch(kymo.url(path))
    expect(response.status, path).toBeLessThan(500)
    // Whatever is echoed is JSON that no browser takes for a page, and never a stack.
    expect(response.headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(response.headers.get('content-type'), path).toMatch(/^application\/json/)
    expect(await response.text(), path).not.toMatch(/at .*\.ts:\d+/)
  }
  expect((await fetch(kymo.url('/ready'))).status).toBe(200)
})

function hostile(): Uint8Array {
  if (random() < 0.2)
    return Uint8Array.from({ length: Math.floor(random() * 2_000) }, () => Math.floor(random() * 256))
  let text = ''
  for (let n = Math.floor(random() * 20); n >= 0; n--) {
    let line = pick(seeds)
    for (let m = Math.floor(random() * 4); m > 0; m--) {
      const at = Math.floor(random() * (line.length + 1))
      line =
        line.slice(0, at) + (random() < 0.5 ? pick(pieces) : '') + line.slice(at + (random() < 0.5 ? 1 : 0))
    }
    text += `${line}${random() < 0.9 ? '\n' : ''}`
  }
  return new TextEncoder().encode(random() < 0.02 ? text.repeat(500) : text)
}

async function tcpMaybeReset(
  service: 'statsd' | 'graphite' | 'http' | 'admin',
  bytes: Uint8Array,
): Promise<void> {
  const socket = connect(kymo.port(service), '127.0.0.1')
  socket.on('error', () => {})
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  socket.write(bytes)
  if (random() < 0.5) socket.resetAndDestroy()
  else socket.end()
  socket.resume()
  if (!socket.closed)
    await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 200))])
  socket.destroy()
}

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item
}

function mulberry32(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
