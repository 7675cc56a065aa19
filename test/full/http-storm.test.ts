import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { residentBytes } from '../../bench/ingest/process-memory.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

// More questions than can be answered, larger ones than anybody wants, and clients that ask and go.
let kymo: KymoProcess
const NOW = Math.floor(Date.now() / 10_000) * 10
const SERIES = 2_000

beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '10s' })
  const lines: string[] = []
  for (let index = 0; index < SERIES; index++)
    for (let ago = 0; ago < 600; ago += 10) lines.push(`storm.s${index}.v ${index} ${NOW - ago}\n`)
  const response = await fetch(kymo.url('/api/write/graphite'), { method: 'POST', body: lines.join('') })
  expect(response.status).toBe(204)
  await until('all is stored', async () => (await metric('kymo_stored_points_total')) >= SERIES * 60, 60_000)
}, 120_000)
afterAll(cleanUp)

async function metric(name: string): Promise<number> {
  const text = await (await fetch(kymo.url('/metrics'))).text()
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN)
}

test('500 renders at once are answered, or sent away with a time to come back', {
  timeout: 120_000,
}, async () => {
  const late = await metric('kymo_late_partials_total')
  const answers = await Promise.all(
    Array.from({ length: 500 }, async (_value, index) => {
      const target = `movingAverage(storm.s${index}*.v,5)`
      const response = await fetch(kymo.url(`/render?target=${target}&from=-1h&noCache=1&format=json`))
      const body: unknown = await response.json()
      return { status: response.status, retry: response.headers.get('retry-after'), body }
    }),
  )
  const answered = answers.filter(({ status }) => status === 200)
  const refused = answers.filter(({ status }) => status !== 200)
  expect(answered.length).toBeGreaterThan(200)
  for (const { status, retry, body } of refused) {
    expect([status, retry]).toEqual([503, '1'])
    expect(body).toMatchObject({ code: 'server-busy' })
  }
  expect(await metric('kymo_late_partials_total')).toBe(late)
  expect((await fetch(kymo.url('/render?target=storm.s1.v&format=json'))).status).toBe(200)
})

test.each([
  '*.*.*',
  'storm.{s1,s2}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}.v',
  `storm.${'[a-z]'.repeat(50)}.v`,
  `${'('.repeat(10_000)}a`,
  "timeStack(storm.*.v,'1s',0,1000000)",
  "movingAverage(storm.*.v,'100y')",
])('%s is answered or refused within seconds', { timeout: 30_000 }, async (target) => {
  const beganMs = performance.now()
  const response = await fetch(kymo.url('/render'), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ target, from: '-10min', format: 'json' }).toString(),
  })
  expect([200, 400, 403, 422, 503]).toContain(response.status)
  await response.json()
  expect(performance.now() - beganMs).toBeLessThan(20_000)
})

test('clients that ask and go, and such as never read, leave room for others', {
  timeout: 120_000,
}, async () => {
  const path = '/render?target=storm.*.v&from=-10d&format=json&noCache=1'
  const sockets = Array.from({ length: 40 }, (_value, index) => {
    const socket = connect(kymo.port('http'), '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${kymo.port('http')}\r\n\r\n`)
    // Half of them go before they are answered; the others never read.
    if (index % 2 === 0) setTimeout(() => socket.destroy(), index * 10)
    return socket
  })
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  for (const socket of sockets) socket.destroy()
  await until(
    'there is room again',
    async () => (await fetch(kymo.url('/render?target=storm.s1.v&noCache=1&format=json'))).status === 200,
    60_000,
  )
})

test('bodies that never end take bounded memory, and nobody else their place', {
  timeout: 60_000,
}, async () => {
  const pid = kymo.child.pid ?? 0
  const before = residentBytes(pid)
  const head = `Host: 127.0.0.1:${kymo.port('http')}\r\nContent-Type: application/x-www-form-urlencoded\r\n`
  const begun = (path: string, body: string): Socket => {
    const socket = connect(kymo.port('http'), '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`POST ${path} HTTP/1.1\r\n${head}Content-Length: 1000000\r\n\r\n${body}`)
    return socket
  }
  const slow = Array.from({ length: 60 }, () => begun('/api/write/graphite', 'a'))
  const write = () =>
    fetch(kymo.url('/api/write/graphite'), { method: 'POST', body: `storm.more 1 ${NOW}\n` })
  expect((await write()).status).toBe(204)
  // 700 MB.
  const large = Array.from({ length: 800 }, () => begun('/render', 't'.repeat(900_000)))
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  expect((await fetch(kymo.url('/render?target=storm.s1.v&noCache=1&format=json'))).status).toBe(200)
  expect(residentBytes(pid) - before).toBeLessThan(450 * 1024 * 1024)
  for (const socket of [...slow, ...large]) socket.destroy()
  await until('there is room for writes again', async () => (await write()).status === 204)
})
