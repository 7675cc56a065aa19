// A start after a kill -9 that left much to read through: HTTP says how far it is, and StatsD's datagrams are taken in meanwhile.
import { createSocket } from 'node:dgram'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '../harness/free-port.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

const SERIES = 20_000
const POINTS_PER_SERIES = 60

test('until the store is read through /ready is 503 and says how far it is; then everything is there', async () => {
  const data = temporaryDirectory()
  await fill(data)

  const [httpPort, statsdPort] = [await freePort(), await freePort()]
  const kymo = KymoProcess.launch({
    data,
    args: ['--http-port', String(httpPort), '--statsd-port', String(statsdPort)],
  })
  const url = `http://127.0.0.1:${httpPort}`
  const reasons: string[] = []
  await until(
    'it is ready',
    async () => {
      const ready = await fetch(`${url}/ready`).catch(() => undefined)
      if (ready === undefined) return false
      if (ready.status === 200) return true
      expect(ready.status).toBe(503)
      reasons.push(await ready.text())
      if (reasons.length === 1) await send('during.recovery:7|g', statsdPort)
      return false
    },
    60_000,
  )
  expect(reasons.some((reason) => /it is recovering, \d+ of \d+ bytes/.test(reason))).toBe(true)

  const series = await render(url, 'fill.77*')
  expect(series).toHaveLength(111)
  await until('what came meanwhile is there', async () => {
    await fetch(`${url}/api/flush`, { method: 'POST' })
    return (await render(url, 'stats.gauges.during.recovery')).length === 1
  })
  expect(await kymo.end()).toBe(0)
})

/** Writes points, and leaves the log as a kill does. */
async function fill(data: string): Promise<void> {
  const kymo = await KymoProcess.start({ data, env: { KYMO_LIMITS_SERIES: '1000000' } })
  const lastSeconds = Math.floor(Date.now() / 1_000)
  for (let point = 0; point < POINTS_PER_SERIES; point++) {
    const seconds = lastSeconds - 60 * (POINTS_PER_SERIES - point)
    const lines = Array.from(
      { length: SERIES },
      (_, index) => `fill.${index} ${index + point / 100} ${seconds}\n`,
    )
    await kymo.tcp(lines.join(''), 'graphite')
  }
  await until(
    'all points are stored',
    async () => {
      const status = await kymo.json<{ store: { points: number } }>('/api/status')
      return status.store.points >= SERIES * POINTS_PER_SERIES
    },
    60_000,
  )
  expect(await kymo.end('SIGKILL')).toBe('SIGKILL')
}

async function send(line: string, port: number): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send(line, port, '127.0.0.1', resolve))
  socket.close()
}

async function render(url: string, target: string): Promise<unknown[]> {
  const query = new URLSearchParams({ target, from: '-2h', until: '+1h', format: 'json', maxDataPoints: '1' })
  const answer = await fetch(`${url}/render?${query.toString()}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as unknown[]
}
