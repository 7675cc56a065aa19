import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { MetricEvent } from '../../model/event.ts'
import { silentLog } from '../../telemetry/log.ts'
import { buildApp } from '../app.ts'
import { createHostRules } from '../host-rules.ts'
import { createLiveFeed } from '../live-feed.ts'
import { loadStaticSite } from '../static-site.ts'
import { FakeServices } from '../testdata/fake-services.ts'
import { ROUTES } from './index.ts'

const HOST = 'kymo.test'
const NOW_SECONDS = 1_700_000_000
const JSON_TYPE = 'application/json'

let services: FakeServices
let app: Awaited<ReturnType<typeof buildApp>>

beforeEach(async () => {
  services = new FakeServices()
  const clock = new FakeClock(NOW_SECONDS * 1000 + 750)
  app = await buildApp({
    routes: ROUTES,
    context: { services, live: createLiveFeed({ services, clock, log: silentLog }), clock },
    site: await loadStaticSite(),
    hostRules: createHostRules({ hosts: ['127.0.0.1'], allowedHosts: [HOST], machineName: 'web1' }),
    version: '0.1.0',
    log: silentLog,
  })
})

afterEach(() => app.close())

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await app.inject({ method: 'GET', url, headers: { host: HOST, ...headers } })
  return { ...response, status: response.statusCode, json: () => JSON.parse(response.body) as unknown }
}

async function post(payload: string, headers: Record<string, string> = { 'content-type': JSON_TYPE }) {
  const request = { method: 'POST', url: '/events/', payload, headers: { host: HOST, ...headers } } as const
  const response = await app.inject(request)
  const body = JSON.parse(response.body) as { id?: number; code?: string; message?: string }
  return { status: response.statusCode, ...body }
}

function eventOf(event: Partial<MetricEvent>): MetricEvent {
  return { kind: 'event', timeMs: NOW_SECONDS * 1000, title: 'deploy', text: '', tags: [], ...event }
}

/** What Graphite's clients see of the events that match. */
async function found(query: string): Promise<string[]> {
  const response = await get(`/events/get_data?${query}`)
  expect(response.status).toBe(200)
  return (response.json() as { what: string }[]).map(({ what }) => what)
}

describe('adding an event', () => {
  const cases: [what: string, body: object, wanted: object][] = [
    [
      'all of it',
      { what: 'a', tags: ['x', 'y:z'], when: 1_600_000_000, data: 'd' },
      { what: 'a', tags: ['x', 'y:z'], when: 1_600_000_000, data: 'd' },
    ],
    ['its title only', { what: 'a' }, { what: 'a', tags: [], when: NOW_SECONDS, data: '' }],
    ['tags as one text', { what: 'a', tags: ' x  y\tz ' }, { tags: ['x', 'y', 'z'] }],
    ['tags with spaces in a list', { what: 'a', tags: ['x y', ''] }, { tags: ['x', 'y'] }],
    [
      'tags that repeat, or look like others',
      { what: 'a', tags: 'x x:1 x:1:2 a=b;c' },
      { tags: ['x', 'x:1', 'x:1:2', 'a=b;c'] },
    ],
    ['nulls', { what: 'a', tags: null, when: null, data: null }, { tags: [], when: NOW_SECONDS, data: '' }],
    ['a time with a fraction', { what: 'a', when: 1_600_000_000.9 }, { when: 1_600_000_000 }],
    ['a time in quotes, as a shell writes it', { what: 'a', when: '1600000000' }, { when: 1_600_000_000 }],
    ['the first moment of all', { what: 'a', when: 0 }, { when: 0 }],
    [
      'what nobody asked for',
      { what: 'a', id: 9, kind: 'service_check', __proto__x: 1 },
      { id: 1, kind: 'event' },
    ],
  ]
  test.each(cases)('with %s', async (_what, body, wanted) => {
    expect(await post(JSON.stringify(body))).toEqual({ status: 200, id: 1 })
    expect((await get('/events/1')).json()).toMatchObject(wanted)
  })

  test("as Graphite's documentation does it: curl calls it a form", async () => {
    const body =
      '{ "what": "Event - deploy", "tags": ["deploy"], "when": 1467844481, "data": "deploy of master" }'
    for (const type of ['application/x-www-form-urlencoded', 'text/plain;charset=UTF-8']) {
      expect(await post(body, { 'content-type': type })).toMatchObject({ status: 200 })
    }
    expect(await post(body, {})).toMatchObject({ status: 200, id: 3 })
  })

  test.each([
    { origin: `http://${HOST}` },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ])('from a browser (%j) needs the type that no other page can send', async (headers) => {
    const body = '{"what":"a"}'
    const asText = await post(body, { ...headers, 'content-type': 'text/plain' })
    expect(asText).toMatchObject({ status: 415, code: 'body-unsupported' })
    expect(await post(body, { ...headers, 'content-type': JSON_TYPE })).toMatchObject({ status: 200, id: 1 })
  })

  test('a page of another server adds none', async () => {
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const refused = await post('{"what":"a"}', { ...headers, 'content-type': JSON_TYPE })
      expect(refused).toMatchObject({ status: 403, code: 'origin-refused' })
    }
    expect(await found('')).toEqual([])
  })

  test.each([
    ['nothing', '', 'not valid JSON'],
    ['no object', '[]', 'expected object'],
    ['null', 'null', 'has to be a JSON object'],
    ['a text', '"what"', 'expected object'],
    ['half of JSON', '{"what":', 'not valid JSON'],
    ['no title', '{}', 'The body, `what`: expected string, and there is none.'],
    ['a title of blanks', '{"what":" \\n"}', 'what'],
    ['a title that is no text', '{"what":1}', 'what'],
    ['a title past its length', JSON.stringify({ what: 'x'.repeat(1_001) }), 'what'],
    ['tags that are a number', '{"what":"a","tags":5}', 'tags'],
    ['tags that are an object', '{"what":"a","tags":{"a":"b"}}', 'tags'],
    ['tags with a number among them', '{"what":"a","tags":["a",5]}', 'tags'],
    ['too many tags', JSON.stringify({ what: 'a', tags: 'x '.repeat(101) }), 'the limit is 100'],
    ['a tag too long', JSON.stringify({ what: 'a', tags: ['x'.repeat(201)] }), 'longer than 200'],
    ['a time in words', '{"what":"a","when":"yesterday"}', 'when'],
    ['a time in milliseconds', '{"what":"a","when":1700000000000}', 'in seconds, not milliseconds'],
    ['a time before 1970', '{"what":"a","when":-1}', '1970'],
    ['data that are an object', '{"what":"a","data":{}}', 'data'],
    ['data past their length', JSON.stringify({ what: 'a', data: 'x'.repeat(65_537) }), 'data'],
  ])('with %s is refused', async (_what, body, problem) => {
    const refused = await post(body)
    expect(refused).toMatchObject({ status: 400, code: 'request-invalid' })
    expect(refused.message).toContain(problem)
    expect(await found('')).toEqual([])
  })

  test('parameters in the URL do not count', async () => {
    const request = { method: 'POST', url: '/events?what=a', headers: { host: HOST } } as const
    const refused = await app.inject(request)
    expect(refused.statusCode).toBe(400)
    expect(refused.body).toContain('has to be a JSON object')
  })
})

describe('/events/get_data', () => {
  beforeEach(() => {
    const at = (seconds: number): number => (NOW_SECONDS + seconds) * 1000
    services.eventStore.append([
      eventOf({
        title: 'now',
        timeMs: at(0) + 999,
        tags: [
          ['web', ''],
          ['env', 'prod'],
        ],
      }),
      eventOf({ title: 'an hour ago', timeMs: at(-3600), tags: [['web', '']] }),
      eventOf({ title: 'yesterday', timeMs: at(-86_400), tags: [['env', 'prod']] }),
      eventOf({ title: 'tomorrow', timeMs: at(86_400), kind: 'service_check' }),
    ])
  })

  test.each([
    ['', ['yesterday', 'an hour ago', 'now']],
    ['from=undefined&until=&tags=undefined&set=', ['yesterday', 'an hour ago', 'now']],
    ['from=-1h&until=now&tags=', ['an hour ago', 'now']],
    ['from=-59min', ['now']],
    ['from=-5min&until=-1min', []],
    [`from=${NOW_SECONDS}&until=${NOW_SECONDS}`, ['now']],
    [`until=${NOW_SECONDS - 3600}`, ['yesterday', 'an hour ago']],
    ['until=%2B2d', ['yesterday', 'an hour ago', 'now', 'tomorrow']],
    ['from=now&until=-1h', []],
    ['tags=web', ['an hour ago', 'now']],
    ['tags=web+env%3Aprod', ['now']],
    ['tags=web&tags=env:prod', ['now']],
    ['tags=web%20env:prod&set=intersection', ['now']],
    ['tags=web%20env:prod&set=union', ['yesterday', 'an hour ago', 'now']],
    ['tags=nobody', []],
    ['limit=1', ['now']],
    ['until=%2B2d&kind=service_check', ['tomorrow']],
  ])('?%s', async (query, wanted) => {
    expect(await found(query)).toEqual(wanted)
  })

  test('takes a form as well', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/events/get_data',
      headers: { host: HOST, 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'tags=web&from=-1min',
    })
    expect(JSON.parse(response.body)).toMatchObject([{ what: 'now' }])
  })

  test('is what Grafana reads', async () => {
    const response = await get('/events/get_data?from=-1min')
    expect(response.headers['content-type']).toBe('application/json')
    expect(response.json()).toEqual([
      { id: 1, what: 'now', when: NOW_SECONDS, data: '', tags: ['web', 'env:prod'], kind: 'event' },
    ])
  })

  test.each([
    ['from=nonsense', 'time-invalid'],
    ['until=1700000000000', 'time-invalid'],
    ['limit=0', 'request-invalid'],
    ['limit=x', 'request-invalid'],
    ['kind=deploy', 'request-invalid'],
    ['jsonp=alert(1)//', 'request-invalid'],
    [`tags=${Array.from({ length: 33 }, (_, i) => i).join('+')}`, 'request-invalid'],
  ])('?%s is refused', async (query, code) => {
    const refused = await get(`/events/get_data?${query}`)
    expect([refused.status, (refused.json() as { code: string }).code]).toEqual([400, code])
  })

  test('is called where a page of ours asks for it, and not where another does', async () => {
    const called = await get('/events/get_data?jsonp=show&limit=1')
    expect(called.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(called.body).toMatch(/^show\(\[\{.*\}\]\)$/)
    const foreign = await get('/events/get_data?jsonp=show', { 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
  })

  test('asks the store for no more than it gives', async () => {
    await found('limit=999999999')
    expect(services.eventQueries.at(-1)?.limit).toBe(10_000)
  })
})

describe('what StatsD sent', () => {
  const check: MetricEvent = {
    kind: 'service_check',
    timeMs: NOW_SECONDS * 1000 + 250,
    title: 'disk',
    text: 'full',
    tags: [['env', 'prod']],
    hostname: 'web1',
    aggregationKey: 'key',
    sourceType: 'nagios',
    priority: 'low',
    alertType: 'error',
    status: 2,
  }
  const extras = {
    hostname: 'web1',
    aggregationKey: 'key',
    sourceType: 'nagios',
    priority: 'low',
    alertType: 'error',
    status: 2,
  }

  test('is in all answers, with all that it said', async () => {
    services.eventStore.append([check])
    const graphite = {
      id: 1,
      what: 'disk',
      when: NOW_SECONDS,
      data: 'full',
      tags: ['env:prod'],
      kind: 'service_check',
      ...extras,
    }
    expect((await get('/events/get_data')).json()).toEqual([graphite])
    expect((await get('/events/1')).json()).toEqual(graphite)
    expect((await get('/events')).json()).toEqual({
      events: [
        {
          id: 1,
          kind: 'service_check',
          timeMs: NOW_SECONDS * 1000 + 250,
          title: 'disk',
          text: 'full',
          tags: ['env:prod'],
          ...extras,
        },
      ],
    })
  })
})

describe('/events', () => {
  test('lists the newest first, a hundred of them', async () => {
    services.eventStore.append(
      Array.from({ length: 150 }, (_, i) =>
        eventOf({ title: `e${i}`, timeMs: (NOW_SECONDS - 500 + i) * 1000 }),
      ),
    )
    const list = async (query: string): Promise<string[]> => {
      const { events } = (await get(`/events${query}`)).json() as { events: { title: string }[] }
      return events.map(({ title }) => title)
    }
    expect(await list('')).toHaveLength(100)
    expect((await list('/?limit=2')).join()).toBe('e149,e148')
    expect((await list('?limit=150')).at(-1)).toBe('e0')
  })
})

describe('/events/<id>', () => {
  test.each(['2', '0', '-1', '1.0', '1e0', '0x1', 'get', '%3Cscript%3E', '9'.repeat(15), '9'.repeat(90)])(
    '%s is not there',
    async (id) => {
      services.eventStore.append([eventOf({})])
      const missing = await get(`/events/${id}`)
      expect([missing.status, (missing.json() as { code: string }).code]).toEqual([404, 'event-unknown'])
      expect(missing.headers['content-type']).toBe('application/json; charset=utf-8')
    },
  )
})

describe('hostile text', () => {
  const corpus = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '"><svg/onload=alert(1)>',
    "'; DROP TABLE events; --",
    '\u2028\u2029\u0000\u001b[31m\u202e',
    '__proto__',
    'constructor',
    '=cmd()',
    'lone\ud800surrogate',
  ]
  test.each(corpus)('%j stays text in JSON', async (text) => {
    const { id } = await post(JSON.stringify({ what: text, data: text, tags: [text] }))
    const tags = text.split(/\s+/).filter((word) => word !== '')
    for (const url of [`/events/${id}`, '/events/get_data', '/events']) {
      const response = await get(url)
      expect(response.headers['content-type']).toMatch(/^application\/json/)
      expect(response.headers['x-content-type-options']).toBe('nosniff')
      const json = response.json() as { what?: string; events?: object[] }
      const event = url === '/events' ? json.events?.[0] : Array.isArray(json) ? (json[0] as object) : json
      const wanted = url === '/events' ? { title: text, text } : { what: text, data: text }
      expect(event).toMatchObject({ ...wanted, tags })
    }
    const tag = encodeURIComponent(tags[0]?.toWellFormed() ?? '')
    expect(await found(`tags=${tag}`)).toEqual(text.isWellFormed() ? [text] : [])
  })
})
