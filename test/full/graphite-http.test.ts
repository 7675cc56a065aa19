import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENCODED_VALUES } from '../../src/api/encode/testdata/encoded-values.ts'
import { GraphiteWeb, hasGraphiteWeb, unpackInPython } from '../harness/graphite-http.ts'
import { cleanUp, KymoProcess, temporaryDirectory } from '../harness/kymo.ts'
import { callPython } from '../harness/python-whisper.ts'

// One and the same data behind a real graphite-web and behind Kymo, asked the same over HTTP.
const root = resolve(import.meta.dirname, '..', '..')
const why = hasGraphiteWeb ? '' : ' (skipped: no graphite-web)'
const NOW = Math.floor(Date.now() / 1_000)
const [FROM, UNTIL] = [NOW - (NOW % 60) - 3_600, NOW - (NOW % 60) - 3_000]

const ARCHIVES = [[10, 8_640]] as const
const TAGGED = 'disk.used;dc=fra;host=web1'
const SERIES = [
  ['servers/web1/load.wsp', ARCHIVES, 0, 'average', 10, 20_000],
  ['servers/web1/load/short.wsp', ARCHIVES, 0, 'average', 10, 20_000],
  ['servers/web2/load.wsp', ARCHIVES, 0, 'average', 10, 20_000],
  ['servers/db1/requests/count.wsp', ARCHIVES, 0, 'sum', 10, 20_000],
  ['one.wsp', ARCHIVES, 0, 'average', 10, 20_000],
  ['_tagged/2da/01d/disk_DOT_used;dc=fra;host=web1.wsp', ARCHIVES, 0, 'last', 10, 20_000],
]

let graphite: GraphiteWeb
let kymo: KymoProcess

beforeAll(async () => {
  if (!hasGraphiteWeb) return
  const folder = temporaryDirectory()
  callPython('make', join(folder, 'whisper'), SERIES, NOW)
  graphite = await GraphiteWeb.start(folder)
  kymo = await KymoProcess.start({ flushInterval: '10s' })
  const imported = spawnSync(
    process.execPath,
    [join(root, 'bin', 'kymo.js'), 'import', 'whisper', join(folder, 'whisper'), '--url', kymo.url('')],
    { cwd: folder, encoding: 'utf8' },
  )
  if (imported.status !== 0) throw new Error(imported.stderr)
  // Graphite has to be told of tags; Kymo has them with the points.
  expect((await ask(graphite, { path: '/tags/tagMultiSeries', body: `path=${TAGGED}` })).status).toBe(200)
}, 120_000)

afterAll(() => {
  if (hasGraphiteWeb) graphite.stop()
  cleanUp()
})

interface Request {
  readonly path: string
  readonly body?: string
}

async function ask(server: { url(path: string): string }, { path, body }: Request) {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const response = await fetch(
    server.url(path),
    body === undefined ? {} : { method: 'POST', body, headers: form },
  )
  return {
    status: response.status,
    type: (response.headers.get('content-type') ?? '').replace(/;.*/, ''),
    bytes: new Uint8Array(await response.arrayBuffer()),
  }
}

type Answer = Awaited<ReturnType<typeof ask>>

/** What an answer says, whatever it is written in. */
function read({ type, bytes }: Answer): unknown {
  const text = new TextDecoder().decode(bytes)
  switch (type) {
    case 'application/json':
      return JSON.parse(text)
    case 'application/pickle':
      return unpackInPython('pickle', bytes)
    case 'application/x-msgpack':
      return unpackInPython('msgpack', bytes)
    case 'text/csv':
      return text
        .split('\r\n')
        .map((row) => row.split(','))
        .map(([name, time, value = '']) => [name, time, value === '' ? null : Number(value)])
    case 'text/javascript':
      return [text.slice(0, text.indexOf('(')), JSON.parse(text.slice(text.indexOf('(') + 1, -1))]
    default:
      return text
        .split('\n')
        .map((line) => line.split('|'))
        .map(([head, values = '']) => [
          head,
          values.split(',').map((value) => (value === 'None' ? null : Number(value))),
        ])
  }
}

/** What Kymo says besides, what is told of files, and the numbers of rows in Graphite's database. */
function withoutExtras(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtras)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, one]) =>
          key !== 'context' && key !== 'intervals' && !(key === 'id' && typeof one === 'number'),
      )
      .map(([key, one]) => [key, withoutExtras(one)]),
  )
}

const range = `from=${FROM}&until=${UNTIL}`

describe.skipIf(!hasGraphiteWeb)(`graphite-web and Kymo${why}`, () => {
  const same: Request[] = [
    ...['json', 'raw', 'csv', 'pickle', 'msgpack', 'rickshaw', 'dygraph'].map((format) => ({
      path: `/render?target=servers.*.load&target=one&${range}&format=${format}`,
    })),
    { path: `/render?target=servers.*.load&${range}&format=json&maxDataPoints=7` },
    { path: `/render?target=servers.*.load&${range}&format=json&maxDataPoints=1` },
    { path: `/render?target=servers.*.load&${range}&format=json&noNullPoints=1` },
    { path: `/render?target=servers.*.load&${range}&format=json&jsonp=draw` },
    { path: `/render?target=servers.*.load&${range}&format=rickshaw&jsonp=draw` },
    { path: `/render?target=one&from=${UNTIL}&until=${FROM}&format=json` },
    { path: `/render?target=nothing&${range}&format=json` },
    { path: `/render?target=nothing&${range}&format=dygraph` },
    { path: `/render?target=one&${range}&rawData=1` },
    { path: `/render?target=seriesByTag('host=web1')&${range}&format=json` },
    { path: '/render', body: `target=sumSeries(servers.*.load)&target=scale(one,2)&${range}&format=json` },
    { path: `/render?format=json&${range}`, body: 'target=one' },
    // Of all, it would show the folder of tagged series too.
    { path: '/metrics/find?query={one,servers}' },
    { path: '/metrics/find/?query=servers.*' },
    { path: '/metrics/find?query=servers.web1.*' },
    { path: '/metrics/find?query=servers.{db1,web2}.*&wildcards=1' },
    { path: '/metrics/find?query=servers.*.load&leavesOnly=1' },
    { path: '/metrics/find?query=nothing.*' },
    { path: `/metrics/find?${range}`, body: 'query=servers.*' },
    { path: '/metrics/find?query=servers.*&format=json' },
    { path: '/metrics/find?query=servers.web1.*&format=json' },
    { path: '/metrics/find?query=servers.web1.*&format=completer' },
    { path: '/metrics/find?query=servers.we&format=completer&wildcards=1' },
    { path: '/metrics/find?query=servers.*.load&format=nodelist&position=1' },
    { path: '/metrics/find?query=servers.*&jsonp=cb' },
    { path: '/metrics?query=servers.*' },
    { path: '/metrics/expand?query=servers.*.load' },
    { path: '/metrics/expand?query=servers.*&query=one&groupByExpr=1' },
    { path: '/metrics/expand?query=servers.web1.*&leavesOnly=1' },
    { path: '/tags/findSeries?expr=host%3Dweb1&expr=dc!%3Dx' },
    { path: '/tags/findSeries?expr=host%3Dnothing' },
    { path: '/tags/host' },
    { path: '/tags/autoComplete/tags?expr=host%3Dweb1' },
    { path: '/tags/autoComplete/values?tag=host&valuePrefix=w' },
    { path: '/tags/autoComplete/values', body: 'tag=host&expr=dc%3Dfra' },
    { path: '/tags/tagSeries', body: 'path=a;c=d;b=e' },
    { path: '/tags/tagMultiSeries', body: 'path=a;c=d;b=e&path=b;x=y' },
    { path: '/events/get_data?from=-1h' },
    { path: '/metrics/find?query=servers.*&format=treejson&leavesOnly=1' },
    { path: '/metrics/find?query=servers.web2.&format=completer' },
    { path: '/metrics/find?query=servers..&format=completer' },
    { path: '/metrics/find?query=servers.we,servers.db&format=completer&automatic_variants=1' },
    { path: '/metrics/find?query=servers.*.load&format=nodelist' },
    { path: '/metrics/find?query=servers.*.load&format=nodelist&position=0' },
    { path: '/metrics/find?query=servers.*&format=completer&jsonp=cb' },
    { path: '/metrics/find?query=servers.*&pretty=1' },
    { path: '/metrics/find?query=servers.web[12]' },
    { path: '/metrics/find?query=servers.web[!1]' },
    { path: '/metrics/find?query=servers.{web1,{web2,db1}}' },
    { path: '/metrics/find?query=servers.web?' },
    { path: '/metrics/find', body: 'query=servers.*&format=json' },
    { path: '/metrics/expand?query=servers.web1.*' },
    { path: '/metrics/expand?query=servers.*&query=servers.web1' },
    { path: '/metrics/expand?query=nothing' },
    { path: '/metrics/expand?query=nothing&groupByExpr=1' },
    { path: '/metrics/expand', body: 'query=servers.*.load' },
    { path: '/metrics/expand?query=servers.*&jsonp=cb' },
    { path: '/tags/findSeries?expr=host%3D~we.*' },
    { path: '/tags/findSeries?expr=host!%3D~x&expr=dc%3Dfra' },
    { path: '/tags/findSeries?expr=name%3Ddisk.used' },
    { path: '/tags/findSeries', body: 'expr=host%3Dweb1' },
    { path: '/tags/findSeries?expr=host%3Dweb1&pretty=1' },
    { path: '/tags/dc?filter=f' },
    { path: '/tags/dc?filter=x' },
    { path: '/tags/autoComplete/tags?expr=host%3Dweb1&tagPrefix=d' },
    { path: '/tags/autoComplete/tags', body: 'expr=host%3Dweb1' },
    { path: '/tags/autoComplete/tags?expr=host%3Dweb1&limit=1' },
    { path: '/tags/autoComplete/values?tag=host&expr=dc%3Dnothing' },
    { path: `/render?target=one&${range}&format=json&pretty=1` },
    { path: `/render?target=one&target=nothing&${range}&format=json` },
    { path: `/render?target=one&${range}&format=csv&tz=Europe/Berlin` },
    { path: `/render?target=one&${range}&format=json&tz=No/Where` },
    { path: `/render?target=${encodeURIComponent('alias(one, "x y") ')}&${range}&format=json` },
    { path: `/render?target=one&target=one&${range}&format=raw` },
    { path: `/render?target=servers.web[!1].load&${range}&format=json` },
    { path: `/render?target=template(servers.$host.load)&template[host]=web1&${range}&format=json` },
    { path: `/render?${range}&format=json` },
    { path: `/render?target=&${range}&format=json` },
    { path: `/render?target=servers.web1.load&${range}&format=json&xFilesFactor=0.5&maxDataPoints=5` },
  ]
  test.each(same)('answer the same to %j', { timeout: 30_000 }, async (request) => {
    const [theirs, ours] = [await ask(graphite, request), await ask(kymo, request)]
    expect([ours.status, ours.type]).toEqual([theirs.status, theirs.type])
    expect(withoutExtras(read(ours))).toEqual(withoutExtras(read(theirs)))
  })

  test.each<[request: Request, status: number]>([
    [{ path: `/render?target=one&from=${FROM}&until=${FROM}&format=json` }, 400],
    [{ path: '/render?target=one&from=5mi&format=json' }, 400],
    [{ path: '/metrics/find' }, 400],
    [{ path: '/metrics/find?query=' }, 400],
    [{ path: '/metrics/find?query=*&format=odd' }, 400],
    [{ path: '/metrics/find?query=*&from=5mi' }, 400],
    [{ path: '/tags/findSeries' }, 400],
    [{ path: '/tags/autoComplete/values' }, 400],
    [{ path: '/tags/tagSeries', body: 'x=y' }, 400],
    [{ path: '/tags/tagSeries?path=a' }, 405],
    [{ path: '/tags/tagMultiSeries?path=a' }, 405],
    [{ path: '/tags/delSeries?path=a' }, 405],
    [{ path: '/tags', body: 'x=y' }, 405],
    [{ path: '/functions', body: 'x=y' }, 405],
    [{ path: '/functions/nothing' }, 404],
    [{ path: '/events/get_data?from=-1h&tags=none' }, 200],
    [{ path: '/version' }, 200],
    [{ path: '/metrics/index.json' }, 200],
    [{ path: '/tags' }, 200],
    [{ path: '/metrics/find?query=nothing.*&format=completer' }, 200],
    [{ path: '/metrics/find?query=nothing.*&format=nodelist' }, 200],
    [{ path: '/events/999999' }, 404],
    [{ path: '/tags/findSeries?expr=nonsense' }, 400],
    [{ path: '/tags/findSeries?expr=host%3D' }, 400],
    [{ path: '/tags/autoComplete/tags?expr=nonsense' }, 400],
    [{ path: '/tags/autoComplete/values?tag=host&expr=nonsense' }, 400],
    [{ path: '/tags/tagMultiSeries', body: 'x=y' }, 400],
    [{ path: '/tags/delSeries', body: 'x=y' }, 400],
    [{ path: '/render?target=odd(one)&format=json' }, 400],
    [{ path: '/render?target=one&format=json&until=nonsense' }, 400],
  ])('have the same status for %j: %i', { timeout: 30_000 }, async (request, status) => {
    const [theirs, ours] = [await ask(graphite, request), await ask(kymo, request)]
    expect([ours.status, theirs.status]).toEqual([status, status])
  })

  // Where Graphite fails, or answers with nothing, Kymo says what is wrong.
  test.each<[request: Request, ours: number, theirs: number]>([
    [{ path: '/render?target=sumSeries(one&format=json' }, 400, 200],
    [{ path: '/metrics/expand' }, 400, 200],
  ])('differ for %j: %i and not %i', { timeout: 30_000 }, async (request, wanted, theirs) => {
    const answer = await ask(kymo, request)
    expect([answer.status, (await ask(graphite, request)).status]).toEqual([wanted, theirs])
    expect(read(answer)).toMatchObject({ code: expect.any(String) as string })
  })

  test('what finds tell of leaves has one shape', async () => {
    for (const format of ['json', 'msgpack']) {
      const request = { path: `/metrics/find?query=servers.web1.*&format=${format}` }
      const [theirs, ours] = [read(await ask(graphite, request)), read(await ask(kymo, request))]
      expect(shapeOf(ours)).toEqual(shapeOf(theirs))
    }
    // Graphite's own has a class of Graphite's in it.
    const ours = read(await ask(kymo, { path: '/metrics/find?query=servers.web1.*&format=pickle' }))
    expect(shapeOf(ours)).toContain('"intervals":[["number","number"]]')
  })

  test('events are taken in and found the same', { timeout: 60_000 }, async () => {
    const events = [
      { what: 'first', tags: ['a', 'b'], when: NOW - 300, data: 'x' },
      { what: 'second', tags: 'b c', when: NOW - 200, data: '' },
      { what: 'third', when: NOW - 100, tags: [] },
    ]
    for (const event of events) {
      const request = { path: '/events/', body: JSON.stringify(event) }
      const [theirs, ours] = [await ask(graphite, request), await ask(kymo, request)]
      expect([theirs.status, ours.status]).toEqual([200, 200])
    }
    const time = `from=${NOW - 1_000}&until=${NOW}`
    for (const path of [
      `/events/get_data?${time}`,
      `/events/get_data?${time}&tags=b`,
      `/events/get_data?${time}&tags=a%20b`,
      `/events/get_data?${time}&tags=a%20c`,
      `/events/get_data?${time}&tags=a%20c&set=union`,
      `/events/get_data?${time}&tags=b%20c&set=intersection`,
      `/events/get_data?${time}&tags=nothing`,
      `/events/get_data?from=${NOW - 250}&until=${NOW - 150}`,
      `/events/get_data?${time}&jsonp=cb`,
    ]) {
      const [theirs, ours] = [await ask(graphite, { path }), await ask(kymo, { path })]
      expect([path, ours.status, ours.type]).toEqual([path, theirs.status, theirs.type])
      expect([path, eventsOf(read(ours))]).toEqual([path, eventsOf(read(theirs))])
    }
    const refused = { path: '/events/', body: '{"what":"x","tags":5}' }
    const [theirs, ours] = [await ask(graphite, refused), await ask(kymo, refused)]
    expect([ours.status, theirs.status]).toEqual([400, 400])
  })

  test('deleting a series is answered the same', async () => {
    const request = { path: '/tags/delSeries', body: 'path=gone;a=b' }
    const [theirs, ours] = [await ask(graphite, request), await ask(kymo, request)]
    expect([ours.status, read(ours)]).toEqual([theirs.status, read(theirs)])
  })
})

/** What of an event both have, in the order of time. */
function eventsOf(value: unknown): unknown {
  const [name, list] = (Array.isArray(value) && typeof value[0] === 'string' ? value : ['', value]) as [
    string,
    Record<string, unknown>[],
  ]
  const plain = list.map(({ what, when, data, tags }) => ({ what, when, data, tags }))
  return [name, plain.toSorted((a, b) => Number(a.when) - Number(b.when))]
}

function shapeOf(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'object' ? one : typeof one))
}

test.skipIf(!hasGraphiteWeb).each(ENCODED_VALUES)(`Python reads %j${why}`, (value, pickle, msgpack) => {
  const plain =
    value instanceof Float64Array ? [...value].map((one) => (Number.isNaN(one) ? null : one)) : value
  expect(JSON.stringify(unpackInPython('pickle', Buffer.from(pickle, 'hex')))).toBe(jsonOf(plain))
  expect(JSON.stringify(unpackInPython('msgpack', Buffer.from(msgpack, 'hex')))).toBe(jsonOf(plain))
})

/** By way of Python, -0.0 comes back as -0, which JSON.stringify writes as 0. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value)
}
