import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { POINT_COLUMNS_TYPE } from '../formats/point-columns/point-columns.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { KymoError } from '../telemetry/errors.ts'
import { createLineLog, silentLog } from '../telemetry/log.ts'
import { buildApp } from './app.ts'
import { createHostRules } from './host-rules.ts'
import { createLiveFeed, type LiveFeed } from './live-feed.ts'
import { ROUTES } from './routes/index.ts'
import { loadStaticSite } from './static-site.ts'
import { FakeServices } from './testdata/fake-services.ts'

type App = Awaited<ReturnType<typeof buildApp>>
type Request = InjectOptions & {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS'
}

const HOST = 'kymo.test'
const FORM = 'application/x-www-form-urlencoded'

let services: FakeServices
let app: App
let live: LiveFeed
let logged: { msg: string; err: { message: string } }[]

beforeEach(() => {
  services = new FakeServices()
  logged = []
})

// To build one takes longer than most tests; what a test changes is in the services, and those are its own.
beforeAll(async () => {
  const clock = new FakeClock()
  const ownServices = new Proxy({} as FakeServices, {
    get: (_, name) => Reflect.get(services, name) as unknown,
    set: (_, name, value) => Reflect.set(services, name, value),
  })
  live = createLiveFeed({ services: ownServices, clock, log: silentLog })
  app = await buildApp({
    routes: ROUTES,
    context: { services: ownServices, live, clock },
    site: await loadStaticSite(),
    hostRules: createHostRules({ hosts: ['127.0.0.1'], allowedHosts: [HOST], machineName: 'web1' }),
    version: '0.1.0',
    log: createLineLog({
      level: 'info',
      write: (line) => void logged.push(JSON.parse(line) as (typeof logged)[number]),
    }),
  })
})

afterAll(async () => {
  live.close()
  await app.close()
})

async function ask(request: Request) {
  const response = await app.inject({ ...request, headers: { host: HOST, ...request.headers } })
  return {
    ...response,
    status: response.statusCode,
    header: response.headers,
    text: response.body,
    json: () => JSON.parse(response.body) as unknown,
  }
}

const get = (url: string, headers: Record<string, string> = {}) => ask({ method: 'GET', url, headers })
const post = (url: string, payload = '', type = FORM, headers: Record<string, string> = {}) =>
  ask({
    method: 'POST',
    url,
    payload,
    headers: { ...(type === '' ? {} : { 'content-type': type }), ...headers },
  })

/** Their answers have no end. */
const ENDLESS = new Set(['/api/live', '/api/tap'])

/** The path of a route, filled in. */
const pathOf = (url: string): string => url.replace(':id', '1').replace(':name', 'scale').replace(/:\w+/, 'x')
/** The path of a route as OpenAPI writes it. */
const templateOf = (url: string): string => url.replace(/:(\w+)/, '{$1}')

/** Every error has this form, whatever went wrong. */
function expectError(response: Awaited<ReturnType<typeof ask>>, status: number, code: string): void {
  expect([response.status, (response.json() as { code: string }).code]).toEqual([status, code])
  expect(response.header['content-type']).toBe('application/json; charset=utf-8')
  expect(response.header['x-content-type-options']).toBe('nosniff')
  const body = response.json() as Record<string, unknown>
  expect(Object.keys(body)).toEqual(['code', 'message', 'error', 'help'])
  expect(body.message).toMatch(/\S/)
  expect(body.error).toBe(body.message)
  expect(response.text).not.toMatch(/\.ts:\d|node_modules|\{\w+\}/)
}

describe('parameters of a query', () => {
  const rendered = () => ({ ...services.queries[0]?.parameters })

  const cases: [what: string, request: () => Promise<unknown>, wanted: Record<string, string[]>][] = [
    ['in the URL', () => get('/render?target=a&target=b&from=-1h'), { target: ['a', 'b'], from: ['-1h'] }],
    ['in a form', () => post('/render', 'target=a%20b&format=json'), { target: ['a b'], format: ['json'] }],
    [
      'in both, the body last, where it counts',
      () => post('/render?target=b&until=9', 'target=a'),
      { target: ['b', 'a'], until: ['9'] },
    ],
    [
      'in JSON',
      () => post('/render', '{"target":["a"],"maxDataPoints":9}', 'application/json'),
      { target: ['a'], maxDataPoints: ['9'] },
    ],
    ['as plain text', () => post('/render', 'target=a\r\n', 'text/plain; charset=utf-8'), { target: ['a'] }],
    ['without a type', () => post('/render', 'target=a', ''), { target: ['a'] }],
    ['without escapes', () => get('/render?target=a.{b,c}.*[0-9]|x'), { target: ['a.{b,c}.*[0-9]|x'] }],
    ['with a broken escape', () => get('/render?target=100%'), { target: ['100%'] }],
    ['with names nobody knows', () => get('/render?_salt=1&jsonp='), { _salt: ['1'], jsonp: [''] }],
    ['undefined, as Grafana says it', () => get('/render?from=undefined'), { from: ['undefined'] }],
    ['none at all', () => post('/render', ''), {}],
  ]
  test.each(cases)('%s', async (_what, request, wanted) => {
    await request()
    expect(services.queries).toHaveLength(1)
    expect(rendered()).toEqual(wanted)
  })

  test('names of Object.prototype reach the query as they are', async () => {
    await post('/render?__proto__=a', 'constructor=b')
    const parameters = services.queries[0]?.parameters ?? {}
    expect(Object.entries(parameters)).toEqual([
      ['__proto__', ['a']],
      ['constructor', ['b']],
    ])
    expect(({} as Record<string, unknown>).a).toBeUndefined()
  })

  test.each([
    [
      'a type that is not read',
      415,
      'body-unsupported',
      () => post('/render', 'x', 'multipart/form-data; boundary=x'),
    ],
    ['a type that is none', 415, 'body-unsupported', () => post('/render', 'x', '<script>')],
    [
      'a compressed body',
      415,
      'body-unsupported',
      () => post('/render', 'x', FORM, { 'content-encoding': 'gzip, gzip' }),
    ],
    ['a body too large', 413, 'body-too-large', () => post('/render', `a=${'x'.repeat(1024 * 1024)}`)],
    ['JSON that is none', 400, 'request-invalid', () => post('/render', '{', 'application/json')],
    ['too many', 400, 'request-invalid', () => post('/render', 'a&'.repeat(20_000))],
  ] as const)('%s is refused', async (_what, status, code, request) => {
    expectError(await request(), status, code)
    expect(services.queries).toEqual([])
  })
})

describe('routes', () => {
  test.each([
    ['/render', 'render'],
    ['/render/', 'render'],
    ['/metrics/find', 'find'],
    ['/metrics/find/', 'find'],
    ['/metrics/expand', 'expand'],
    ['/metrics/expand/', 'expand'],
    ['/metrics?query=a.*', 'find'],
    ['/metrics/?query=', 'find'],
    ['/api/metrics', 'metrics'],
    ['/api/services', 'services'],
    ['/tags/findSeries?expr=a=b', 'tagged-series'],
    ['/tags', 'tags'],
    ['/tags/', 'tags'],
    ['/tags/rack', 'tag'],
    ['/tags/autoComplete/tags', 'tag-completion'],
    ['/tags/autoComplete/values', 'value-completion'],
  ])('GET %s is a query of kind %s', async (url, kind) => {
    services.answer = () => Promise.resolve({ contentType: 'text/csv', body: new Uint8Array([97, 255, 0]) })
    const response = await get(url)
    expect(services.queries.map((query) => query.kind)).toEqual([kind])
    expect([...response.rawPayload]).toEqual([97, 255, 0])
    expect(response.header).toMatchObject({
      'content-type': 'text/csv',
      'cache-control': 'no-store',
      'content-length': '3',
    })
  })

  test.each(['/render', '/metrics/find', '/metrics/expand', '/metrics'])(
    'POST %s is a query',
    async (url) => {
      expect((await post(url, 'query=a&target=a')).status).toBe(200)
      expect(services.queries).toHaveLength(1)
    },
  )

  test('a view into a larger buffer goes out alone', async () => {
    const larger = new TextEncoder().encode('secret[1]secret')
    services.answer = () => Promise.resolve({ contentType: 'application/json', body: larger.subarray(6, 9) })
    expect((await get('/render')).text).toBe('[1]')
    services.answer = () => Promise.resolve({ contentType: 'application/json', body: larger.subarray(0, 0) })
    expect((await get('/render')).text).toBe('')
  })

  test('GET /metrics without a query is for Prometheus', async () => {
    const response = await get('/metrics')
    expect(response.header['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(response.text).toContain('# TYPE kymo_flushes_total counter\nkymo_flushes_total 7\n')
    expect(services.queries).toEqual([])
  })

  test('/version is a version that Grafana can read', async () => {
    const response = await get('/version')
    expect(response.text).toMatch(/^1\.1\.\d+$/)
    expect(response.header['content-type']).toBe('text/plain; charset=utf-8')
  })

  test('/ready?deep tells of dependencies and sinks, one by one', async () => {
    expect((await get('/ready?deep')).json()).toEqual({
      ready: true,
      dependencies: [{ name: 'keeper', problem: null }],
      sinks: [],
    })
    const sink = {
      name: 'influx',
      type: 'influxdb',
      state: 'retrying',
      queuedPoints: 5,
      spoolBytes: 7,
      oldestMs: services.report.nowMs,
      sentPoints: 1,
      droppedPoints: 0,
      droppedByReason: {},
      lastError: 'It is away.',
      lastErrorCode: 'sink-unreachable',
      lastErrorHelp: 'Look.',
      lastSuccessMs: 3,
      lastFlushMs: 3,
      lastSending: null,
      lastFailureMs: 4,
    } as const
    const fine = { ...sink, name: 'fine', state: 'ok', oldestMs: null, lastError: null } as const
    services.report = { ...services.report, sinks: [fine, sink] }
    const answer = await get('/ready?deep=1')
    expect(answer.status).toBe(503)
    expect(answer.json()).toMatchObject({
      code: 'not-ready',
      ready: false,
      message: 'Kymo is not ready: the sink "influx" is retrying.',
      sinks: [
        { name: 'fine', state: 'ok', oldestWaitingSeconds: null, lastError: null },
        {
          name: 'influx',
          type: 'influxdb',
          state: 'retrying',
          queuedPoints: 5,
          spoolBytes: 7,
          lastSuccessMs: 3,
          lastError: { code: 'sink-unreachable', message: 'It is away.', help: 'Look.' },
        },
      ],
    })
    const { sinks } = answer.json() as { sinks: { oldestWaitingSeconds: number }[] }
    expect(sinks[1]?.oldestWaitingSeconds).toBeGreaterThanOrEqual(0)
    expect((await get('/ready')).json()).toEqual({ ready: true })
    expect((await get('/ready?deep=0')).json()).toEqual({ ready: true })
  })

  test('/ready tells when, and why not', async () => {
    services.notReady = 'the store is being read'
    const early = await get('/ready')
    expectError(early, 503, 'not-ready')
    expect(early.text).toContain('the store is being read')
    expect(early.header['retry-after']).toBe('1')
    expect((await get('/health')).status).toBe(200)
    services.notReady = undefined
    expect((await get('/ready')).json()).toEqual({ ready: true })
  })

  test('/api/status is the report', async () => {
    expect((await get('/api/status')).json()).toEqual(services.report)
  })

  test('POST /api/reload says what changed and what did not', async () => {
    const response = await post('/api/reload', '', '')
    expect(response.status).toBe(200)
    expect(JSON.parse(response.text)).toEqual({
      changed: ['log.level'],
      needs_restart: ['statsd.port'],
      warnings: [],
      rules: null,
    })
  })

  test('POST /api/reload with a configuration that is wrong says what is', async () => {
    services.reload = () =>
      Promise.reject(new KymoError('config-invalid', { count: 1, problems: '  kymo.yaml:3:9  no' }))
    const response = await post('/api/reload', '', '')
    expect(response.status).toBe(422)
    expect(JSON.parse(response.text)).toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('kymo.yaml:3:9'),
    })
  })

  test('POST /api/flush flushes', async () => {
    const response = await post('/api/flush', '', '')
    expect(response.json()).toEqual({ timestamp: 1_700_000_010, timestamp_ms: 1_700_000_010_500, series: 3 })
    expect(services.flushCount).toBe(1)
  })

  test('the page is at /', async () => {
    const response = await get('/')
    expect(response.header['content-type']).toBe('text/html; charset=utf-8')
    expect(response.header['content-security-policy']).toContain("default-src 'self'")
  })

  test.each(ROUTES.filter((route) => route.methods.includes('GET')).map((route) => route.url))(
    'HEAD %s has the headers of GET and no body',
    async (url) => {
      await services.events.add({ kind: 'event', timeMs: 0, title: 'deploy', text: '', tags: [] })
      const head = await ask({ method: 'HEAD', url: pathOf(url) })
      expect([head.status, head.text]).toEqual([200, ''])
      const route = ROUTES.find((candidate) => candidate.url === url)
      expect(route?.answer.contentTypes).toContain(String(head.header['content-type']).replace(/;.*/, ''))
    },
  )

  test('every route is in the OpenAPI document', async () => {
    const document = (await get('/api/openapi.json')).json() as {
      openapi: string
      paths: Record<
        string,
        Record<
          string,
          {
            summary: string
            operationId: string
            parameters?: { name: string }[]
            requestBody?: { content: object }
          }
        >
      >
    }
    expect(document.openapi).toBe('3.1.0')
    const paths = new Set(ROUTES.map((route) => templateOf(route.url)))
    expect(new Set(Object.keys(document.paths))).toEqual(paths)
    for (const route of ROUTES) {
      const operations = document.paths[templateOf(route.url)] ?? {}
      const methods = ROUTES.filter(({ url }) => url === route.url).flatMap((one) => one.methods)
      expect(Object.keys(operations).sort()).toEqual(methods.map((method) => method.toLowerCase()).sort())
      for (const method of route.methods) {
        const operation = operations[method.toLowerCase()]
        expect(operation?.summary).toBe(route.summary)
        expect((operation?.parameters ?? []).map(({ name }) => name)).toEqual(
          Object.keys({ ...route.parameters?.shape, ...route.pathParameters?.shape }),
        )
      }
    }
    const operationIds = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    )
    expect(new Set(operationIds).size).toBe(operationIds.length)
    expect(operationIds).toContain('postMetricsFind')
    expect(Object.keys(document.paths['/render']?.post?.requestBody?.content ?? {})).toEqual([
      FORM,
      'application/json',
    ])
  })
})

describe('what is not there', () => {
  test.each([
    '/nothing',
    '/render/x',
    '/api',
    '/metrics/index.xml',
    `/${'x'.repeat(5000)}`,
    '/a?b=c',
    '/%2e%2e/etc/passwd',
    '//',
  ])('GET %s is 404', async (url) => {
    expectError(await get(url), 404, 'route-unknown')
  })

  const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

  test('a browser gets a page that says what is not there, and leads home', async () => {
    const response = await get('/nosuch?a=b', BROWSER)
    expect(response.status).toBe(404)
    expect(response.header['content-type']).toBe('text/html; charset=utf-8')
    expect(response.body).toContain('<bdi>/nosuch</bdi>')
    expect(response.body).toContain('<a href="/">')
    const policy = String(response.header['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
  })

  test('on that page, the path is text, and not more of it than can be read', async () => {
    const { body } = await get(`/<img src=x onerror=alert(1)>&"'${'x'.repeat(5000)}`, BROWSER)
    expect(body).not.toContain('<img')
    expect(body).toMatch(/&lt;img|%3Cimg/i)
    expect(body.length).toBeLessThan(3_000)
  })

  test.each(['*/*', 'application/json, text/plain, */*', 'application/json'])(
    'a program that accepts %s gets the error as JSON',
    async (accept) => {
      expectError(await get('/nosuch', { accept }), 404, 'route-unknown')
    },
  )

  test('a method that a path does not have is said to a browser, too', async () => {
    expectError(await get('/api/flush', BROWSER), 405, 'method-not-allowed')
  })

  test('a path with a broken escape is 400', async () => {
    expectError(await get('/%zz'), 400, 'request-invalid')
  })

  const urls = [...new Set(ROUTES.map((route) => route.url))]
  const wrong = urls.flatMap((url) => {
    const methods: readonly string[] = ROUTES.filter((route) => route.url === url).flatMap(
      (route) => route.methods,
    )
    const isPosted = methods.includes('POST')
    const allow = methods.includes('GET') ? `GET, HEAD${isPosted ? ', POST' : ''}` : 'POST'
    return (['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const)
      .filter((method) => !methods.includes(method))
      .map((method) => [method, pathOf(url), allow] as const)
  })
  test.each(wrong)('%s %s is 405 and says what is allowed', async (method, url, allow) => {
    for (const path of [url, `${url}/`]) {
      const response = await ask({ method, url: path })
      expectError(response, 405, 'method-not-allowed')
      expect(response.header.allow).toBe(allow)
    }
    expect(services.queries.length + services.flushCount).toBe(0)
  })

  test('the page cannot be posted to', async () => {
    const response = await post('/')
    expectError(response, 405, 'method-not-allowed')
    expect(response.header.allow).toBe('GET, HEAD')
  })
})

describe('who is let in', () => {
  const everything = [
    ...ROUTES.flatMap((route) => route.methods.map((method) => [method, pathOf(route.url)] as const)),
    ['GET', '/'] as const,
    ['GET', '/nothing'] as const,
    ['PUT', '/render'] as const,
  ]

  test.each(everything)('%s %s under a foreign Host is refused before anything else', async (method, url) => {
    for (const host of ['evil.example', 'evil.example:80', `${HOST}.evil.example`, '']) {
      expectError(await ask({ method, url, headers: { host } }), 403, 'host-refused')
    }
    expect(services.queries.length + services.flushCount).toBe(0)
  })

  test.each(everything)('%s %s never lets another origin read', async (method, url) => {
    const { header } = await ask({
      method: method === 'GET' && ENDLESS.has(url) ? 'HEAD' : method,
      url,
      headers: { origin: 'http://evil.example' },
    })
    expect(Object.keys(header).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(header['x-content-type-options']).toBe('nosniff')
  })

  const changing = ROUTES.filter((route) => route.scope !== 'read').map((route) => route.url)
  type Own = readonly [body: string, type: string, headers?: Record<string, string>]
  const own = new Map<string, Own>([
    ['/events', ['{"what":"deploy"}', 'application/json']],
    ['/api/import/points', ['', POINT_COLUMNS_TYPE]],
    ['/api/delete', ['{"patterns":["a"]}', 'application/json']],
    ['/api/backup', ['{"path":"/backup"}', 'application/json']],
    ['/write', ['', 'application/json']],
    ['/api/v2/write', ['', 'application/json']],
    ['/api/v1/write', ['', 'application/x-protobuf', { 'content-encoding': 'snappy' }]],
    ['/api/write/graphite', ['', 'application/json']],
    ['/api/write/statsd', ['', 'application/json']],
    ['/api/write/json', ['', 'application/json']],
    ['/api/dashboards/:id', ['{"dashboard":{"version":1,"title":"a"},"revision":null}', 'application/json']],
    ['/api/dashboards/:id/delete', ['{"revision":"r"}', 'application/json']],
    ['/api/dashboard-import', ['{"document":{"panels":[]}}', 'application/json']],
    ['/tags/delSeries', ['{"path":"a;b=c"}', 'application/json']],
  ])
  const jsonFor = (url: string): Own => own.get(url) ?? ['', '']
  const foreign: Record<string, string>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:3000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  test.each(changing)('POST %s is for our own pages and for programs', async (url) => {
    for (const headers of foreign) expectError(await post(url, '', '', headers), 403, 'origin-refused')
    expect(services.flushCount).toBe(0)
    const page = { origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }
    const [body, type, headers] = jsonFor(url)
    expect([200, 204]).toContain((await post(url, body, type, { ...page, ...headers })).status)
  })

  test.each(changing)('POST %s takes no body that a foreign form could send', async (url) => {
    const takesForm = ROUTES.some(
      (route) => route.url === url && (route.takesForm === true || route.bytes?.isAnyType === true),
    )
    const senders: Record<string, string>[] = [{ 'sec-fetch-site': 'none' }, ...(takesForm ? [] : [{}])]
    for (const headers of senders) {
      for (const type of [FORM, 'text/plain', ''])
        expectError(await post(url, 'a=b', type, headers), 415, 'body-unsupported')
    }
    const [body, type, ownHeaders = {}] = own.get(url) ?? ['{}', 'application/json']
    expect([200, 204]).toContain((await post(url, body, type, ownHeaders)).status)
  })

  const admin = ROUTES.filter((route) => route.scope === 'admin').map((route) => route.url)
  test.each(admin)('POST %s is for this machine', async (url) => {
    expectError(await ask({ method: 'POST', url, remoteAddress: '192.168.1.9' }), 403, 'scope-missing')
    expectError(await post(url, '', '', { 'x-forwarded-for': '127.0.0.1' }), 403, 'scope-missing')
    const [payload, type] = jsonFor(url)
    const headers = type === '' ? {} : { 'content-type': type }
    expect((await ask({ method: 'POST', url, remoteAddress: '::1', headers, payload })).status).toBe(200)
  })

  test('jsonp, which any page can run as a script, is for our own pages and for programs', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const refused = await get('/render?target=a&jsonp=read', { 'sec-fetch-site': site })
      expectError(refused, 403, 'origin-refused')
    }
    expect((await get('/render?target=a', { 'sec-fetch-site': 'cross-site' })).status).toBe(200)
    expect((await get('/render?target=a&jsonp=read', { 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await get('/render?target=a&jsonp=read')).status).toBe(200)
  })

  test("Graphite's reads by POST are reads", async () => {
    const response = await ask({
      method: 'POST',
      url: '/render',
      remoteAddress: '192.168.1.9',
      headers: { origin: 'http://grafana.example' },
    })
    expect(response.status).toBe(200)
  })
})

describe('errors', () => {
  const corpus = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '"><svg/onload=alert(1)>',
    '</title><body>',
    'javascript:alert(1)',
    '\u2028\u2029\u0000\u001b[31m',
    '{0}{{7*7}}${7*7}',
    '__proto__',
  ]
  test.each(corpus)('%j in an error stays text in JSON', async (text) => {
    services.answer = (request) =>
      Promise.reject(
        new KymoError('format-unknown', { format: request.parameters.format?.[0] ?? '', known: 'json' }),
      )
    const echoed = await get(`/render?format=${encodeURIComponent(text)}`)
    expect(echoed.status).toBe(400)
    expect(echoed.header['content-type']).toBe('application/json; charset=utf-8')
    expect(echoed.header['x-content-type-options']).toBe('nosniff')
    expect((echoed.json() as { message: string }).message).toContain(text)

    const unknown = await get(`/${encodeURIComponent(text)}`)
    expect(unknown.status).toBe(404)
    expect(unknown.header['content-type']).toBe('application/json; charset=utf-8')
    const refused = await get('/', { host: encodeURIComponent(text) })
    expect(refused.status).toBe(403)
    expect(refused.header['content-type']).toBe('application/json; charset=utf-8')
  })

  test.each([
    ['store-disabled', 404],
    ['too-many-results', 422],
    ['server-busy', 503],
  ] as const)('%s of a service is %i', async (code, status) => {
    services.answer = () => Promise.reject(new KymoError(code, { pattern: '*', limit: 1, reason: 'it is' }))
    const response = await get('/render?target=a')
    expectError(response, status, code)
    expect(response.header['retry-after']).toBe(status === 503 ? '1' : undefined)
    expect(logged).toEqual([])
  })

  test('what nobody foresaw is 500 without a stack, and is logged', async () => {
    services.answer = () => Promise.reject(new TypeError('x is not a function'))
    expectError(await get('/render'), 500, 'internal')
    services.status = () => {
      throw new Error('broken')
    }
    expectError(await get('/api/status'), 500, 'internal')
    expect(logged.map(({ err }) => err.message)).toEqual(['x is not a function', 'broken'])
  })
})
