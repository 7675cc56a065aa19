import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanUp, KymoProcess, until } from './harness/kymo.ts'

// What Grafana's Graphite data source sends, word for word as it is documented and as its sources build it, and what it has to get to show
// something. C1 to C22 are the numbers of the list that these requests were written down in.
let kymo: KymoProcess
/** Of the points. */
const T = Math.floor(Date.now() / 10_000) * 10 - 60

beforeAll(async () => {
  kymo = await KymoProcess.start({
    flushInterval: '10s',
    // Own series would come with the first flush, wherever that falls.
    env: { KYMO_HTTP_ALLOWED_HOSTS: 'metrics.example', KYMO_AGGREGATOR_OWN_SERIES: 'false' },
  })
  const lines = ['web1', 'web2', 'db1'].flatMap((host, index) =>
    [0, 10, 20].flatMap((ago) => [
      `servers.${host}.cpu.user ${index + ago} ${T - ago}`,
      `disk.used;host=${host};dc=fra ${index} ${T - ago}`,
    ]),
  )
  const sent = await fetch(kymo.url('/api/write/graphite'), { method: 'POST', body: lines.join('\n') })
  expect(sent.status).toBe(204)
  const event = { what: 'deploy', tags: ['a', 'b'], when: T, data: 'version 2' }
  await kymo.json('/events/', { method: 'POST', body: JSON.stringify(event) })
  await until(
    'all is stored',
    async () => (await kymo.json<unknown[]>('/tags/findSeries?expr=dc%3Dfra')).length === 3,
  )
})
afterAll(cleanUp)

interface Request {
  readonly path: string
  readonly body?: string
  readonly type?: string
}

const FORM = 'application/x-www-form-urlencoded'
/** As its front end, and everything that is sent by way of its proxy, says it. */
const HEADERS = {
  accept: 'application/json, text/plain, */*',
  'x-dashboard-id': '12',
  'x-panel-id': '3',
  'x-panel-plugin-id': 'timeseries',
  'user-agent': 'Grafana/12.0.0',
}

async function send({ path, body: sent, type = FORM }: Request) {
  const response = await fetch(kymo.url(path), {
    method: sent === undefined ? 'GET' : 'POST',
    headers: sent === undefined ? HEADERS : { ...HEADERS, 'content-type': type },
    ...(sent === undefined ? {} : { body: sent }),
  })
  const body = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  return {
    status: response.status,
    text: body,
    json: isJson ? (JSON.parse(body) as unknown) : undefined,
  }
}

const series = (target: string | RegExp) => ({
  target: typeof target === 'string' ? target : (expect.stringMatching(target) as string),
  tags: expect.any(Object) as object,
  datapoints: expect.any(Array) as unknown[],
})
const node = (text: string, id: string, isLeaf: boolean) => ({
  text,
  id,
  leaf: isLeaf ? 1 : 0,
  expandable: isLeaf ? 0 : 1,
  allowChildren: isLeaf ? 0 : 1,
  context: {},
})
const range = `from=${T - 301}&until=${T + 1}`
const wrapped = (target: string, refId: string): string =>
  `target=${encodeURIComponent(`aliasSub(${target}, "(^.*$)", "\\1 ${refId}")`)}`

describe('is answered as it has to be', () => {
  const cases: [what: string, request: Request, wanted: unknown][] = [
    [
      'C1: save and test, in front',
      {
        path: '/render',
        body: 'target=aliasSub(constantLine(100)%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20A%22)&format=json&maxDataPoints=300',
      },
      [series(/^100(\.0)? A$/)],
    ],
    [
      'C2: save and test, behind',
      {
        path: '/render',
        body: `format=json&from=${T - 3600}&maxDataPoints=100&target=constantLine%28100%29&until=${T}`,
      },
      [series(/^100/)],
    ],
    [
      'C3: a panel',
      {
        path: '/render',
        body: `${wrapped('servers.*.cpu.user', 'A')}&${wrapped("seriesByTag('host=~web.*')", 'my_query')}&${range}&format=json&maxDataPoints=1092`,
      },
      [
        series('servers.db1.cpu.user A'),
        series('servers.web1.cpu.user A'),
        series('servers.web2.cpu.user A'),
        series('disk.used;dc=fra;host=web1 my_query'),
        series('disk.used;dc=fra;host=web2 my_query'),
      ],
    ],
    [
      'C3: a panel with a time for its cache, none of which it has',
      {
        path: '/render',
        body: `${wrapped('nothing.*', 'A')}&${range}&format=json&maxDataPoints=1092&cacheTimeout=60`,
      },
      [],
    ],
    [
      'C4: an alert rule',
      {
        path: '/render',
        body: `format=json&from=${T - 301}&maxDataPoints=43200&target=servers.web1.cpu.user&until=${T}`,
      },
      [series('servers.web1.cpu.user')],
    ],
    [
      'C5: intervals in both spellings',
      {
        path: '/render',
        body: `target=summarize(servers.web1.cpu.user,'5min','sum')&target=timeShift(servers.web1.cpu.user,'1mon')&${range}&format=json`,
      },
      [series(/^summarize/), series(/^timeShift/)],
    ],
    [
      'C6: the drop-down of metrics',
      { path: `/metrics/find?from=${T - 300}&until=${T}`, body: 'query=servers.*we*' },
      [node('web1', 'servers.web1', false), node('web2', 'servers.web2', false)],
    ],
    [
      'C6: with what no encoding was made of',
      { path: `/metrics/find?from=${T - 300}&until=${T}`, body: 'query=servers.{web1,db[0-9]}.cpu.*' },
      [node('user', 'servers.{web1,db[0-9]}.cpu.user', true)],
    ],
    [
      'C7: where there is no range',
      { path: '/metrics/find?from=undefined&until=undefined', body: 'query=*' },
      [node('servers', 'servers', false)],
    ],
    [
      'C7: where it is no number',
      { path: '/metrics/find?from=NaN&until=', body: 'query=*' },
      [node('servers', 'servers', false)],
    ],
    [
      'C8: the first segment, with tags',
      { path: `/tags/autoComplete/tags?tagPrefix=h&limit=5000&from=${T}&until=${T}` },
      ['host'],
    ],
    [
      'C9: the editor of tags',
      { path: '/tags/autoComplete/tags?expr=host%3Dweb1&expr=dc!%3Dx&tagPrefix=&limit=5000' },
      ['name'],
    ],
    [
      'C9: the values of a tag',
      { path: '/tags/autoComplete/values?expr=dc%3D~f.*&tag=host&valuePrefix=web&limit=5000' },
      ['web1', 'web2'],
    ],
    [
      'C10: the functions',
      { path: '/functions' },
      expect.objectContaining({
        sumSeries: expect.objectContaining({
          name: 'sumSeries',
          function: expect.any(String) as string,
          description: expect.any(String) as string,
          module: expect.any(String) as string,
          group: 'Combine',
          params: expect.any(Array) as unknown[],
        }) as object,
      }),
    ],
    [
      'C11: a variable that expands',
      { path: `/metrics/expand?query=servers.*.cpu&from=${T - 300}&until=${T}` },
      { results: ['servers.db1.cpu', 'servers.web1.cpu', 'servers.web2.cpu'] },
    ],
    [
      'C11: tag_values()',
      { path: '/tags/autoComplete/values?expr=dc%3Dfra&tag=host&limit=10000' },
      ['db1', 'web1', 'web2'],
    ],
    [
      'C12: variables with many values',
      {
        path: '/render',
        body: `${wrapped('servers.{web1,db1}.cpu.user', 'A')}&${wrapped("seriesByTag('host=~(web1|db1)')", 'B')}&${range}&format=json`,
      },
      [
        series('servers.db1.cpu.user A'),
        series('servers.web1.cpu.user A'),
        series('disk.used;dc=fra;host=db1 B'),
        series('disk.used;dc=fra;host=web1 B'),
      ],
    ],
    [
      'C13: annotations of events',
      { path: '/events/get_data?from=-1h&until=now&tags=a b' },
      [expect.objectContaining({ id: 1, when: T, what: 'deploy', data: 'version 2', tags: ['a', 'b'] })],
    ],
    [
      'C13: in raw ranges',
      { path: `/events/get_data?from=-1mon&until=now&tags=undefined` },
      [expect.objectContaining({ what: 'deploy' })],
    ],
    ['C13: none', { path: `/events/get_data?from=${T + 1}&until=${T + 2}&tags=a` }, []],
    [
      'C14: annotations of a metric',
      {
        path: '/render',
        body: `${wrapped('drawAsInfinite(servers.web1.cpu.user)', 'Anno')}&${range}&format=json&maxDataPoints=100`,
      },
      [series(/ Anno$/)],
    ],
    [
      'C16: as Metrictank',
      {
        path: '/render',
        body: `${wrapped('servers.web1.cpu.user', 'A')}&${range}&format=json&maxDataPoints=1092&meta=true`,
      },
      {
        version: 'v0.1',
        meta: {
          stats: expect.objectContaining({
            'executeplan.get-targets.ms': expect.any(Number) as number,
          }) as object,
        },
        series: [
          {
            ...series('servers.web1.cpu.user A'),
            interval: 10,
            meta: [
              expect.objectContaining({
                'schema-name': expect.any(String) as string,
                'schema-retentions': expect.stringMatching(/^10s:\d+d,/) as string,
                'archive-read': 0,
                'archive-interval': 10,
                'aggnum-rc': 0,
                'consolidator-rc': 'NoneConsolidator',
                count: 1,
              }),
            ],
          },
        ],
      },
    ],
    [
      'C22: a target of the bundled dashboard, with its quotation marks and its blank',
      {
        path: '/render',
        body: `target=alias(sumSeries(carbon.agents.*.updateOperations),%22Updates%22) &${range}&format=json`,
      },
      [],
    ],
    [
      'C22: a body that is not encoded at all',
      {
        path: '/render',
        body: `target=alias(sumSeries(servers.*.cpu.user), "All of it") &${range}&format=json`,
      },
      [series('All of it')],
    ],
  ]
  test.each(cases)('%s', async (_what, request, wanted) => {
    const { status, json } = await send(request)
    expect(json).toEqual(wanted)
    expect(status).toBe(200)
  })

  test('C3: values are numbers or null, and times seconds that ascend', async () => {
    const { json } = await send({
      path: '/render',
      body: `${wrapped('servers.web1.cpu.user', 'A')}&${range}&format=json&maxDataPoints=1092`,
    })
    const [one] = json as { datapoints: [number | null, number][] }[]
    const times = one?.datapoints.map(([, seconds]) => seconds) ?? []
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(one?.datapoints.filter(([value]) => value !== null)).toEqual([
      [20, T - 20],
      [10, T - 10],
      [0, T],
    ])
  })

  test('C15: the version', async () => {
    expect(await send({ path: '/version' })).toMatchObject({ status: 200, text: '1.1.10' })
  })
})

describe('C17: an error is JSON that says what to do', () => {
  test.each<[request: Request, status: number, message: RegExp]>([
    [{ path: '/render', body: 'target=sumSeries(a&format=json' }, 400, /position/],
    [{ path: '/render', body: 'target=a&from=5mi&format=json' }, 400, /`from`/],
    [{ path: '/render', body: `target=${'a'.repeat(1_100_000)}` }, 413, /1048576/],
    [{ path: '/metrics/find', body: 'query=' }, 400, /query/],
    [{ path: '/tags/autoComplete/values' }, 400, /tag/],
    [{ path: '/nothing' }, 404, /nothing/],
  ])('%j', async (request, status, message) => {
    const answer = await send(request)
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({
      message: expect.stringMatching(message) as string,
      error: expect.stringMatching(message) as string,
    })
    expect(answer.text).not.toMatch(/<body|\n {4}at /)
  })
})

test('which series are on a dashboard is known afterwards', async () => {
  const { json } = await send({ path: '/api/usage?dashboard=12' })
  expect(json).toEqual({
    series: expect.arrayContaining([
      {
        key: 'servers.web1.cpu.user',
        uses: [
          {
            dashboard: '12',
            panel: '3',
            count: expect.any(Number) as number,
            lastMs: expect.any(Number) as number,
          },
        ],
      },
    ]) as unknown[],
  })
  expect((await send({ path: '/api/usage?dashboard=13' })).json).toEqual({ series: [] })
})

test('C18: maxDataPoints bounds what is sent', async () => {
  const { json } = await send({
    path: '/render',
    body: `target=servers.web1.cpu.user&from=-1d&maxDataPoints=100&format=json`,
  })
  expect((json as { datapoints: unknown[] }[])[0]?.datapoints.length).toBeLessThanOrEqual(101)
})

test('C19: a request that is abandoned leaves nothing behind', async () => {
  for (let index = 0; index < 5; index++) {
    const aborting = new AbortController()
    const asked = fetch(
      kymo.url(`/render?target=movingAverage(servers.*.cpu.user,'1h')&from=-${index + 1}d`),
      {
        signal: aborting.signal,
      },
    )
    setTimeout(() => aborting.abort(), index)
    await asked.then((response) => response.arrayBuffer()).catch(() => {})
  }
  expect(
    (await send({ path: '/render', body: 'target=servers.web1.cpu.user&from=-1h&format=json' })).status,
  ).toBe(200)
})

test('C20: no page of another server is let in by a header', async () => {
  const response = await fetch(kymo.url('/render'), {
    method: 'OPTIONS',
    headers: { origin: 'http://grafana.example', 'access-control-request-method': 'POST' },
  })
  expect(response.status).toBe(405)
  expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
})

// Kymo asks for no credentials. Such as a data source is set up with, for whatever stands before Kymo, are in nobody's way and seen by nobody.
test.each<[what: string, headers: Record<string, string>]>([
  ['basic authentication', { authorization: `Basic ${btoa('grafana:secret-canary')}` }],
  ['a bearer token', { authorization: 'Bearer secret-canary' }],
  ['cookies that are forwarded', { cookie: 'grafana_session=secret-canary; other=1' }],
  ['headers of its own', { 'x-scope-orgid': '1', 'x-api-key': 'secret-canary', 'x-grafana-org-id': '1' }],
  [
    'a proxy that ends TLS',
    {
      host: 'metrics.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '10.1.2.3',
      via: '1.1 proxy',
      authorization: 'Bearer secret-canary',
    },
  ],
])('C21: with %s it is answered as without', async (_what, headers) => {
  const path = `/render?target=servers.*.cpu.user&${range}&format=json`
  const plain = await sendRaw(path, {})
  expect(plain.status).toBe(200)
  expect(await sendRaw(path, headers)).toEqual(plain)
  // Where it is refused, too.
  const refused = await sendRaw('/render?target=a(&format=json', headers)
  expect(refused.status).toBe(400)
  expect(refused.text).not.toContain('secret-canary')
  expect(kymo.stderr + kymo.stdout).not.toContain('secret-canary')
})

test('C21: a proxy under a name that nobody has allowed is refused', async () => {
  const refused = await sendRaw('/version', { host: 'other.example', 'x-forwarded-proto': 'https' })
  expect(refused.status).toBe(403)
  expect(JSON.parse(refused.text)).toMatchObject({ code: 'host-refused' })
})

/** With any Host header, which `fetch` does not send. */
async function sendRaw(path: string, headers: Record<string, string>) {
  const sent = request(kymo.url(path), { headers: { ...HEADERS, ...headers } })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode, text: await text(response) }
}
