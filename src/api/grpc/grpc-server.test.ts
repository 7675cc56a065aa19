import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { silentLog } from '../../telemetry/log.ts'
import { gateLines } from '../lines-gate.ts'
import type { IntakeReport, LinesToTake } from '../services.ts'
import { exportMetrics } from './export-metrics.ts'
import { GrpcServer, type GrpcServerOptions } from './grpc-server.ts'

const EXPORT = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'
const MIB = 1024 * 1024
const CANCEL = constants.NGHTTP2_CANCEL
const HEADERS = {
  ':method': 'POST',
  ':path': EXPORT,
  'content-type': 'application/grpc',
  te: 'trailers',
}

let taken: LinesToTake[] = []
let report: IntakeReport = { refused: 0, problems: [] }
let failure: Error | undefined
const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  taken = []
  report = { refused: 0, problems: [] }
  failure = undefined
})

async function open(more: Partial<GrpcServerOptions> = {}): Promise<{ port: number; server: GrpcServer }> {
  const takeLines = async (lines: LinesToTake): Promise<IntakeReport> => {
    if (failure !== undefined) throw failure
    taken.push(lines)
    return report
  }
  const server = new GrpcServer({
    methods: [exportMetrics({ takeLines: gateLines({ takeLines }, systemClock) })],
    clock: systemClock,
    log: silentLog,
    hosts: ['127.0.0.1'],
    port: 0,
    portOption: 'otlp.grpc_port',
    ...more,
  })
  ends.push(() => server.close())
  const [address] = await server.open()
  return { port: address?.port ?? 0, server }
}

function session(port: number): ClientHttp2Session {
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  client.on('error', () => {})
  ends.unshift(() => client.destroy())
  return client
}

function frame(message: Uint8Array, { flag = 0, length = message.length } = {}): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt8(flag)
  header.writeUInt32BE(length, 1)
  return Buffer.concat([header, message])
}

interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
  readonly data: Buffer
}

/** `body` undefined: headers, and then nothing. */
async function call(
  client: ClientHttp2Session,
  body: Buffer | undefined,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const stream = client.request({ ...HEADERS, ...headers })
  const chunks: Buffer[] = []
  let answered: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  stream.on('response', (received) => (answered = received))
  stream.on('trailers', (received) => (trailers = received))
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('error', () => {})
  if (body !== undefined) stream.end(body)
  await once(stream, 'close')
  return { headers: answered, trailers, data: Buffer.concat(chunks) }
}

const statusOf = ({ headers, trailers }: Answer): unknown => trailers['grpc-status'] ?? headers['grpc-status']

test.each([
  ['as it is', frame(Buffer.from('abc')), {}],
  ['compressed', frame(gzipSync('abc'), { flag: 1 }), { 'grpc-encoding': 'gzip' }],
  ['not compressed although it could be', frame(Buffer.from('abc')), { 'grpc-encoding': 'gzip' }],
  ['of a named type', frame(Buffer.from('abc')), { 'content-type': 'application/grpc+proto' }],
  ['with a deadline', frame(Buffer.from('abc')), { 'grpc-timeout': '1n' }],
  ['with a deadline that is none', frame(Buffer.from('abc')), { 'grpc-timeout': 'soon' }],
])('a message is taken in, %s', async (_how, body, headers) => {
  const { port } = await open()
  const answer = await call(session(port), body, headers)
  expect(answer).toMatchObject({
    headers: { ':status': 200, 'content-type': 'application/grpc' },
    trailers: { 'grpc-status': '0' },
    data: frame(new Uint8Array()),
  })
  expect(taken).toMatchObject([{ format: 'otlp', sender: '127.0.0.1' }])
  expect(Buffer.from(taken[0]?.body ?? []).toString()).toBe('abc')
})

test('what is refused of it is said in the answer, which is one of success', async () => {
  report = { refused: 3, problems: [{ line: 2, reason: 'bad_number', text: 'a.b' }] }
  const { port } = await open()
  const answer = await call(session(port), frame(Buffer.from('abc')))
  expect(statusOf(answer)).toBe('0')
  expect(answer.data.toString()).toContain('data point 2: bad_number in "a.b"')
})

test.each<[what: string, status: string, body: Buffer, headers: Record<string, string>, says: string]>([
  ['another service', '12', frame(Buffer.alloc(3)), { ':path': '/a.B/C' }, 'a.B/C'],
  ['another type', '12', frame(Buffer.alloc(3)), { 'content-type': 'application/grpc+json' }, 'grpc+json'],
  ['an unknown compression', '12', frame(Buffer.alloc(3)), { 'grpc-encoding': 'brotli' }, 'brotli'],
  ['no message', '3', Buffer.alloc(0), {}, 'no message'],
  ['a part of a header', '3', Buffer.alloc(4), {}, 'no message'],
  ['a message that breaks off', '3', frame(Buffer.alloc(3), { length: 10 }), {}, '7 bytes before the end'],
  ['two messages', '3', Buffer.concat([frame(Buffer.alloc(3)), frame(Buffer.alloc(3))]), {}, 'more than one'],
  ['an unknown flag', '3', frame(Buffer.alloc(3), { flag: 2 }), {}, 'unknown form 2'],
  ['compressed by nobody knows what', '3', frame(Buffer.alloc(3), { flag: 1 }), {}, 'no grpc-encoding'],
  ['no gzip', '3', frame(Buffer.from('abc'), { flag: 1 }), { 'grpc-encoding': 'gzip' }, 'no gzip'],
  [
    'what swells',
    '8',
    frame(gzipSync(Buffer.alloc(33 * MIB)), { flag: 1 }),
    { 'grpc-encoding': 'gzip' },
    `${32 * MIB}`,
  ],
  ['a message too long', '8', frame(Buffer.alloc(8 * MIB + 1)), {}, `${8 * MIB}`],
])('%s is refused, with status %s', async (_what, status, body, headers, says) => {
  const { port } = await open()
  const client = session(port)
  const answer = await call(client, body, headers)
  expect(statusOf(answer)).toBe(status)
  expect(decodeURIComponent(String(answer.headers['grpc-message']))).toContain(says)
  expect(taken).toEqual([])
  // The connection is as good as before.
  expect(statusOf(await call(client, frame(Buffer.from('abc'))))).toBe('0')
})

test.each([
  ['GET', 405, { ':method': 'GET' }],
  ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
  ['gRPC for browsers', 415, { 'content-type': 'application/grpc-web' }],
])('%s is no gRPC', async (_what, status, headers) => {
  const { port } = await open()
  const answer = await call(session(port), undefined, headers)
  expect(answer.headers[':status']).toBe(status)
})

test('the length of a message is refused as soon as it is there', async () => {
  const { port } = await open()
  const stream = session(port).request(HEADERS)
  stream.on('error', () => {})
  stream.write(frame(Buffer.alloc(1), { length: 0xffff_ffff }))
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  expect(headers['grpc-status']).toBe('8')
})

test.each([
  ['not-ready', '14', new KymoError('not-ready', { reason: 'it is starting' })],
  ['server-busy', '14', new KymoError('server-busy', { reason: 'naïve 100 %' })],
  ['a mistake of ours', '13', new Error('BUG: a test')],
])('%s is status %s', async (_what, status, error) => {
  failure = error
  const { port } = await open()
  const answer = await call(session(port), frame(Buffer.from('abc')))
  expect(statusOf(answer)).toBe(status)
  const reason = (error as KymoError).details?.reason ?? 'a test'
  expect(decodeURIComponent(String(answer.headers['grpc-message']))).toContain(reason)
})

test('whoever sends too slowly is told so, and is in nobody else’s way', async () => {
  const { port } = await open({ callTimeoutMs: 200 })
  const client = session(port)
  const stream = client.request(HEADERS)
  stream.on('error', () => {})
  stream.write(frame(Buffer.alloc(2), { length: 1_000 }))
  expect(statusOf(await call(client, frame(Buffer.from('abc'))))).toBe('0')
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  expect(headers['grpc-status']).toBe('4')
})

test('who goes away in the middle leaves nothing behind', async () => {
  const { port } = await open()
  for (let round = 0; round < 20; round++) {
    const client = session(port)
    const stream = client.request(HEADERS)
    stream.on('error', () => {})
    await new Promise((resolve) => stream.write(frame(Buffer.alloc(4 * MIB), { length: 5 * MIB }), resolve))
    if (round % 2 === 0) stream.close(CANCEL)
    else client.destroy()
    await once(stream, 'close')
  }
  // 80 MiB would be more than may be held at once.
  expect(statusOf(await call(session(port), frame(Buffer.alloc(7 * MIB))))).toBe('0')
})

test('a connection on which nothing happens is closed, also one that says nothing at all', async () => {
  const { port } = await open({ idleTimeoutMs: 100 })
  const silent = connect(port, '127.0.0.1')
  const idle = session(port)
  await call(idle, frame(Buffer.from('abc')))
  await Promise.all([once(idle, 'close'), closed(silent)])
})

test('of connections there are only so many, and a place that becomes free is given again', async () => {
  const { port } = await open({ maxConnections: 2 })
  const first = session(port)
  await Promise.all([once(first, 'remoteSettings'), once(session(port), 'remoteSettings')])
  const third = connect(port, '127.0.0.1')
  await closed(third)
  first.destroy()
  await expect.poll(async () => statusOf(await call(session(port), frame(Buffer.from('abc'))))).toBe('0')
})

test.each([
  ['HTTP/1.1', 'POST / HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ['noise', 'counter:1|c\n'.repeat(100)],
])('%s is hung up on', async (_what, text) => {
  const { port } = await open()
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  await closed(socket)
  expect(statusOf(await call(session(port), frame(Buffer.from('abc'))))).toBe('0')
})

test('what is under way is finished when it closes', async () => {
  const gate = Promise.withResolvers<void>()
  const { port, server } = await open({
    methods: [
      {
        path: EXPORT,
        async handle() {
          await gate.promise
          return new Uint8Array()
        },
      },
    ],
  })
  const answer = call(session(port), frame(Buffer.from('abc')))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closing = server.close()
  gate.resolve()
  expect(statusOf(await answer)).toBe('0')
  await closing
})

async function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
}
