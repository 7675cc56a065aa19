import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, until } from './harness/kymo.ts'

// Points by HTTP, through a whole Kymo, and back out of /render.
let kymo: KymoProcess

beforeAll(async () => {
  kymo = await KymoProcess.start()
})
afterAll(cleanUp)

const NOW = Math.floor(Date.now() / 1_000)

async function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  const response = await fetch(kymo.url(path), { method: 'POST', body, headers })
  return { status: response.status, text: await response.text() }
}

async function lastOf(target: string): Promise<number | undefined> {
  const [series] = await kymo.json<{ datapoints: [number | null, number][] }[]>(
    `/render?target=${encodeURIComponent(target)}&from=-1min&until=%2B1min&noNullPoints=1&format=json`,
  )
  return series?.datapoints.at(-1)?.[0] ?? undefined
}

test.each<
  [
    what: string,
    path: string,
    body: string | Uint8Array,
    target: string,
    value: number,
    headers?: Record<string, string>,
  ]
>([
  [
    'lines of Graphite',
    '/api/write/graphite',
    `http.graphite;b=2;a=1 7 ${NOW}\n`,
    'http.graphite;a=1;b=2',
    7,
  ],
  ["Influx' lines", '/write?db=x&precision=s', `http,host=a influx=8i ${NOW}`, 'http_influx;host=a', 8],
  ["Influx 2's lines", '/api/v2/write?bucket=b', `http influx2=9 ${NOW}000000000`, 'http_influx2', 9],
  [
    'JSON',
    '/api/write/json',
    JSON.stringify({ metric: 'http.json', value: 1.5, timestamp: NOW }),
    'http.json',
    1.5,
  ],
  [
    'gzip',
    '/api/write/graphite',
    gzipSync(`http.gzip 3 ${NOW}\n`),
    'http.gzip',
    3,
    { 'content-encoding': 'gzip' },
  ],
  [
    'zstd',
    '/api/write/graphite',
    zstdCompressSync(`http.zstd 4 ${NOW}\n`),
    'http.zstd',
    4,
    { 'content-encoding': 'zstd' },
  ],
])('%s is taken in and found again', async (_what, path, body, target, value, headers) => {
  const sent = typeof body === 'string' ? body : Uint8Array.from(body)
  expect(await post(path, sent, headers)).toEqual({ status: 204, text: '' })
  await until('the point is there', async () => (await lastOf(target)) === value)
})

test('what is aggregated already stays exact at coarser steps', async () => {
  const start = Math.floor(NOW / 60) * 60 - 20 * 86_400
  const values = [[1, 2, 3], [40], [-5, 0.5], [7, 7, 7, 7]]
  const points = values.map((group, index) => ({
    metric: 'http.agg',
    tags: { host: 'a' },
    timestamp: start + index * 10,
    value: {
      count: group.length,
      sum: group.reduce((sum, value) => sum + value, 0),
      min: Math.min(...group),
      max: Math.max(...group),
      last: group.at(-1),
    },
  }))
  expect((await post('/api/write/json', JSON.stringify(points))).status).toBe(204)
  // So old that it is answered in minutes.
  const minute = async (target: string) => {
    const query = new URLSearchParams({
      target,
      from: String(start - 1),
      until: String(start + 59),
      noNullPoints: '1',
      format: 'json',
    })
    const [series] = await kymo.json<{ datapoints: [number, number][] }[]>(`/render?${query.toString()}`)
    return series?.datapoints
  }
  const all = values.flat()
  const sum = all.reduce((total, value) => total + value, 0)
  await until('they are there', async () => (await minute('http.agg.last;host=a'))?.[0]?.[0] === 7)
  expect(await minute('http.agg.count;host=a')).toEqual([[all.length, start]])
  expect(await minute('http.agg.sum;host=a')).toEqual([[sum, start]])
  expect(await minute('http.agg.min;host=a')).toEqual([[-5, start]])
  expect(await minute('http.agg.max;host=a')).toEqual([[40, start]])
  expect(await minute('http.agg.last;host=a')).toEqual([[7, start]])
  const mean = await minute('divideSeries(http.agg.sum;host=a,http.agg.count;host=a)')
  expect(mean).toEqual([[sum / all.length, start]])
})

test('lines of StatsD are aggregated', async () => {
  expect((await post('/api/write/statsd', 'http.gauge:5|g\nhttp.count:1|c\n')).status).toBe(204)
  await kymo.flush()
  expect(await lastOf('stats.gauges.http.gauge')).toBe(5)
})

test('the good lines of a body with bad ones are kept', async () => {
  const { status, text } = await post('/api/write/graphite', `http.good 1 ${NOW}\nhttp.bad x ${NOW}\n`)
  expect(status).toBe(400)
  expect(JSON.parse(text)).toMatchObject({
    code: 'lines-refused',
    error: expect.stringContaining('line 2: bad_number in "http.bad x') as string,
  })
  await until('the point is there', async () => (await lastOf('http.good')) === 1)
  const report = await kymo.json<{ lines: { rejectedByReason: Record<string, number> } }>('/api/status')
  expect(report.lines.rejectedByReason.bad_number).toBe(1)
})

test.each([
  ['/api/write/graphite', 'gzip', gzipSync(Buffer.alloc(100 * 1024 * 1024)), 413],
  ['/api/write/graphite', 'zstd', zstdCompressSync(Buffer.alloc(100 * 1024 * 1024)), 413],
  ['/write', 'gzip', Buffer.from('no gzip'), 400],
  ['/write', 'gzip, gzip', gzipSync(gzipSync('a b=1')), 415],
  ['/render', 'gzip', gzipSync('target=a'), 415],
  ['/api/write/json', 'identity', Buffer.from('{"metric":'), 400],
])('%s refuses a body of %s that is none, or too much', async (path, coding, body, status) => {
  const answer = await post(path, Uint8Array.from(body), { 'content-encoding': coding })
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.text)).toMatchObject({
    code: expect.any(String) as string,
    message: expect.any(String) as string,
  })
})
