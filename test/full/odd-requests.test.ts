import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peakResidentBytes, residentBytes } from '../../bench/ingest/process-memory.ts'
import { cleanUp, KymoProcess, until } from '../harness/kymo.ts'

// Requests as careless and hostile clients send them, to a whole Kymo.
let kymo: KymoProcess
/** Of the points. */
const T = Math.floor(Date.now() / 10_000) * 10 - 60
const range = `from=${T - 5}&until=${T + 5}`

const VALUES = {
  huge: 1e308,
  low: -1e308,
  zero: 0,
  minus: -0,
  counter: 2 ** 53 + 2,
  tiny: 5e-324,
}

beforeAll(async () => {
  kymo = await KymoProcess.start({ flushInterval: '10s' })
  const points = Object.entries(VALUES).map(([name, value]) => ({
    metric: `odd.${name}`,
    value,
    timestamp: T,
  }))
  const sent = await fetch(kymo.url('/api/write/json'), { method: 'POST', body: JSON.stringify(points) })
  expect(sent.status).toBe(204)
  await until(
    'all is stored',
    async () => (await kymo.json<unknown[]>('/metrics/find?query=odd.*')).length === 6,
  )
})
afterAll(cleanUp)

async function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  const response = await fetch(kymo.url(path), { method: 'POST', body, headers })
  return { status: response.status, text: await response.text() }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

test.each(['PUT', 'PATCH', 'DELETE'])(
  'bodies of %s, which no path takes, are given back one after the other',
  { timeout: 30_000 },
  async (method) => {
    // All of them are more than Kymo holds at once.
    const body = JSON.stringify({ target: 'a'.repeat(900_000) })
    const request = { method, body, headers: { 'content-type': 'application/json' } }
    for (let count = 0; count < 350; count++) {
      const { status } = await fetch(kymo.url('/nowhere'), request)
      expect(status).toBe(404)
    }
    expect((await post('/render', 'target=odd.zero&format=json', FORM)).status).toBe(200)
  },
)

describe('bodies that swell', () => {
  const BYTES = 256 * 1024 * 1024
  const bombs: [coding: string, bomb: () => Uint8Array][] = [
    ['gzip', () => gzipSync(Buffer.alloc(BYTES))],
    ['zstd', () => zstdCompressSync(Buffer.alloc(BYTES))],
  ]
  test.skipIf(process.platform !== 'linux').each(bombs)(
    'by %s, to 256 MB, are refused at the limit, twenty at once in flat memory',
    { timeout: 30_000 },
    async (coding, bomb) => {
      const body = Uint8Array.from(bomb())
      const pid = kymo.child.pid ?? 0
      await post('/write', body, { 'content-encoding': coding })
      const before = residentBytes(pid)
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => post('/api/write/graphite', body, { 'content-encoding': coding })),
      )
      for (const { status, text } of answers) {
        expect(status).toBe(413)
        expect(JSON.parse(text)).toMatchObject({
          code: 'body-too-large',
          message: expect.stringContaining('33554432') as string,
        })
      }
      // Four are unpacked at once, to 32 MiB and a piece at the most; twenty that were held would be 640 MiB.
      expect(Math.max(peakResidentBytes(pid), residentBytes(pid)) - before).toBeLessThan(400 * 1024 * 1024)
      expect((await fetch(kymo.url('/ready'))).status).toBe(200)
    },
  )

  test.each(['br', 'deflate', 'snappy', 'gzip, gzip', 'x'.repeat(200)])(
    'by %s are not taken at all',
    async (coding) => {
      const { status, text } = await post('/write', 'a b=1', { 'content-encoding': coding })
      expect(status).toBe(415)
      expect(JSON.parse(text)).toMatchObject({ code: 'body-unsupported' })
    },
  )
})

describe('NaN, infinities and the ends of numbers', () => {
  test.each([
    ['scale(odd.huge,10)', [null, T]],
    ['scale(odd.low,10)', [null, T]],
    ['divideSeries(odd.zero,odd.zero)', [null, T]],
    ['divideSeries(odd.huge,odd.zero)', [null, T]],
    ['logarithm(odd.zero)', [null, T]],
    ['squareRoot(odd.low)', [null, T]],
    ['sumSeries(odd.huge,odd.huge)', [null, T]],
    ['odd.huge', [1e308, T]],
    ['odd.low', [-1e308, T]],
    ['odd.tiny', [5e-324, T]],
    ['odd.counter', [2 ** 53 + 2, T]],
  ])('%s is %j in JSON that is valid', async (target, wanted) => {
    const answer = await post('/render', `target=${encodeURIComponent(target)}&${range}&format=json`, FORM)
    expect(answer.status, answer.text).toBe(200)
    const [series] = JSON.parse(answer.text) as { datapoints: unknown[] }[]
    expect(series?.datapoints).toContainEqual(wanted)
    expect(answer.text).not.toMatch(/NaN|Infinity|1e9999/)
  })

  test.each(['json', 'dygraph', 'rickshaw', 'json&meta=true', 'json&maxDataPoints=1', 'json&jsonp='])(
    'as %s too',
    async (format) => {
      const targets = ['scale(odd.*,10)', 'divideSeries(odd.huge,odd.zero)', 'odd.*']
      const { status, text } = await post(
        '/render',
        `${targets.map((target) => `target=${target}`).join('&')}&${range}&format=${format}`,
        FORM,
      )
      expect(status, text).toBe(200)
      expect(() => JSON.parse(text) as unknown).not.toThrow()
    },
  )

  test.each(['NaN', 'nan', 'inf', '-inf', 'Infinity', '1e400', '-1e400', '0x10', '1_000', ''])(
    'the value "%s" is refused by each format that points come in',
    async (value) => {
      const bodies: [path: string, body: string][] = [
        ['/api/write/graphite', `odd.refused ${value} ${T}`],
        ['/api/write/statsd', `odd.refused:${value}|g`],
        ['/write', `odd refused=${value} ${T}000000000`],
        ['/api/write/json', `[{"metric":"odd.refused","value":${value},"timestamp":${T}}]`],
      ]
      for (const [path, body] of bodies) {
        const answer = await post(path, body)
        expect([path, answer.status]).toEqual([path, 400])
        expect(JSON.parse(answer.text)).toMatchObject({
          code: expect.stringMatching(/^(lines-refused|request-invalid)$/) as string,
        })
      }
    },
  )

  test.each(['NaN', 'Infinity', '-1', '1e9', '0', '', 'undefined', '99999999999999999999'])(
    'maxDataPoints=%s is answered',
    async (text) => {
      const { status } = await post('/render', `target=odd.huge&format=json&maxDataPoints=${text}`, FORM)
      expect([200, 400]).toContain(status)
    },
  )
})

describe('the word undefined', () => {
  test.each([
    '/render?target=odd.huge&from=undefined&until=undefined&format=json',
    '/render?target=odd.huge&from=&until=&format=json',
    '/render?target=odd.huge&from=NaN&until=NaN&format=json',
    '/metrics/find?query=odd.*&from=undefined&until=undefined',
    '/metrics/expand?query=odd.*&from=undefined&until=undefined',
    '/tags/autoComplete/tags?from=undefined&until=undefined&tagPrefix=',
    '/tags/autoComplete/values?tag=name&from=undefined&until=undefined',
    '/events/get_data?from=undefined&until=undefined&tags=undefined',
    '/events?from=undefined&until=undefined',
  ])('%s is answered as if it were not there', async (path) => {
    const response = await fetch(kymo.url(path))
    const answer = await response.text()
    expect(response.status, answer).toBe(200)
    const plain = path.replace(/&?\b(from|until|tags)=(undefined|NaN)?(?=&|$)/g, '').replace('?&', '?')
    expect(answer).toBe(await (await fetch(kymo.url(plain))).text())
  })
})

describe('bodies that are not encoded', () => {
  test.each([
    ['/metrics/find', 'query=odd.{huge,low}'],
    ['/metrics/find', 'query=odd.[hl]*'],
    ['/render', `target=alias(sumSeries(odd.{huge,zero}), "a b")&${range}&format=json`],
    ['/render', `target=aliasSub(odd.huge, "(^.*$)", "\\1 A")&${range}&format=json`],
    ['/render', `target=alias(odd.huge,"100%")&${range}&format=json`],
    ['/tags/findSeries', 'expr=name=~odd.(huge|low)'],
  ])('%s takes %s', async (path, body) => {
    for (const headers of [FORM, { 'content-type': 'text/plain' }, { 'content-type': '' }]) {
      const { status, text } = await post(path, body, headers)
      expect(status, text).toBe(200)
      expect((JSON.parse(text) as unknown[]).length).toBeGreaterThan(0)
    }
  })
})

test.each(['odd.huge ', ' odd.huge', 'odd.huge\n', 'odd.huge\t', 'alias( odd.huge , "x" ) '])(
  'spaces around the target %j are not of it',
  async (target) => {
    const body = `target=${encodeURIComponent(target)}&${range}&format=json`
    const { status, text } = await post('/render', body, FORM)
    expect(status, text).toBe(200)
    expect(JSON.parse(text)).toHaveLength(1)
  },
)

test.each([
  '/api/flush',
  '/api/reload',
  '/api/delete',
  '/api/backup',
  '/api/write/graphite',
  '/write',
  '/tags/delSeries',
])('GET %s changes nothing', async (path) => {
  const response = await fetch(kymo.url(path))
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toContain('POST')
  expect(await response.json()).toMatchObject({ code: 'method-not-allowed' })
})
