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
  ])('have the same status for %j: %i', { timeout: 30_000 }, async (request, status) => {
    const [theirs, ours] = [await ask(graphite, request), await ask(kymo, request)]
    expect([ours.status, theirs.status]).toEqual([status, status])
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

  test('deleting a series is answered the same', async () => {
    const request = { path: '/tags/delSeries', body: 'path=gone;a=b' }
    const [theirs, ours] = [await ask(graphite, request), await ask(kymo, request)]
    expect([ours.status, read(ours)]).toEqual([theirs.status, read(theirs)])
  })
})

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
