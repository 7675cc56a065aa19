import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request as startRequest } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { silentLog } from '../telemetry/log.ts'
import { createServer, type HttpServer, type HttpServerOptions } from './server.ts'
import type { QueryAnswer } from './services.ts'
import { FakeServices } from './testdata/fake-services.ts'

const DEADLINE_MS = 10_000
const EMPTY: QueryAnswer = { contentType: 'application/json', body: Buffer.from('[]') }

let running: HttpServer[] = []

afterEach(async () => {
  await Promise.all(running.map((server) => server.close()))
  running = []
})

async function start(options: Partial<HttpServerOptions> = {}) {
  const services = new FakeServices()
  const server = createServer({
    services,
    log: silentLog,
    clock: systemClock,
    hosts: ['127.0.0.1'],
    port: 0,
    allowedHosts: [],
    version: '0.1.0',
    ...options,
  })
  running.push(server)
  const addresses = await server.open()
  const port = addresses[0]?.port ?? 0
  return { services, server, addresses, port, url: `http://127.0.0.1:${port}` }
}

/** Sends bytes and gives back all that comes until the server closes. */
async function sendRaw(port: number, text: string, shouldEnd = false): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  let received = ''
  socket.on('data', (chunk) => (received += String(chunk)))
  // What is left unread when the server closes comes back as a reset.
  socket.on('error', () => {})
  socket.write(text)
  if (shouldEnd) socket.end()
  await once(socket, 'close')
  return received
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS
  while (!isTrue()) {
    if (systemClock.monotonicMs() > deadlineMs) throw new Error('it did not come true in time')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function untilAsync(isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DEADLINE_MS
  while (!(await isTrue())) {
    if (systemClock.monotonicMs() > deadlineMs) throw new Error('it did not come true in time')
  }
}

describe('addresses', () => {
  test('both loopback families are served on one port', async () => {
    const { addresses } = await start({ hosts: ['127.0.0.1', '::1'] })
    expect(new Set(addresses.map(({ port }) => port)).size).toBe(1)
    for (const { host, port } of addresses) {
      const written = host.includes(':') ? `[${host}]` : host
      const response = await fetch(`http://${written}:${port}/version`)
      expect(await response.text()).toBe('1.1.10')
    }
  })

  test('a port in use is an error that names the flag', async () => {
    const other = createTcpServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await expect(start({ port })).rejects.toMatchObject({
      code: 'address-in-use',
      exitCode: 4,
      details: { transport: 'tcp', host: '127.0.0.1', port, name: 'http', flag: '--http-port' },
    })
    await new Promise((resolve) => other.close(resolve))
  })

  test('closing twice, or before opening, is fine', async () => {
    const unopened = createServer({
      services: new FakeServices(),
      log: silentLog,
      clock: systemClock,
      hosts: ['127.0.0.1'],
      port: 0,
      allowedHosts: [],
      version: '0.1.0',
    })
    await unopened.close()
    const { server, url } = await start()
    await server.close()
    await server.close()
    await expect(fetch(url)).rejects.toThrow()
  })
})

describe('the Host header on a real socket', () => {
  const get = (port: number, host: string) =>
    sendRaw(port, `GET /version HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)

  test('our own names are answered, others not', async () => {
    const { port } = await start()
    expect(await get(port, `Host: localhost:${port}\r\n`)).toContain('200 OK')
    expect(await get(port, `Host: 127.0.0.1:${port}\r\n`)).toContain('200 OK')
    expect(await get(port, `Host: evil.example:${port}\r\n`)).toContain('403 Forbidden')
    expect(await get(port, 'Host: localhost:1\r\n')).toContain('"code":"host-refused"')
  })

  test('none, or two, is no request', async () => {
    const { port } = await start()
    expect(await get(port, '')).toContain('"code":"request-invalid"')
    expect(await get(port, `Host: localhost:${port}\r\nHost: evil.example\r\n`)).toContain('400 Bad Request')
  })

  test('a target that is no path is no request, whatever the Host says', async () => {
    const { port } = await start()
    for (const target of [`http://evil.example/version`, `http://localhost:${port}/version`, '*']) {
      const method = target === '*' ? 'OPTIONS' : 'GET'
      const answer = await sendRaw(
        port,
        `${method} ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toContain('400 Bad Request')
      expect(answer).toContain('has to be a path')
    }
  })
})

describe('what is no HTTP', () => {
  const host = (port: number): string => `Host: localhost:${port}\r\n`
  const cases: [what: string, bytes: (port: number) => string, status: string][] = [
    ['garbage', () => '\u0000\u0001\u0002 garbage\r\n\r\n', '400 Bad Request'],
    ['a StatsD line', () => 'api.hits:1|c\r\n\r\n', '400 Bad Request'],
    ['TLS', () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', '400 Bad Request'],
    ['HTTP/0.9', () => 'GET /version\r\n\r\n', '400 Bad Request'],
    ['HTTP/9.9', (port) => `GET /version HTTP/9.9\r\n${host(port)}\r\n`, '400 Bad Request'],
    ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400 Bad Request'],
    ['a method that nobody knows', (port) => `BREW /pot HTTP/1.1\r\n${host(port)}\r\n`, '400 Bad Request'],
    [
      'a header of 64 KB',
      (port) => `GET / HTTP/1.1\r\n${host(port)}X: ${'x'.repeat(65_536)}\r\n\r\n`,
      '431 ',
    ],
    ['a path of 64 KB', (port) => `GET /${'x'.repeat(65_536)} HTTP/1.1\r\n${host(port)}\r\n`, '431 '],
    ['10,000 headers', (port) => `GET / HTTP/1.1\r\n${host(port)}${'a:b\r\n'.repeat(10_000)}\r\n`, '431 '],
    [
      'a space in the header name',
      (port) => `GET / HTTP/1.1\r\n${host(port)}Content Length: 1\r\n\r\n`,
      '400 ',
    ],
    [
      'two lengths',
      (port) => `POST /render HTTP/1.1\r\n${host(port)}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      '400 ',
    ],
    [
      'a length beside chunks',
      (port) =>
        `POST /render HTTP/1.1\r\n${host(port)}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      '400 ',
    ],
    [
      'a negative length',
      (port) => `POST /render HTTP/1.1\r\n${host(port)}Content-Length: -1\r\n\r\n`,
      '400 ',
    ],
    [
      'chunks that are none',
      (port) => `POST /render HTTP/1.1\r\n${host(port)}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      '400 ',
    ],
    [
      'an encoding of the transfer that is none',
      (port) => `POST /render HTTP/1.1\r\n${host(port)}Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n`,
      '400 ',
    ],
  ]
  test.each(cases)('%s is refused with JSON', async (_what, bytes, status) => {
    const { port, services } = await start()
    const answer = await sendRaw(port, bytes(port))
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`))
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2)
    expect(head.toLowerCase()).toContain('content-type: application/json')
    expect(head.toLowerCase()).toContain('x-content-type-options: nosniff')
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['code', 'message', 'error', 'help'])
    expect(services.queries).toEqual([])
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
  })

  test('a request that stops in the middle reaches nobody', async () => {
    const { port, services } = await start()
    await sendRaw(port, `POST /render HTTP/1.1\r\n${host(port)}Content-Length: 100\r\n\r\ntarget=a`, true)
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    expect(services.queries).toEqual([])
  })

  test('an upgrade is not made, a tunnel not dug', async () => {
    const { port } = await start()
    const upgrade = `GET /version HTTP/1.1\r\n${host(port)}Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`
    expect(await sendRaw(port, upgrade)).not.toContain('101 ')
    expect(await sendRaw(port, `CONNECT evil.example:80 HTTP/1.1\r\n${host(port)}\r\n`)).not.toContain(
      ' 200 ',
    )
  })

  test('what Grafana and scripts send without escapes arrives whole', async () => {
    const { port, services } = await start()
    const target = 'aliasSub(a.{b,c}.*[0-9],"(^.*$)","\\1|`<>^")'
    await sendRaw(port, `GET /render?target=${target} HTTP/1.1\r\n${host(port)}Connection: close\r\n\r\n`)
    expect(services.queries[0]?.parameters.target).toEqual([target])
  })
})

describe('a client that goes away', () => {
  test('while its query runs, stops the query', async () => {
    const { services, url } = await start()
    const signals: AbortSignal[] = []
    services.answer = (_request, signal) => {
      signals.push(signal)
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    }
    for (const options of [{}, { method: 'POST', body: 'target=a' }]) {
      const client = new AbortController()
      const response = fetch(`${url}/render?target=a`, { ...options, signal: client.signal })
      const wanted = signals.length + 1
      await until(() => signals.length === wanted)
      expect(signals.at(-1)?.aborted).toBe(false)
      client.abort()
      await expect(response).rejects.toThrow()
      await until(() => signals.at(-1)?.aborted === true)
    }
  })

  test('after its answer, stops nothing', async () => {
    const { services, server, url } = await start()
    const signals: AbortSignal[] = []
    services.answer = (_request, signal) => {
      signals.push(signal)
      return Promise.resolve(EMPTY)
    }
    expect(await (await fetch(`${url}/render`)).text()).toBe('[]')
    await server.close()
    expect(signals.map((signal) => signal.aborted)).toEqual([false])
  })

  test('while it watches, is forgotten', async () => {
    const { services, url } = await start()
    const client = new AbortController()
    const response = await fetch(`${url}/api/live`, { signal: client.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const reader = response.body?.getReader()
    const first = await reader?.read()
    expect(new TextDecoder().decode(first?.value)).toContain('event: status\ndata: {')
    expect(services.rejectionListeners.size).toBe(1)
    client.abort()
    await until(() => services.rejectionListeners.size === 0)
  })
})

test('a page that watches and does not read is let go', async () => {
  const clock = new FakeClock()
  const { services, port } = await start({ clock })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`GET /api/live HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
  socket.pause()
  await until(() => services.rejectionListeners.size === 1)
  let change = 0
  await until(() => {
    services.report = { ...services.report, nodeVersion: `${change++}`.padEnd(200_000) }
    clock.advance(1000)
    return services.rejectionListeners.size === 0
  })
  socket.resume()
  await once(socket, 'close')
})

describe('answers that nobody reads', () => {
  const large: QueryAnswer = { contentType: 'application/json', body: Buffer.alloc(64 * 1024 * 1024, ' ') }
  const ask = (port: number): Socket => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write(`GET /render?target=a HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
    return socket
  }

  test('hold up further queries once there are too many', async () => {
    const { services, port, url } = await start({ maxUnreadBytes: 100 * 1024 * 1024 })
    services.answer = () => Promise.resolve(large)
    const clients = [ask(port), ask(port)]
    await until(() => services.queries.length === 2)
    services.answer = () => Promise.resolve(EMPTY)
    await untilAsync(async () => (await fetch(`${url}/render?target=a`)).status === 503)
    const refused = await fetch(`${url}/metrics/find?query=a`)
    expect(await refused.json()).toMatchObject({ code: 'server-busy' })
    expect((await fetch(`${url}/events`)).status).toBe(503)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    for (const client of clients) client.destroy()
    await untilAsync(async () => (await fetch(`${url}/render?target=a`)).status === 200)
  })

  test('are given up after a while', async () => {
    const { services, port } = await start({ stillTimeoutMs: 50 })
    let isGivenUp = false
    services.answer = (_request, signal) => {
      signal.addEventListener('abort', () => (isGivenUp = true))
      return Promise.resolve(large)
    }
    const client = ask(port)
    let received = 0
    await until(() => isGivenUp)
    client.on('data', (chunk) => (received += chunk.length))
    client.resume()
    await once(client, 'close')
    expect(received).toBeLessThan(large.body.length)
  })

  test('are waited for as long as some of it is read', async () => {
    const { services, port } = await start({ stillTimeoutMs: 1_000 })
    services.answer = () => Promise.resolve(large)
    const client = ask(port)
    let received = 0
    let nextPause = 0
    client.on('data', (chunk) => {
      received += chunk.length
      if (received < nextPause) return
      nextPause += 1024 * 1024
      client.pause()
      setTimeout(() => client.resume(), 25)
    })
    client.resume()
    await until(() => received > large.body.length)
    client.destroy()
  })
})

test('the memory of an answer is given back once all of it is out, and not where nobody took it', async () => {
  const { services, port, url } = await start()
  const body = new Uint8Array(40 * 1024 * 1024)
  let timesGivenBack = 0
  const giveBack = (): void => {
    timesGivenBack += 1
  }
  services.answer = () => Promise.resolve({ ...EMPTY, body, giveBack })
  const answer = await fetch(`${url}/render?target=a`)
  // More than fits between the two: it is still being read.
  expect(timesGivenBack).toBe(0)
  expect((await answer.arrayBuffer()).byteLength).toBe(body.length)
  await until(() => timesGivenBack === 1)
  const client = connect(port, '127.0.0.1')
  client.write(`GET /render?target=a HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
  await once(client, 'data')
  client.destroy()
  await until(() => services.queries.length === 2)
  services.answer = () => Promise.resolve(EMPTY)
  await fetch(`${url}/render?target=a`)
  expect(timesGivenBack).toBe(1)
})

test('a storm of queries is answered as far as there is room, the rest is told to come again', async () => {
  const { services, port } = await start()
  const finish: ((answer: QueryAnswer) => void)[] = []
  services.answer = () => new Promise((resolve) => finish.push(resolve))
  const storm = Array.from({ length: 8 + 256 + 20 }, () => askStatus(port))
  const refused = await firstOf(storm, 20)
  expect(new Set(refused.map(({ statusCode }) => statusCode))).toEqual(new Set([503]))
  expect(refused[0]?.headers['retry-after']).toBe('1')
  expect(finish).toHaveLength(8)
  // Others are not held up, nor are those who look for names.
  services.answer = () => Promise.resolve(EMPTY)
  expect((await fetch(`http://127.0.0.1:${port}/api/status`)).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${port}/metrics/find?query=*`)).status).toBe(200)
  for (const resolve of finish) resolve(EMPTY)
  const statuses = (await Promise.all(storm)).map(({ statusCode }) => statusCode)
  expect(statuses.filter((status) => status === 200)).toHaveLength(8 + 256)
})

describe('closing', () => {
  test('lets a query under way finish and ends live streams', async () => {
    const { services, server, url } = await start()
    let finish: (answer: QueryAnswer) => void = () => {}
    services.answer = () =>
      new Promise((resolve) => {
        finish = resolve
      })
    const live = await fetch(`${url}/api/live`)
    const rendered = fetch(`${url}/render`)
    await until(() => services.queries.length === 1)
    const closed = server.close()
    await live.text()
    await expect(fetch(`${url}/health`)).rejects.toThrow()
    finish(EMPTY)
    expect(await (await rendered).text()).toBe('[]')
    await closed
  })

  test('cuts off a query that does not end', async () => {
    const clock = new FakeClock()
    const { services, server, url } = await start({ clock })
    let signal: AbortSignal | undefined
    services.answer = (_request, given) => {
      signal = given
      return new Promise(() => {})
    }
    const rendered = fetch(`${url}/render`)
    rendered.catch(() => {})
    await until(() => services.queries.length === 1)
    const closed = server.close()
    clock.advance(3000)
    await closed
    await expect(rendered).rejects.toThrow()
    await until(() => signal?.aborted === true)
  })

  test('an idle connection does not hold it up', async () => {
    const { server, port } = await start()
    const idle: Socket = connect(port, '127.0.0.1')
    await once(idle, 'connect')
    const gone = once(idle, 'close')
    await server.close()
    await gone
  })
})

describe('probes, which need no application', () => {
  type Asked = [method: string, path: string, headers?: string, body?: string, host?: string]
  const requests: Asked[] = [
    ['GET', '/ready'],
    ['HEAD', '/ready'],
    ['GET', '/health'],
    ['HEAD', '/health'],
    // Not plain enough, each in its own way.
    ['GET', '/ready/'],
    ['GET', '/ready?verbose=1'],
    ['POST', '/ready'],
    ['GET', '/ready', 'Content-Encoding: gzip\r\n'],
    ['GET', '/ready', 'Content-Length: 2\r\n', '{}'],
    ['GET', '/ready', '', '', 'evil.example'],
  ]

  /** All of the answer but the time. */
  async function ask(port: number, [method, path, headers = '', body = '', host]: Asked) {
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${host ?? `localhost:${port}`}\r\n${headers}Connection: close`
    const text = await sendRaw(port, `${head}\r\n\r\n${body}`)
    const [top = '', ...rest] = text.replace(/^date: .*\r\n/im, '').split('\r\n\r\n')
    const [line, ...fields] = top.split('\r\n')
    return [line, fields.map((field) => field.toLowerCase()).sort(), rest.join('\r\n\r\n')]
  }

  describe.each([undefined, 'it is stopping'])('not ready because %s', (notReady) => {
    test.each(requests)('%s %s is answered alike before it is loaded and after', async (...request) => {
      const { services, port, url } = await start()
      services.notReady = notReady
      const before = await ask(port, request)
      await (await fetch(`${url}/version`)).text()
      expect(before).toEqual(await ask(port, request))
      expect(before[0]).toMatch(/^HTTP\/1\.1 \d{3} /)
    })
  })

  test('are answered without it', async () => {
    // It cannot be loaded: its page is no folder.
    const { url } = await start({ webRoot: join(import.meta.dirname, 'server.ts') })
    expect((await fetch(`${url}/ready`)).status).toBe(200)
    const response = await fetch(`${url}/version`)
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ code: 'internal' })
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })
})

test('who asks while the application is loaded is answered, all of them, and who leaves is not missed', async () => {
  const { port, services } = await start()
  const left = connect(port, '127.0.0.1')
  left.write(`GET /render?target=left HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
  await once(left, 'connect')
  left.destroy()
  const answers = await Promise.all(Array.from({ length: 20 }, () => askStatus(port)))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 20 }, () => 200))
  expect(services.queries.length).toBeLessThanOrEqual(21)
})

test('the built web app is served', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kymo-web-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Kymo</title>')
  const { url } = await start({ webRoot: folder })
  const response = await fetch(`${url}/`)
  expect(await response.text()).toContain('<title>Kymo</title>')
  const again = await fetch(`${url}/`, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } })
  expect(again.status).toBe(304)
  await rm(folder, { recursive: true })
})

/** A render on a connection of its own. */
function askStatus(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = startRequest({ host: '127.0.0.1', port, path: '/render?target=a', agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      response.resume()
      resolve(response)
    })
    request.end()
  })
}

/** The first `count` of them that are settled. */
async function firstOf<T>(promises: readonly Promise<T>[], count: number): Promise<T[]> {
  const settled: T[] = []
  for (const promise of promises) void promise.then((value) => settled.push(value))
  await until(() => settled.length >= count)
  return settled.slice(0, count)
}
