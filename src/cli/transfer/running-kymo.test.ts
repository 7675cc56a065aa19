import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decodeColumns } from '../../formats/point-columns/decode-columns.ts'
import { encodeColumns } from '../../formats/point-columns/encode-columns.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { nextEventLoopTurn, systemClock } from '../../lib/clock.ts'
import type { KymoPeer } from './kymo-peer.ts'
import { openRunningKymo } from './running-kymo.ts'

const COLUMNS = {
  series: [{ key: 'a', points: 1, rollup: 'max' as const }],
  timesMs: Float64Array.of(1_000),
  values: Float64Array.of(2),
}

interface Answer {
  readonly status: number
  readonly body: string | Uint8Array
}

let server: Server
let peer: KymoPeer
/** What was asked, and what is answered, in this order. */
let asked: { path: string; type: string | undefined; body: Buffer }[]
let answers: Answer[]

beforeEach(async () => {
  asked = []
  answers = []
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      asked.push({ path: request.url ?? '', type: request.headers['content-type'], body })
      const { status, body: answer } = answers.shift() ?? { status: 500, body: '' }
      response.writeHead(status).end(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  peer = openRunningKymo(urlOf(server), systemClock)
})
afterEach(async () => {
  await peer.close()
  server.close()
})

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

function urlOf(listening: Server): string {
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
}

function json(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value) }
}

test('points are sent as columns, and what became of them is told', async () => {
  answers = [json({ stored: 1, outside: 2, over_limit: 3 }), json({ stored: 0, outside: 0, over_limit: 0 })]
  expect(await peer.send(COLUMNS)).toEqual({ stored: 1, outside: 2, overLimit: 3 })
  await peer.settle()
  expect(asked.map(({ path, type }) => [path, type])).toEqual([
    ['/api/import/points', 'application/vnd.kymo.points'],
    ['/api/import/points?durable=1', 'application/vnd.kymo.points'],
  ])
  expect(decodeColumns(asked[0]?.body ?? new Uint8Array())).toEqual(COLUMNS)
})

test('series and their points are asked for', async () => {
  answers = [
    json({ series: [{ key: 'a', rollup: 'max', first_ms: 1, last_ms: 2 }] }),
    { status: 200, body: encodeColumns(COLUMNS) },
  ]
  const listed = await peer.list('a.*')
  expect(listed).toEqual([{ key: 'a', rollup: 'max', firstMs: 1, lastMs: 2 }])
  expect(await peer.points(listed, { startMs: 5, endMs: 6 })).toEqual(COLUMNS)
  expect(asked.map(({ body }) => JSON.parse(body.toString()) as unknown)).toEqual([
    { pattern: 'a.*' },
    { key: ['a'], rollup: ['max'], from_ms: '5', until_ms: '6' },
  ])
})

test('one that has too much to do is asked again', async () => {
  answers = [json({ code: 'server-busy', message: 'Kymo has too much to do.' }, 503), json({ stored: 1 })]
  expect(await peer.send(COLUMNS)).toMatchObject({ stored: 1 })
  expect(asked).toHaveLength(2)
})

test.each([
  [
    json({ code: 'request-invalid', message: 'The body is not right.' }, 400),
    'request-invalid: The body is not right.',
  ],
  [json({ code: '__proto__', message: 'x' }, 400), 'it answers 400'],
  [{ status: 404, body: '<html>' }, 'it answers 404'],
  [json({ code: 'too-many-points', message: 'x' }, 422), 'too many points'],
])('%j is told', async (answer, reason) => {
  answers = [answer]
  await expect(peer.send(COLUMNS)).rejects.toThrow(reason)
})

test('an answer that is none of ours is told', async () => {
  answers = [{ status: 200, body: 'hello' }]
  await expect(peer.points([{ key: 'a', rollup: 'max' }], { startMs: 0, endMs: 1 })).rejects.toThrow(
    'does not begin with',
  )
})

test('where nobody is, that is soon told', async () => {
  const url = urlOf(server)
  server.close()
  const clock = new FakeClock()
  const nobody = openRunningKymo(url, clock)
  let problem: unknown
  void nobody.send(COLUMNS).catch((error: unknown) => (problem = error))
  for (let look = 0; look < 100 && problem === undefined; look++) {
    clock.advance(200)
    await nextEventLoopTurn()
  }
  expect(problem).toMatchObject({ code: 'kymo-unreachable' })
  await nobody.close()
})
