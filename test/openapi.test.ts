import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROUTES } from '../src/api/routes/index.ts'
import { encodeColumns } from '../src/formats/point-columns/encode-columns.ts'
import { POINT_COLUMNS_TYPE } from '../src/formats/point-columns/point-columns.ts'
import { encodeRequest } from '../src/formats/prometheus-remote-write/encode-request.ts'
import { REMOTE_WRITE_HEADERS } from '../src/formats/prometheus-remote-write/version.ts'
import { encodeSnappy } from '../src/lib/snappy.ts'
import { cleanUp, KymoProcess, temporaryDirectory, until } from './harness/kymo.ts'

// The OpenAPI document of a running Kymo: whether it is one, whether every route is in it, and whether what Kymo really answers is what it says.
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

let kymo: KymoProcess
let document: Document
const NOW = Math.floor(Date.now() / 1_000)
const folder = temporaryDirectory()

beforeAll(async () => {
  kymo = await KymoProcess.start()
  document = await kymo.json<Document>('/api/openapi.json')
  const lines = `a.b 1 ${NOW - 20}\na.b 2 ${NOW - 10}\na.b.c 3 ${NOW}\ndisk;host=x 4 ${NOW}\n`
  expect(
    (await fetch(kymo.url('/api/write/graphite'), { method: 'POST', body: `${lines}bad\n` })).status,
  ).toBe(400)
  await kymo.udp('hits:1|c\ntime:5|ms\n_e{6,4}:deploy|text|h:web1|p:low|t:error|#a:b\n_sc|up|2|m:down')
  await kymo.json('/events', { method: 'POST', body: JSON.stringify({ what: 'deploy' }) })
  await kymo.received(4)
  await kymo.flush()
  await until('points are there', async () => (await kymo.values('a.b.c')).length === 1)
})
afterAll(cleanUp)

test('is an OpenAPI document', async () => {
  expect(await new Validator().validate(structuredClone({ ...document }))).toEqual({ valid: true })
})

test('has every route, every status that it may have, and no other', () => {
  const wanted = ROUTES.flatMap(({ methods, url }) => methods.map((method) => `${method} ${templateOf(url)}`))
  const found = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(found.sort()).toEqual(wanted.sort())
  for (const operations of Object.values(document.paths))
    for (const operation of Object.values(operations)) {
      const statuses = Object.keys(operation.responses)
      expect(statuses).toEqual(expect.arrayContaining(['400', '403', '408', '415', '431', '500']))
      expect(statuses.filter((status) => status.startsWith('2'))).toHaveLength(1)
      expect(statuses).not.toContain('default')
    }
})

/** One data point, that says nothing. */
const OTLP_WITHOUT_VALUE = JSON.stringify({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{}] } }] }] }],
})
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }
const BOARD = {
  version: 1,
  title: 'Shop',
  panels: [{ title: 'a', x: 0, y: 0, width: 6, height: 4, targets: ['a'] }],
}
const posted = (body: object): RequestInit => ({
  method: 'POST',
  headers: JSON_TYPE,
  body: JSON.stringify(body),
})
const remoteWrite = (value: number): RequestInit => ({
  method: 'POST',
  headers: REMOTE_WRITE_HEADERS['2.0'],
  body: encodeSnappy(
    encodeRequest(
      [{ labels: [['__name__', 'up']], value, timeMs: NOW * 1_000, type: 'gauge', help: '' }],
      '2.0',
    ),
  ),
})
const columns = (): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    encodeColumns({
      series: [{ key: 'past', points: 1, rollup: undefined }],
      timesMs: Float64Array.of((NOW - 100) * 1_000),
      values: Float64Array.of(1),
    }),
  )

/** A request to each route, and such as are refused. */
const requests: [path: string, route: string, init?: RequestInit][] = [
  ['/render?target=a.b&target=disk;host=x&format=json', '/render'],
  ['/render?target=a.b&format=json&meta=true', '/render'],
  ['/render?target=a.b&format=dygraph', '/render'],
  ['/render?target=a.b&format=rickshaw', '/render'],
  ['/render?target=nothing&format=dygraph', '/render'],
  ['/render?target=a.b&format=csv', '/render'],
  ['/render?target=a.b', '/render'],
  ['/render?target=a.b&format=odd', '/render'],
  ['/render?target=a.b(&format=json', '/render'],
  ['/render?target=sumSeries(1)&format=json', '/render'],
  ['/render?target=odd(a)&format=json', '/render'],
  ["/render?target=grep(a.*,'(')&format=json", '/render'],
  ['/render?target=a.b&from=x&format=json', '/render'],
  ['/render?target=a.b&from=-1h&until=-1h&format=json', '/render'],
  ['/render', '/render', { method: 'POST', headers: FORM, body: 'target=a.b&format=json' }],
  ['/render', '/render', { method: 'POST', headers: { 'content-type': 'image/png' }, body: 'x' }],
  ['/render', '/render', { method: 'POST', headers: FORM, body: 'x'.repeat(1_100_000) }],
  ['/render?format=json', '/render', { headers: { 'content-encoding': 'gzip' } }],
  [`/render?target=timeStack(a.b,'1s',0,100000000)&format=json`, '/render'],
  ['/api/explain?target=sumSeries(a.*)', '/api/explain'],
  ['/api/explain', '/api/explain', { method: 'POST', headers: FORM, body: 'target=a.b' }],
  ...['treejson', 'completer', 'json', 'nodelist', 'pickle', 'msgpack', 'odd'].map(
    (format): [string, string] => [`/metrics/find?query=a.*&wildcards=1&format=${format}`, '/metrics/find'],
  ),
  ['/metrics/find', '/metrics/find', { method: 'POST', headers: FORM, body: 'query=*' }],
  ['/metrics/find', '/metrics/find'],
  ['/metrics?query=*', '/metrics'],
  ['/metrics', '/metrics'],
  ['/metrics', '/metrics', { method: 'POST', headers: FORM, body: 'query=*' }],
  ['/metrics/expand?query=*', '/metrics/expand'],
  ['/metrics/expand?query=*&groupByExpr=1', '/metrics/expand'],
  ['/metrics/expand', '/metrics/expand', { method: 'POST', headers: FORM, body: 'query=a.*' }],
  ['/metrics/index.json', '/metrics/index.json'],
  ['/metrics/index.json', '/metrics/index.json', { method: 'POST' }],
  ['/functions', '/functions'],
  ['/functions?grouped=1', '/functions'],
  ['/functions/summarize', '/functions/{name}'],
  ['/functions/nothing', '/functions/{name}'],
  ['/tags', '/tags'],
  ['/tags/host', '/tags/{tag}'],
  ['/tags/nothing', '/tags/{tag}'],
  ['/tags/delSeries', '/tags/{tag}'],
  ['/tags/findSeries?expr=host=x', '/tags/findSeries'],
  ['/tags/findSeries?expr=host=~(', '/tags/findSeries'],
  ['/tags/findSeries', '/tags/findSeries', { method: 'POST', headers: FORM, body: 'expr=host%3Dx' }],
  ['/tags/autoComplete/tags', '/tags/autoComplete/tags'],
  ['/tags/autoComplete/tags', '/tags/autoComplete/tags', { method: 'POST' }],
  ['/tags/autoComplete/values?tag=host', '/tags/autoComplete/values'],
  ['/tags/autoComplete/values', '/tags/autoComplete/values', { method: 'POST' }],
  ['/tags/tagSeries', '/tags/tagSeries', { method: 'POST', headers: FORM, body: 'path=a;b=c' }],
  ['/tags/tagMultiSeries', '/tags/tagMultiSeries', { method: 'POST', headers: FORM, body: 'path=a;b=c' }],
  ['/tags/delSeries', '/tags/delSeries', { method: 'POST', headers: FORM, body: 'path=gone;b=c' }],
  [
    '/tags/delSeries',
    '/tags/delSeries',
    { method: 'POST', headers: { ...FORM, origin: 'http://evil.example' }, body: 'path=gone;b=c' },
  ],
  ['/events', '/events'],
  ['/events?limit=0', '/events'],
  ['/events', '/events', { method: 'POST', headers: JSON_TYPE, body: '{"what":"x"}' }],
  ['/events', '/events', { method: 'POST', headers: JSON_TYPE, body: '{"what":5}' }],
  ['/events/1', '/events/{id}'],
  ['/events/999', '/events/{id}'],
  ['/events/get_data', '/events/get_data'],
  ['/events/get_data?from=x', '/events/get_data'],
  ['/events/get_data', '/events/get_data', { method: 'POST' }],
  ['/api/dashboard-import', '/api/dashboard-import', posted({ document: { title: 'a', panels: [{}] } })],
  ['/api/dashboard-import', '/api/dashboard-import', posted({ document: { a: 1 } })],
  ['/api/dashboards/shop', '/api/dashboards/{id}', posted({ dashboard: BOARD, revision: null })],
  ['/api/dashboards/shop', '/api/dashboards/{id}', posted({ dashboard: BOARD, revision: 'another' })],
  ['/api/dashboards/shop', '/api/dashboards/{id}', posted({ dashboard: { version: 2 }, revision: null })],
  ['/api/dashboards', '/api/dashboards'],
  ['/api/dashboards/shop', '/api/dashboards/{id}'],
  ['/api/dashboards/none', '/api/dashboards/{id}'],
  ['/api/dashboards/shop/delete', '/api/dashboards/{id}/delete', posted({ revision: 'another' })],
  ['/api/dashboards/none/delete', '/api/dashboards/{id}/delete', posted({ revision: 'another' })],
  ['/version', '/version'],
  ['/health', '/health'],
  ['/ready', '/ready'],
  ['/ready?deep', '/ready'],
  ['/api/status', '/api/status'],
  ['/api/metrics', '/api/metrics'],
  ['/api/services', '/api/services'],
  ['/api/usage', '/api/usage'],
  ['/api/size', '/api/size'],
  ['/api/incoming', '/api/incoming'],
  ['/api/incoming?after=odd', '/api/incoming'],
  ['/api/size?order=odd', '/api/size'],
  ['/api/openapi.json', '/api/openapi.json'],
  ['/api/flush', '/api/flush', { method: 'POST' }],
  ['/api/flush', '/api/flush', { method: 'POST', headers: { via: 'proxy' } }],
  ['/api/reload', '/api/reload', { method: 'POST' }],
  ['/api/rules', '/api/rules', { method: 'POST', headers: JSON_TYPE, body: '{}' }],
  [
    '/api/rules',
    '/api/rules',
    {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ retentions: [{ stepSeconds: 60, retentionSeconds: 3_600 }] }),
    },
  ],
  [
    '/api/rules',
    '/api/rules',
    { method: 'POST', headers: JSON_TYPE, body: '{"schemas":{"path":"a","text":"nonsense"}}' },
  ],
  ['/api/delete', '/api/delete', { method: 'POST', headers: JSON_TYPE, body: '{"patterns":["a.*"]}' }],
  ['/api/delete', '/api/delete', { method: 'POST', headers: JSON_TYPE, body: '{}' }],
  [
    '/api/backup',
    '/api/backup',
    { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ path: join(folder, 'backup') }) },
  ],
  ['/api/backup', '/api/backup', { method: 'POST', headers: JSON_TYPE, body: '{"path":"/"}' }],
  ['/api/export/series', '/api/export/series'],
  ['/api/export/series', '/api/export/series', { method: 'POST' }],
  [
    '/api/export/points',
    '/api/export/points',
    { method: 'POST', headers: FORM, body: 'key=a.b&rollup=mean' },
  ],
  [
    '/api/import/points',
    '/api/import/points',
    { method: 'POST', headers: { 'content-type': POINT_COLUMNS_TYPE }, body: columns() },
  ],
  ['/api/import/points', '/api/import/points', { method: 'POST', headers: JSON_TYPE, body: '{}' }],
  ['/api/write/graphite', '/api/write/graphite', { method: 'POST', body: `x 1 ${NOW}` }],
  ['/api/write/graphite', '/api/write/graphite', { method: 'POST', body: 'x' }],
  ['/api/write/statsd', '/api/write/statsd', { method: 'POST', body: 'x:1|c' }],
  ['/api/write/json', '/api/write/json', { method: 'POST', body: '[]' }],
  ['/api/write/json', '/api/write/json', { method: 'POST', body: '{' }],
  ['/write', '/write', { method: 'POST', body: 'm f=1' }],
  ['/write?precision=x', '/write', { method: 'POST', body: 'm f=1' }],
  ['/api/v2/write', '/api/v2/write', { method: 'POST', body: 'm f=1' }],
  ['/prometheus', '/prometheus', {}],
  ['/api/v1/write', '/api/v1/write', remoteWrite(1)],
  ['/api/v1/write', '/api/v1/write', remoteWrite(Number.POSITIVE_INFINITY)],
  ['/api/v1/write', '/api/v1/write', { method: 'POST', body: 'x' }],
  ['/v1/metrics', '/v1/metrics', { method: 'POST' }],
  ['/v1/metrics', '/v1/metrics', { method: 'POST', body: 'x' }],
  ['/v1/metrics', '/v1/metrics', { method: 'POST', headers: JSON_TYPE, body: OTLP_WITHOUT_VALUE }],
  ['/v1/metrics', '/v1/metrics', { method: 'POST', headers: JSON_TYPE, body: '[]' }],
]

const ajv = new Ajv2020({ strict: false, allErrors: true })

test.each(requests)('%s is answered as it says for %s', async (path, route, init) => {
  const operation = document.paths[route]?.[(init?.method ?? 'GET').toLowerCase()]
  const response = await fetch(kymo.url(path), init ?? {})
  const body = new Uint8Array(await response.arrayBuffer())
  const declared = operation?.responses[String(response.status)]
  expect(declared, `${response.status}: ${new TextDecoder().decode(body.subarray(0, 500))}`).toBeDefined()
  if (response.status === 204) {
    expect(body.length).toBe(0)
    return
  }
  const type = (response.headers.get('content-type') ?? '').replace(/;.*/, '')
  expect(Object.keys(declared?.content ?? {})).toContain(type)
  if (type !== 'application/json') return
  const schema = declared?.content?.[type]?.schema ?? {}
  expect(Object.keys(schema).length).toBeGreaterThan(0)
  // Infinity is written as a number that is too large.
  const value: unknown = JSON.parse(new TextDecoder().decode(body).replaceAll('1e9999', '1e300'))
  const check = ajv.compile(schema)
  expect(check(value) ? [] : check.errors?.slice(0, 5)).toEqual([])
})

test('the stream of what happens is one', async () => {
  const leaving = new AbortController()
  const response = await fetch(kymo.url('/api/live'), { signal: leaving.signal })
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  expect(Object.keys(document.paths['/api/live']?.get?.responses['200']?.content ?? {})).toEqual([
    'text/event-stream',
  ])
  const tapped = await fetch(kymo.url('/api/tap'), { signal: leaving.signal })
  expect(tapped.headers.get('content-type')).toContain('application/x-ndjson')
  expect(Object.keys(document.paths['/api/tap']?.get?.responses['200']?.content ?? {})).toEqual([
    'application/x-ndjson',
  ])
  leaving.abort()
})

test('no route is left out above', () => {
  const tried = new Set(requests.map(([, route, init]) => `${init?.method ?? 'GET'} ${route}`))
  const all = ROUTES.flatMap(({ methods, url }) => methods.map((method) => `${method} ${templateOf(url)}`))
  expect(all.filter((one) => !tried.has(one))).toEqual(['GET /api/live', 'GET /api/tap'])
})

test('what a body may be is said of every route that takes one', () => {
  for (const route of ROUTES.filter(({ methods }) => methods.includes('POST'))) {
    const { requestBody } = document.paths[templateOf(route.url)]?.post ?? {}
    const takesBody = [route.body, route.bytes, route.parameters].some((one) => one !== undefined)
    expect(requestBody !== undefined, route.url).toBe(takesBody)
    if (route.bytes !== undefined)
      expect(Object.keys(requestBody?.content ?? {})).toEqual([route.bytes.contentType])
  }
})

function templateOf(url: string): string {
  return url.replaceAll(/:([a-z]+)/gi, '{$1}')
}
