import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps, type Server as HttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { cleanUp, KymoProcess, temporaryDirectory, until } from '../harness/kymo.ts'

// Peers that are not what they were: names that are known, unknown and elsewhere, and certificates that run out.
afterAll(cleanUp)

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

interface SinkReport {
  readonly name: string
  readonly state: string
  readonly queuedPoints: number
  readonly droppedPoints: number
  readonly lastError: string | null
}

async function sinkOf(kymo: KymoProcess, name: string): Promise<SinkReport> {
  const { sinks } = await kymo.json<{ sinks: SinkReport[] }>('/api/status')
  const sink = sinks.find((one) => one.name === name)
  if (sink === undefined) throw new Error(`there is no sink ${name}`)
  return sink
}

/** Every second from the first to the last one is there, in order; the same one twice is none too few. */
function expectNoGap(timesSeconds: readonly number[]): void {
  const steps = timesSeconds.slice(1).map((time, index) => time - (timesSeconds[index] as number))
  expect([...new Set(steps)].filter((step) => step !== 0 && step !== 1)).toEqual([])
}

/** Whether this process may have names of its own: files are mounted over others, for it alone. */
const MOUNT = [
  'unshare',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  'mount --bind "$0" /etc/hosts && exec "$@"',
]
const mayMount = spawnSync(MOUNT[0] as string, [...MOUNT.slice(1), '/etc/hosts', 'true']).status === 0
const whyNoNames = mayMount ? '' : ' (skipped: no file can be mounted over /etc/hosts)'

/** Where lines and requests come to, on one address, and when each flush did. */
class Receiver {
  readonly lineTimes: number[] = []
  readonly requestTimes: number[] = []
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()

  static async start(host: string, ports: { lines: number; http: number }): Promise<Receiver> {
    const receiver = new Receiver()
    const lines = createServer((socket) => {
      let rest = ''
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        const parts = (rest + chunk.toString()).split('\n')
        rest = parts.pop() ?? ''
        receiver.lineTimes.push(...parts.map((line) => Number(line.split(' ')[2])))
      })
    })
    const http = createHttp((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        receiver.requestTimes.push((JSON.parse(body) as { timestamp: number }).timestamp)
        response.writeHead(204).end()
      })
    })
    for (const [server, port] of [
      [lines, ports.lines],
      [http, ports.http],
    ] as const) {
      server.on('connection', (socket: Socket) => receiver.#sockets.add(socket))
      server.listen(port, host)
      await once(server, 'listening')
      receiver.#servers.push(server)
    }
    closers.push(() => receiver.stop())
    return receiver
  }

  get ports(): { lines: number; http: number } {
    const [lines, http] = this.#servers.map((server) => (server.address() as AddressInfo).port)
    return { lines: lines ?? 0, http: http ?? 0 }
  }

  /** Ends its connections in good order, and goes on listening. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.end()
    this.#sockets.clear()
  }

  stop(): void {
    for (const server of this.#servers.splice(0)) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

test.skipIf(!mayMount)(
  `a name that is unknown, known, and then elsewhere is followed, and nothing is lost${whyNoNames}`,
  async () => {
    const hosts = join(temporaryDirectory(), 'hosts')
    const nameIsAt = (address: string | undefined): void =>
      writeFileSync(hosts, `127.0.0.1 localhost\n${address === undefined ? '' : `${address} peer.test\n`}`)
    nameIsAt(undefined)
    const first = await Receiver.start('127.0.0.1', { lines: 0, http: 0 })
    const second = await Receiver.start('127.0.0.2', first.ports)
    const include = ['stats.gauges.flapping']
    const kymo = await KymoProcess.start({
      launcher: [...MOUNT, hosts],
      env: {
        KYMO_SINKS: JSON.stringify([
          { type: 'graphite', name: 'lines', host: 'peer.test', port: first.ports.lines, include },
          {
            type: 'http',
            name: 'requests',
            url: `http://peer.test:${first.ports.http}/`,
            body: '{"timestamp":{{timestamp}}}',
            compression: 'none',
            include,
          },
        ]),
      },
    })
    const both = async (): Promise<SinkReport[]> => [
      await sinkOf(kymo, 'lines'),
      await sinkOf(kymo, 'requests'),
    ]
    const areAll = async (state: string): Promise<boolean> =>
      (await both()).every((sink) => sink.state === state)
    const areEmpty = async (): Promise<boolean> => (await both()).every((sink) => sink.queuedPoints === 0)
    await kymo.udp('flapping:1|g')

    await until('the name is found to be unknown', () => areAll('retrying'), 60_000)
    for (const { lastError } of await both()) expect(lastError).toMatch(/ENOTFOUND|EAI_AGAIN/)
    nameIsAt('127.0.0.1')
    await until('all is at the first address', areEmpty, 60_000)
    expect(first.lineTimes.length).toBeGreaterThan(0)
    // The connection is kept, whatever becomes of the name.
    nameIsAt(undefined)
    const seen = first.requestTimes.length
    await until('more is there', () => first.requestTimes.length > seen + 1)
    first.hangUp()
    await until('the name is unknown again', () => areAll('retrying'), 60_000)
    nameIsAt('127.0.0.2')
    await until(
      'all is at the second address',
      async () => second.lineTimes.length > 0 && (await areEmpty()),
      60_000,
    )

    expect((await both()).map(({ droppedPoints }) => droppedPoints)).toEqual([0, 0])
    expectNoGap([...first.lineTimes, ...second.lineTimes])
    expectNoGap([...first.requestTimes, ...second.requestTimes])
    expect(await kymo.end()).toBe(0)
  },
  300_000,
)

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const whyNoTls = hasOpenssl ? '' : ' (skipped: no openssl)'

/** A certificate authority in a directory, and its certificates of this machine. */
class Authority {
  readonly directory = temporaryDirectory()

  constructor() {
    mkdirSync(join(this.directory, 'issued'))
    writeFileSync(join(this.directory, 'index.txt'), '')
    writeFileSync(
      join(this.directory, 'ca.cnf'),
      `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = issued
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
`,
    )
    const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    this.#run(`req -x509 ${key} -days 2 -subj /CN=test -keyout ca.key -out ca.pem`)
    this.#run(
      `req -new ${key} -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout own.key -out own.csr`,
    )
  }

  get path(): string {
    return join(this.directory, 'ca.pem')
  }

  issue(validSeconds: number): { cert: string; key: string } {
    const stamp = (timeMs: number): string =>
      `${new Date(timeMs).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
    const [start, end] = [stamp(Date.now() - 60_000), stamp(Date.now() + validSeconds * 1_000)]
    this.#run(
      `ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -startdate ${start} -enddate ${end} -in own.csr -out own.pem -notext`,
    )
    const read = (name: string): string => readFileSync(join(this.directory, name), 'utf8')
    return { cert: read('own.pem'), key: read('own.key') }
  }

  #run(line: string): void {
    const { status, stderr } = spawnSync('openssl', line.split(' '), {
      cwd: this.directory,
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
  }
}

test.skipIf(!hasOpenssl)(
  `a certificate that runs out ends nothing that is connected, and lets nothing out after that until there is a new one${whyNoTls}`,
  async () => {
    const authority = new Authority()
    const VALID_SECONDS = 12
    const times: number[] = []
    const sockets = new Set<Socket>()
    const server: HttpsServer = createHttps(authority.issue(VALID_SECONDS), (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        times.push((JSON.parse(body) as { timestamp: number }).timestamp)
        response.writeHead(204).end()
      })
    })
    const endMs = Date.now() + VALID_SECONDS * 1_000
    server.keepAliveTimeout = 60_000
    server.on('secureConnection', (socket: Socket) => sockets.add(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => {
      server.close()
      server.closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    const kymo = await KymoProcess.start({
      env: {
        NODE_EXTRA_CA_CERTS: authority.path,
        KYMO_SINKS: JSON.stringify([
          {
            type: 'http',
            name: 'tls',
            url: `https://localhost:${port}/`,
            body: '{"timestamp":{{timestamp}}}',
            compression: 'none',
            include: ['stats.gauges.expiring'],
          },
        ]),
      },
    })
    await kymo.udp('expiring:1|g')
    await until('it is delivered', () => times.length > 0)
    expect(Date.now()).toBeLessThan(endMs)
    await until('the certificate has run out', () => Date.now() > endMs + 2_000, 30_000)
    const seen = times.length
    await until('more is delivered by the same connection', () => times.length > seen)
    expect(sockets.size).toBe(1)

    for (const socket of sockets) socket.end()
    await until('it is found out', async () => (await sinkOf(kymo, 'tls')).state === 'retrying', 30_000)
    expect((await sinkOf(kymo, 'tls')).lastError).toContain('certificate has expired')
    const delivered = times.length
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(times.length).toBe(delivered)

    server.setSecureContext(authority.issue(3_600))
    await until('all is delivered', async () => (await sinkOf(kymo, 'tls')).queuedPoints === 0, 60_000)
    expect((await sinkOf(kymo, 'tls')).droppedPoints).toBe(0)
    expectNoGap(times)
    expect(await kymo.end()).toBe(0)
  },
  120_000,
)
