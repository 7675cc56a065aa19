import { connect, createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { hostOf, openServers, portOf } from './open-servers.ts'

let open: Server[] = []

afterEach(async () => {
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))))
  open = []
})

class Refused extends Error {
  readonly host: string
  readonly port: number

  constructor(cause: unknown, host: string, port: number) {
    super('refused', { cause })
    this.host = host
    this.port = port
  }
}

async function start(hosts: readonly string[], port = 0): Promise<Server[]> {
  const servers = await openServers({
    hosts,
    port,
    create: () => createServer((socket) => socket.end()),
    failure: (...details) => new Refused(...details),
  })
  open.push(...servers)
  return servers
}

test('one free port is found for all hosts', async () => {
  const servers = await start(['127.0.0.1', '127.0.0.2'])
  expect(servers.map(hostOf)).toEqual(['127.0.0.1', '127.0.0.2'])
  const ports = new Set(servers.map(portOf))
  expect(ports.size).toBe(1)
  expect([...ports][0]).toBeGreaterThan(0)
})

test('both loopback families answer, or the one that this machine has', async () => {
  const servers = await start(['127.0.0.1', '::1'])
  expect(servers.length).toBeGreaterThanOrEqual(1)
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => {
      connect(portOf(server), hostOf(server))
        .on('close', () => resolve())
        .on('error', reject)
        .resume()
    })
  }
})

test('a port that is taken on one host leaves nothing open on the others', async () => {
  const [taken] = await start(['127.0.0.2'])
  const port = portOf(taken as Server)
  const failure = await start(['127.0.0.1', '127.0.0.2'], port).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Refused)
  expect(failure).toMatchObject({ host: '127.0.0.2', port, cause: { code: 'EADDRINUSE' } })
  await expect(start(['127.0.0.1'], port)).resolves.toHaveLength(1)
})

test('an address that is not of this machine is refused', async () => {
  await expect(start(['192.0.2.1'])).rejects.toMatchObject({ cause: { code: 'EADDRNOTAVAIL' } })
})

test('both wildcards can be listened on together', async () => {
  const servers = await start(['0.0.0.0', '::']).catch((error: Refused) => error)
  // A machine without IPv6 has no `::`; it was asked for by name, so it is an error there.
  if (servers instanceof Refused) expect(servers.host).toBe('::')
  else expect(servers.map(hostOf)).toEqual(['0.0.0.0', '::'])
})
