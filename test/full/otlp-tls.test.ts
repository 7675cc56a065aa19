import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createSecureServer, type Http2SecureServer } from 'node:http2'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { createSink } from '../../src/sinks/create-sink.ts'
import { otlpSink } from '../../src/sinks/otlp.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { TUTORIAL_BATCH } from '../../src/sinks/testdata/batches.ts'
import { testContext } from '../../src/sinks/testdata/sink-context.ts'
import { cleanUp, temporaryDirectory } from '../harness/kymo.ts'

// OTLP over TLS, by HTTP and by gRPC: to a server whose certificate is trusted, and to one whose is not.
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const why = hasOpenssl ? '' : ' (skipped: no openssl)'
const trustedBefore = getCACertificates('default')
const { signal } = new AbortController()

let certificate = ''
let key = ''
const sinks: Sink[] = []
const servers: (Server | Http2SecureServer)[] = []

beforeAll(() => {
  if (!hasOpenssl) return
  const folder = temporaryDirectory()
  const made = spawnSync(
    'openssl',
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem'.split(
      ' ',
    ),
    { cwd: folder, encoding: 'utf8' },
  )
  expect(made.status, made.stderr).toBe(0)
  certificate = readFileSync(join(folder, 'cert.pem'), 'utf8')
  key = readFileSync(join(folder, 'key.pem'), 'utf8')
})

afterEach(async () => {
  setDefaultCACertificates(trustedBefore)
  await Promise.all(sinks.splice(0).map((sink) => sink.close()))
  for (const server of servers.splice(0)) server.close()
})

afterAll(cleanUp)

async function sinkTo(protocol: string): Promise<Sink> {
  const options = { cert: certificate, key }
  const server = protocol === 'grpc' ? createSecureServer(options) : createServer(options)
  if (protocol === 'grpc') {
    ;(server as Http2SecureServer).on('stream', (stream) => {
      stream.on('error', () => {})
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.resume().on('end', () => stream.end(Buffer.alloc(5)))
    })
  } else {
    ;(server as Server).on('request', (request, response) => {
      request.resume().on('end', () => response.end())
    })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  const { port } = server.address() as AddressInfo
  const parsed = otlpSink.options.parse({ type: 'otlp', protocol, url: `https://localhost:${port}` })
  const sink = await createSink({ ...parsed, name: 'otlp' }, testContext({ clock: systemClock }))
  sinks.push(sink)
  return sink
}

test.skipIf(!hasOpenssl).each(['http/protobuf', 'grpc'])(
  `by %s, to who is trusted${why}`,
  async (protocol) => {
    setDefaultCACertificates([...trustedBefore, certificate])
    const sink = await sinkTo(protocol)
    expect(await sink.flush?.(TUTORIAL_BATCH, signal)).toMatchObject({ refusedPoints: 0 })
  },
)

test.skipIf(!hasOpenssl).each(['http/protobuf', 'grpc'])(
  `by %s, to who is not, nothing is sent${why}`,
  async (protocol) => {
    const sink = await sinkTo(protocol)
    const error = await Promise.resolve(sink.flush?.(TUTORIAL_BATCH, signal)).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'sink-unreachable', isRetryable: true })
    expect(String(error)).toContain('self-signed certificate')
  },
)
