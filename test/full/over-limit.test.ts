import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { StatusReport } from '../../src/api/services.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

afterAll(cleanUp)

const HOSTILE = 'api."}<script>{\\"'
const OVER_LIMIT = /^kymo_over_limit_metrics_total (\d+)$/m

test('a flood of new names is added up, and named in the status, the own metrics and the log', async () => {
  const kymo = await KymoProcess.start({
    flushInterval: '1d',
    env: {
      KYMO_STATSD_NAMES: 'utf8',
      KYMO_LIMITS_PREFIXES: '[{"prefix": "api", "series": 2}]',
    },
  })
  await kymo.udp('api.known:1|c\napi.other:1|c\nelsewhere:1|c')
  await kymo.received(3)
  await kymo.flush()
  const flood = Array.from({ length: 1_000 }, (_, index) => `api.user.${index}:1|c`)
  await kymo.tcp([...flood, `${HOSTILE}:1|c`, 'api.known:1|c', ''].join('\n'))
  await kymo.received(1_005)
  await kymo.flush()

  const sum = async (name: string) => {
    const [series] = await kymo.render(`stats.counters.${name}.count`, '-1d', '+3d')
    return series?.datapoints.reduce((total, [value]) => total + (value ?? 0), 0)
  }
  expect(await sum('api.known')).toBe(2)
  expect(await sum('api.__over_limit__')).toBe(1_001)
  // The report of a flush may come just behind it.
  await until('the flush is in the status', async () => (await limitsOf(kymo)).refused > 0)
  const limits = await limitsOf(kymo)
  expect(limits.refused).toBe(1_001)
  expect(limits.offenders).toMatchObject([
    { prefix: 'api.user', refused: 1_000, limit: { prefix: 'api', series: 2 } },
    { prefix: HOSTILE, refused: 1, examples: [HOSTILE] },
  ])
  const text = await (await fetch(kymo.url('/metrics'))).text()
  expect(OVER_LIMIT.exec(text)?.[1]).toBe('1001')
  await until('the log names the worst', () => kymo.stderr.includes('a limit on metrics is full'))
  const line = kymo.stderr.split('\n').find((text) => text.includes('a limit on metrics is full')) ?? ''
  expect(JSON.parse(line)).toMatchObject({ limit: 2, limitPrefix: 'api', worst: 'api.user' })
})

test('limits of a reload are watched as those of the start', async () => {
  const config = join(temporaryDirectory(), 'kymo.yaml')
  writeFileSync(config, 'limits: {prefixes: [{prefix: api, series: 2}]}\n')
  const kymo = await KymoProcess.start({ flushInterval: '1d', args: [config] })
  const send = async (prefix: string, lines: number) => {
    await kymo.udp(['a', 'b', 'c'].map((node) => `${prefix}.${node}:1|c`).join('\n'))
    await kymo.received(lines)
    await kymo.flush()
  }
  await send('api', 3)
  await until('it is in the status', async () => (await limitsOf(kymo)).refused === 1)
  writeFileSync(config, 'limits: {prefixes: [{prefix: web, series: 1}]}\n')
  const { ok } = await fetch(kymo.url('/api/reload'), { method: 'POST' })
  expect(ok).toBe(true)
  await send('api', 6)
  await send('web', 9)
  await until('it is in the status', async () => (await limitsOf(kymo)).refused === 3)
  expect((await limitsOf(kymo)).offenders).toMatchObject([
    { prefix: 'web.b', refused: 1, limit: { prefix: 'web', series: 1 } },
    { prefix: 'web.c', refused: 1 },
  ])
})

test('points of new series over a limit are refused and counted, and what was there before goes on', async () => {
  const data = temporaryDirectory()
  const options = {
    data,
    flushInterval: '1d',
    env: { KYMO_LIMITS_PREFIXES: '[{"prefix": "by", "series": 5}]' },
  }
  const now = Math.floor(Date.now() / 1_000)
  const points = (count: number) =>
    Array.from({ length: count }, (_, index) => `by.point.${index} ${index} ${now}\n`).join('')
  const refusedOf = async (kymo: KymoProcess): Promise<number> => {
    const text = await (await fetch(kymo.url('/metrics'))).text()
    return Number(/^kymo_dropped_points_total\{sink="store",reason="over_limit"\} (\d+)$/m.exec(text)?.[1])
  }
  const stored = async (kymo: KymoProcess) =>
    (await kymo.json<{ results: string[] }>('/metrics/expand?query=by.point.*')).results.toSorted()
  const known = ['by.point.0', 'by.point.1', 'by.point.2', 'by.point.3', 'by.point.4']

  const first = await KymoProcess.start(options)
  await first.tcp(points(1_000), 'graphite')
  await until('the rest is refused', async () => (await refusedOf(first)) === 995)
  await first.udp(`by.statsd:1|c|T${now}\nby.statsd:1|c`)
  await until('a point of StatsD is refused as well', async () => (await refusedOf(first)) === 996)
  await until('five are stored', async () => (await stored(first)).length === 5)
  expect(await stored(first)).toEqual(known)
  // A sum has somewhere to go: its metric counts against the same limit.
  await first.flush()
  const [sum] = await first.render('stats.counters.by.__over_limit__.count', '-1d', '+3d')
  expect(sum?.datapoints.filter(([value]) => value !== null)).toMatchObject([[1, expect.any(Number)]])
  await until('the worst is named', async () => (await limitsOf(first)).offenders[0]?.refused === 995)
  expect((await limitsOf(first)).offenders[0]).toMatchObject({
    prefix: 'by.point',
    limit: { prefix: 'by', series: 5 },
  })
  expect(await first.end()).toBe(0)

  // What the store has is let in again.
  const second = await KymoProcess.start(options)
  await second.tcp(`by.another 1 ${now}\n${points(7)}`, 'graphite')
  await until('three are refused', async () => (await refusedOf(second)) >= 2)
  await second.tcp(`by.another 1 ${now}\n`, 'graphite')
  expect(await stored(second)).toEqual(known)
})

async function limitsOf(kymo: KymoProcess): Promise<StatusReport['limits']> {
  return (await kymo.json<StatusReport>('/api/status')).limits
}
