import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeAnswerProtobuf } from '../../formats/otlp/export-answer.ts'
import { REMOTE_WRITE_HEADERS } from '../../formats/prometheus-remote-write/version.ts'
import { FakeServices } from '../testdata/fake-services.ts'
import { buildTestApp, type TestApp } from '../testdata/test-app.ts'

let services: FakeServices
let app: TestApp

beforeEach(async () => {
  services = new FakeServices()
  app = await buildTestApp(services)
})

afterEach(() => app.close())

function post(url: string, payload: string | Buffer, headers: Record<string, string> = {}) {
  return app.inject({ method: 'POST', url, headers: { host: 'kymo.test', ...headers }, payload })
}

const LINES = Buffer.from('a=b&c%20 1 1700000000\r\n')

test.each([
  ['/api/write/graphite', 'graphite', 'ns'],
  ['/api/write/statsd', 'statsd', 'ns'],
  ['/api/write/json', 'json', 'ns'],
  ['/write?db=telegraf&rp=x', 'influx', 'ns'],
  ['/write?precision=s', 'influx', 's'],
  ['/write?precision=u', 'influx', 'us'],
  ['/write?precision=n', 'influx', 'ns'],
  ['/api/v2/write?org=o&bucket=b&precision=ms', 'influx', 'ms'],
])('%s hands on the body as it came', async (url, format, unit) => {
  for (const type of [
    '',
    'text/plain; charset=utf-8',
    'application/x-www-form-urlencoded',
    'application/json',
  ]) {
    const answer = await post(url, LINES, type === '' ? {} : { 'content-type': type })
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
  }
  expect(services.taken).toHaveLength(4)
  for (const { body, ...rest } of services.taken) {
    expect(rest).toEqual({ format, unit, coding: undefined, sender: '127.0.0.1' })
    expect(Buffer.from(body)).toEqual(LINES)
  }
})

test('nothing is nothing', async () => {
  expect((await post('/write', '')).statusCode).toBe(204)
})

test('what is compressed is handed on with the word for it', async () => {
  const body = gzipSync(LINES)
  expect((await post('/write', body, { 'content-encoding': 'gzip' })).statusCode).toBe(204)
  expect(services.taken).toMatchObject([{ coding: 'gzip', body: { length: body.length } }])
})

test('what was refused is told, line by line', async () => {
  services.intakeReport = {
    refused: 5,
    problems: [
      { line: 2, reason: 'bad_number', text: 'a x 1' },
      { line: 7, reason: 'no_value', text: '"a' },
    ],
  }
  const answer = await post('/api/write/graphite', LINES)
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({
    code: 'lines-refused',
    error:
      'Refused 5 of the lines in the body: line 2: bad_number in "a x 1"; line 7: no_value in ""a"; and 3 more.',
  })
})

test.each([
  ['/write?precision=days', 400, 'request-invalid'],
  ['/write?precision=__proto__', 400, 'request-invalid'],
])('%s is refused', async (url, status, code) => {
  const answer = await post(url, LINES)
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code])
  expect(services.taken).toEqual([])
})

test('a body past the limit is refused with the limit', async () => {
  const answer = await post('/write', Buffer.alloc(8 * 1024 * 1024 + 1))
  expect(answer.statusCode).toBe(413)
  expect(answer.json<{ message: string }>().message).toContain('8388608')
})

test('a page of another server cannot send lines, nor one of ours as a form could', async () => {
  const headers = { 'content-type': 'text/plain' }
  expect((await post('/write', LINES, { ...headers, origin: 'http://evil.example' })).statusCode).toBe(403)
  expect((await post('/write', LINES, { ...headers, origin: 'http://kymo.test' })).statusCode).toBe(415)
  expect(services.taken).toEqual([])
})

test('of bodies that are held at once there are only so many', async () => {
  const held = Promise.withResolvers<void>()
  services.takeLines = async () => {
    await held.promise
    return { refused: 0, problems: [] }
  }
  const answers = Array.from({ length: 33 }, () => post('/write', LINES))
  expect(await Promise.race(answers)).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } })
  held.resolve()
  const statuses = (await Promise.all(answers)).map(({ statusCode }) => statusCode)
  expect(statuses.filter((status) => status === 204)).toHaveLength(32)
  expect((await post('/write', LINES)).statusCode).toBe(204)
})

test.each([
  ['1.0', {}],
  [
    '2.0',
    {
      'x-prometheus-remote-write-samples-written': '3',
      'x-prometheus-remote-write-histograms-written': '1',
      'x-prometheus-remote-write-exemplars-written': '0',
    },
  ],
] as const)('remote write %s is handed on as it came, and told what was written', async (version, told) => {
  services.intakeReport = { written: { samples: 3, histograms: 1 }, refused: 0, problems: [] }
  const answer = await post('/api/v1/write', LINES, REMOTE_WRITE_HEADERS[version])
  expect(answer.statusCode).toBe(204)
  expect(services.taken).toMatchObject([{ format: 'remote-write', version, coding: 'snappy' }])
  const headers = Object.entries(answer.headers).filter(([name]) => name.includes('remote-write'))
  expect(Object.fromEntries(headers)).toEqual(told)
})

test('remote write that is taken in part is 400, with what was written', async () => {
  services.intakeReport = {
    written: { samples: 2, histograms: 0 },
    refused: 1,
    problems: [{ line: 1, reason: 'empty_name', text: 'job=a' }],
  }
  const answer = await post('/api/v1/write', LINES, REMOTE_WRITE_HEADERS['2.0'])
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ code: 'lines-refused' })
  expect(answer.headers['x-prometheus-remote-write-samples-written']).toBe('2')
})

test.each([
  ['another type', { ...REMOTE_WRITE_HEADERS['1.0'], 'content-type': 'application/json' }],
  ['another message', { ...REMOTE_WRITE_HEADERS['1.0'], 'content-type': 'application/x-protobuf;proto=x.Y' }],
  ['another codec', { ...REMOTE_WRITE_HEADERS['1.0'], 'content-encoding': 'gzip' }],
  ['no codec', { 'content-type': 'application/x-protobuf' }],
])('remote write of %s is unsupported', async (_, headers) => {
  expect((await post('/api/v1/write', LINES, headers)).statusCode).toBe(415)
  expect(services.taken).toEqual([])
})

describe('OTLP', () => {
  const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
  const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' }

  test.each([
    ['otlp', PROTOBUF_TYPE],
    ['otlp', {}],
    ['otlp-json', JSON_TYPE],
  ])('%s hands on the body as it came', async (format, headers) => {
    const answer = await post('/v1/metrics', LINES, { ...headers, 'content-encoding': 'gzip' })
    expect(answer.statusCode).toBe(200)
    const isJson = format === 'otlp-json'
    expect(answer.headers['content-type']).toMatch(
      isJson ? /^application\/json(;|$)/ : /^application\/x-protobuf$/,
    )
    expect(answer.body).toBe(isJson ? '{}' : '')
    expect(services.taken).toMatchObject([{ format, coding: 'gzip', sender: '127.0.0.1' }])
  })

  test('what was refused is told in the answer, which is a yes', async () => {
    services.intakeReport = { refused: 5, problems: [{ line: 2, reason: 'bad_number', text: 'm' }] }
    const said = 'data point 2: bad_number in "m"'
    const json = await post('/v1/metrics', '{}', JSON_TYPE)
    expect([json.statusCode, json.json()]).toEqual([
      200,
      { partialSuccess: { rejectedDataPoints: '5', errorMessage: said } },
    ])
    const protobuf = await post('/v1/metrics', '', PROTOBUF_TYPE)
    expect(decodeAnswerProtobuf(protobuf.rawPayload)).toEqual({ rejected: 5, message: said })
  })
})
