import { createServer, connect as connectTo, type ListenOptions, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { statsdFormat } from '../formats/index.ts'
import { createListener } from './index.ts'
import type { BoundAddress, Listener } from './listener.ts'
import { createTcpListener, type TcpListenerOptions } from './tcp.ts'
import { createIntakeFixture, expectBalance, until } from './testdata/intake-fixture.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)

const listeners: Listener[] = []
const clients: Socket[] = []
const servers: Server[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  for (const server of servers.splice(0)) server.close()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

async function open(changes: Partial<TcpListenerOptions> = {}) {
  const fixture = createIntakeFixture(changes)
  const listener = createTcpListener({ ...fixture.options, ...changes })
  listeners.push(listener)
  const addresses = await listener.open()
  return { ...fixture, listener, addresses, address: addresses[0] as BoundAddress }
}

async function connect({ host, port }: BoundAddress): Promise<Socket> {
  const client = connectTo({ host, port, noDelay: true })
  clients.push(client)
  client.on('error', () => undefined)
  await new Promise<void>((resolve) => client.once('connect', resolve))
  return client
}

function write(client: Socket, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => client.write(bytes, () => resolve()))
}

test('lines arrive as they are terminated, from several connections', async () => {
  const { address, samples, connections, ...fixture } = await open()
  const first = await connect(address)
  const second = await connect(address)
  await write(first, 'a:1|c\nb:')
  await until(() => samples.length === 1)
  await write(second, 'c:3|c\r\n\n')
  await until(() => samples.length === 2)
  await write(first, '2|c\n')
  await until(() => samples.length === 3)
  expect(samples.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=1', 'c=3', 'b=2'])
  expect(connections()).toBe(2)
  first.end()
  await until(() => connections() === 1)
  expectBalance({ samples, connections, ...fixture })
})

test('a line may be cut between reads at any byte', async () => {
  const { address, samples, packets } = await open()
  const client = await connect(address)
  const line = 'name:12|c|@0.5|#k:v\r\n'
  for (let cut = 1; cut < line.length; cut++) {
    const packetsBefore = packets()
    await write(client, line.slice(0, cut))
    await until(() => packets() > packetsBefore)
    await write(client, line.slice(cut))
    await until(() => samples.length === cut)
  }
  expect(new Set(samples.map(({ key, value, weight }) => `${key}=${value}*${weight}`))).toEqual(
    new Set(['name;k=v=12*2']),
  )
})

test.runIf(hasIpv6)('both loopback families have one port', async () => {
  const { addresses, samples } = await open({ hosts: ['127.0.0.1', '::1'] })
  expect(addresses.map(({ transport, host }) => `${transport} ${host}`)).toEqual(['tcp 127.0.0.1', 'tcp ::1'])
  expect(new Set(addresses.map(({ port }) => port)).size).toBe(1)
  for (const address of addresses) (await connect(address)).end('a:1|c\n')
  await until(() => samples.length === 2)
})

test('what a client leaves without LF is a line when it closes in good order', async () => {
  const { address, samples, connections } = await open()
  const client = await connect(address)
  client.end('a:1|c\nb:2|c')
  await until(() => samples.length === 2)
  await until(() => connections() === 0)
})

test('what a client leaves without LF is cut off when it resets, and nobody else notices', async () => {
  const { address, samples, connections, rejected, ...fixture } = await open()
  const other = await connect(address)
  const client = await connect(address)
  await write(client, 'a:1|c\nb:2|c')
  await until(() => samples.length === 1)
  client.resetAndDestroy()
  await until(() => connections() === 1)
  expect(rejected()).toEqual({ cut_off: 1 })
  await write(other, 'c:3|c\n')
  await until(() => samples.length === 2)
  expectBalance({ samples, connections, rejected, ...fixture })
})

test('a megabyte without LF is one line too long, and the connection lives on', async () => {
  const { address, samples, rejected, ...fixture } = await open()
  const client = await connect(address)
  await write(client, Buffer.alloc(1_000_000, 'x'))
  await write(client, '\na:1|c\n')
  await until(() => samples.length === 1)
  expect(rejected()).toEqual({ too_long: 1 })
  expectBalance({ samples, rejected, ...fixture })
})

test('one connection more than allowed is refused and counted, over all hosts; a place that is free is given again', async () => {
  const hosts = hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1', '127.0.0.2']
  const { addresses, samples, connections, refusedConnections, warnings } = await open({
    hosts,
    maxConnections: 2,
  })
  const first = await connect(addresses[0] as BoundAddress)
  await connect(addresses[1] as BoundAddress)
  await until(() => connections() === 2)
  for (let count = 1; count <= 3; count++) {
    const refused = await connect(addresses[0] as BoundAddress)
    await new Promise<void>((resolve) => refused.once('close', () => resolve()).resume())
    await until(() => refusedConnections() === count)
  }
  expect(warnings()).toMatchObject([{ listener: 'test-in', limit: 2 }])
  expect(connections()).toBe(2)

  first.end()
  await until(() => connections() === 1)
  await write(await connect(addresses[0] as BoundAddress), 'a:1|c\n')
  await until(() => samples.length === 1)
})

test('a connection that sends nothing for too long is closed; one that sends is not', async () => {
  const { address, samples, connections, rejected, clock } = await open({ idleTimeoutMs: 60_000 })
  const idle = await connect(address)
  const busy = await connect(address)
  await write(idle, 'half a li')
  await write(busy, 'a:1|c\n')
  await until(() => samples.length === 1 && connections() === 2)
  clock.advance(40_000)
  await write(busy, 'a:2|c\n')
  await until(() => samples.length === 2)
  clock.advance(30_000)
  await until(() => connections() === 1)
  expect(
    idle.destroyed || (await new Promise((resolve) => idle.once('close', () => resolve(true)).resume())),
  ).toBe(true)
  expect(rejected()).toEqual({ cut_off: 1 })
  await write(busy, 'a:3|c\n')
  await until(() => samples.length === 3)
})

test('a line that comes a byte every ten seconds is a line, and those that are silent meanwhile are closed', async () => {
  const { address, samples, packets, connections, rejected, clock } = await open({ idleTimeoutMs: 60_000 })
  const slow = await connect(address)
  const silent = await connect(address)
  await write(silent, 'half a li')
  await until(() => packets() === 1)
  for (const byte of 'slow:12|c\n') {
    const packetsBefore = packets()
    await write(slow, byte)
    await until(() => packets() > packetsBefore)
    clock.advance(10_000)
  }
  expect(samples.map(({ key, value }) => `${key}=${value}`)).toEqual(['slow=12'])
  await until(() => connections() === 1)
  expect(rejected()).toEqual({ cut_off: 1 })
  expect(slow.destroyed).toBe(false)
})

test('random bytes are counted, and the next line arrives', async () => {
  const { address, samples, ...fixture } = await open({ format: { ...statsdFormat, maxLineBytes: 100 } })
  const client = await connect(address)
  let state = 1
  const bytes = Uint8Array.from({ length: 50_000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
  await write(client, bytes)
  client.end('\nlast.one:1|c')
  await until(() => samples.at(-1)?.key === 'last.one')
  expect(fixture.lines()).toBeGreaterThan(100)
  expect(fixture.bytes()).toBe(50_000 + 13)
  expectBalance({ samples, ...fixture })
})

describe('a port that another program has', () => {
  test.each<[string, ListenOptions]>([
    ['alone', { host: '127.0.0.1' }],
    ['and would share by SO_REUSEPORT', { host: '127.0.0.1', reusePort: true }],
    ['on all addresses', { host: '0.0.0.0' }],
  ])('%s is refused', async (_, other) => {
    const server = createServer()
    servers.push(server)
    await new Promise<void>((resolve) => server.listen({ port: 0, exclusive: true, ...other }, resolve))
    const bound = server.address()
    const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
    await expect(open({ port })).rejects.toMatchObject({
      code: 'address-in-use',
      details: { transport: 'tcp', host: '127.0.0.1', port, name: 'test-in', flag: '--test-port' },
    })
  })
})

test('an address that this machine does not have is refused', async () => {
  await expect(open({ hosts: ['203.0.113.1'] })).rejects.toMatchObject({ code: 'address-unavailable' })
})

test('what had arrived before a stop is handed on; a line that is not whole is cut off', async () => {
  const { address, listener, samples, rejected, connections } = await open()
  const client = await connect(address)
  const other = await connect(address)
  await until(() => connections() === 2)
  await Promise.all([write(client, 'a:1|c\n'.repeat(1_000)), write(other, 'b:1|c\nc:1')])
  await listener.close()
  expect(samples).toHaveLength(1_001)
  expect(rejected()).toEqual({ cut_off: 1 })
  expect(connections()).toBe(0)
})

test('a listener may be closed twice, before it is open, and while it opens; the port is free again', async () => {
  const { options } = createIntakeFixture()
  const unopened = createListener('tcp', options)
  await unopened.close()
  await unopened.close()

  const opening = createListener('tcp', options)
  const addresses = opening.open()
  await Promise.all([opening.close(), opening.close()])
  const [address] = await addresses
  const { address: again } = await open({ port: address?.port ?? 0 })
  expect(again.port).toBe(address?.port)
})

test('what a web page has its browser send is not taken for lines', async () => {
  const { address, samples, connections } = await open()
  const client = await connect(address)
  await write(client, 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\nstolen:1|c\n')
  await new Promise((resolve) => client.once('close', resolve).resume())
  const honest = await connect(address)
  await write(honest, 'GET.hits:1|c\n')
  await until(() => samples.length === 1)
  expect(samples.map(({ key }) => key)).toEqual(['GET.hits'])
  expect(connections()).toBe(1)
})

test('while there is no room, a connection is not read from; when there is, nothing is missing', async () => {
  const actions: (() => void)[] = []
  const room = { isFull: true, whenEmpty: (action: () => void) => void actions.push(action) }
  const { address, samples } = await open({ room })
  const client = await connect(address)
  await write(client, 'a:1|c\n')
  await until(() => samples.length === 1)
  await write(client, 'b:2|c\n')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(samples.length).toBe(1)
  room.isFull = false
  for (const action of actions) action()
  await until(() => samples.length === 2)
  expect(samples.map(({ key }) => key)).toEqual(['a', 'b'])
})
