import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory } from '../harness/kymo.ts'

// Kymo behind a proxy that ends TLS and asks for a password, as people put one before it (C21).
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const why = hasOpenssl ? '' : ' (skipped: no openssl)'
const CREDENTIALS = `Basic ${btoa('grafana:password')}`

let kymo: KymoProcess
let proxy: ReturnType<typeof createServer>
let certificate: Buffer

beforeAll(async () => {
  if (!hasOpenssl) return
  const folder = temporaryDirectory()
  const made = spawnSync(
    'openssl',
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=metrics.example -addext subjectAltName=DNS:metrics.example -keyout key.pem -out cert.pem'.split(
      ' ',
    ),
    { cwd: folder, encoding: 'utf8' },
  )
  expect(made.status, made.stderr).toBe(0)
  certificate = readFileSync(join(folder, 'cert.pem'))
  kymo = await KymoProcess.start({ env: { KYMO_HTTP_ALLOWED_HOSTS: 'metrics.example' } })
  proxy = createServer(
    { cert: certificate, key: readFileSync(join(folder, 'key.pem')) },
    (incoming, answer) => {
      if (incoming.headers.authorization !== CREDENTIALS) {
        answer.writeHead(401, { 'www-authenticate': 'Basic' }).end()
        return
      }
      const { method, headers } = incoming
      const passed = plainRequest(
        kymo.url(incoming.url ?? '/'),
        { method, headers: { ...headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '10.1.2.3' } },
        (answered) => {
          answer.writeHead(answered.statusCode ?? 502, answered.headers)
          answered.pipe(answer)
        },
      )
      incoming.pipe(passed)
    },
  ).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
})

afterAll(() => {
  if (hasOpenssl) proxy.close()
  cleanUp()
})

async function ask(method: string, path: string, body = '', headers: Record<string, string> = {}) {
  const sent = request({
    host: '127.0.0.1',
    port: (proxy.address() as AddressInfo).port,
    servername: 'metrics.example',
    ca: certificate,
    method,
    path,
    headers: { host: 'metrics.example', authorization: CREDENTIALS, ...headers },
  })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode, text: await text(response) }
}

test.skipIf(!hasOpenssl)(`reads and writes go through${why}`, async () => {
  expect((await ask('GET', '/version', '', { authorization: 'Basic x' })).status).toBe(401)
  expect(await ask('GET', '/version')).toEqual({ status: 200, text: '1.1.10' })
  expect((await ask('POST', '/api/write/statsd', 'by.tls:5|g')).status).toBe(204)
  await kymo.flush()
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const rendered = await ask('POST', '/render', 'target=stats.gauges.by.tls&until=%2B1min&format=json', form)
  expect(rendered.status).toBe(200)
  expect(rendered.text).toContain('"stats.gauges.by.tls"')
  expect(rendered.text).toMatch(/\[5(\.0)?,/)
})

test.skipIf(!hasOpenssl)(
  `pages of its own name may change things, those of another and administrators may not${why}`,
  async () => {
    const event = '{"what":"deploy"}'
    const json = { 'content-type': 'application/json' }
    expect((await ask('POST', '/events', event, { ...json, origin: 'https://metrics.example' })).status).toBe(
      200,
    )
    expect((await ask('POST', '/events', event, { ...json, origin: 'https://evil.example' })).status).toBe(
      403,
    )
    expect((await ask('POST', '/api/flush')).status).toBe(403)
  },
)
