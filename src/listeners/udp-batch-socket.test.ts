// How datagrams are received many at a time; that it is the same as one at a time is in udp.test.ts.
import { createSocket, type Socket } from 'node:dgram'
import { closeSync, existsSync, fstatSync, openSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { loadLibc } from '../lib/libc.ts'
import type { DatagramSource } from './datagram-loop.ts'
import { DatagramLoop } from './datagram-loop.ts'
import { createIntakeFixture } from './testdata/intake-fixture.ts'
import { createUdpListener } from './udp.ts'
import { batchReceiver } from './udp-batch-receiver.ts'
import { BATCH_DATAGRAMS, UdpBatchSocket, type UdpBatchSocketOptions } from './udp-batch-socket.ts'

const isLinux = process.platform === 'linux'
const libc = await loadLibc()
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)
/** The kernel's own address on loopback, where it has one that needs a scope. */
const linkLocal = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
  (list ?? [])
    .filter(({ address }) => address.startsWith('fe80:'))
    .map(({ address, scopeid }) => ({ name, address, scopeid })),
)[0]

const bound: UdpBatchSocket[] = []
const senders: Socket[] = []

afterEach(() => {
  for (const socket of bound.splice(0)) socket.close()
  for (const sender of senders.splice(0)) sender.close()
})

function bind(changes: Partial<UdpBatchSocketOptions> = {}): UdpBatchSocket {
  const options = { host: '127.0.0.1', port: 0, isIpv6Only: false, isShared: false, ...changes }
  const socket = UdpBatchSocket.bind(libc, { receiveBufferBytes: 4 * 1_024 * 1_024, ...options })
  bound.push(socket)
  return socket
}

/** Sends from one port, which it returns; the kernel has the datagrams when it resolves. */
async function send(
  port: number,
  host: string,
  datagrams: readonly (string | Uint8Array)[],
): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  senders.push(socket)
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) => {
      socket.send(datagram, port, host, (error) => (error === null ? resolve() : reject(error)))
    })
  }
  return socket.address().port
}

function texts(socket: UdpBatchSocket, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const start = socket.startOf(index)
    return socket.memory.toString('latin1', start, start + socket.byteCountOf(index))
  })
}

describe.runIf(isLinux)('a socket of which many datagrams are received at a time', () => {
  test('has a port of its own where any was asked for, and that one where it was', () => {
    const first = bind()
    expect(first.port).toBeGreaterThan(0)
    const { port } = first
    expect(() => bind({ port })).toThrow(expect.objectContaining({ code: 'EADDRINUSE', syscall: 'bind' }))
    first.close()
    expect(bind({ port }).port).toBe(port)
  })

  test('has nothing to receive without waiting', () => {
    expect(bind().receive()).toBe(0)
  })

  test('receives batches in order, whole, and says of each who sent it', async () => {
    const socket = bind()
    const datagrams = Array.from({ length: 150 }, (_, index) => 'x'.repeat((index * 37) % 300) + index)
    const port = await send(socket.port, '127.0.0.1', datagrams)
    const received: string[] = []
    for (const wanted of [BATCH_DATAGRAMS, BATCH_DATAGRAMS, 150 - 2 * BATCH_DATAGRAMS, 0]) {
      expect(socket.receive()).toBe(wanted)
      received.push(...texts(socket, wanted))
      for (let index = 0; index < wanted; index++)
        expect(socket.senderOf(index)).toEqual({ address: '127.0.0.1', port })
    }
    expect(received).toEqual(datagrams)
  })

  test('receives as many as it is asked for, empty ones and the largest among them', async () => {
    const socket = bind()
    const largest = Buffer.alloc(65_507, 'l')
    await send(socket.port, '127.0.0.1', ['', largest, 'behind'])
    expect(socket.receive(2)).toBe(2)
    expect([socket.byteCountOf(0), socket.byteCountOf(1)]).toEqual([0, 65_507])
    expect(texts(socket, 2)[1]).toBe(largest.toString())
    expect(socket.receive(2)).toBe(1)
    expect(texts(socket, 1)).toEqual(['behind'])
  })

  test.runIf(hasIpv6)('tells senders of both families apart, batch by batch', async () => {
    const socket = bind({ host: '::' })
    for (const [host, address] of [
      ['::1', '::1'],
      ['127.0.0.1', '::ffff:127.0.0.1'],
      ['::1', '::1'],
    ] as const) {
      const port = await send(socket.port, host, ['a'])
      expect(socket.receive()).toBe(1)
      expect(socket.senderOf(0)).toEqual({ address, port })
    }
  })

  test.runIf(hasIpv6)('of IPv6 alone leaves IPv4 to another', () => {
    const six = bind({ host: '::', isIpv6Only: true })
    expect(bind({ host: '0.0.0.0', port: six.port }).port).toBe(six.port)
  })

  test.runIf(hasIpv6).each([
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:7F00:1', '127.0.0.1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
    ['::0.0.0.1', '::1'],
  ])('binds %s', async (host, reachedAt) => {
    const socket = bind({ host })
    await send(socket.port, reachedAt, ['a'])
    expect(socket.receive()).toBe(1)
  })

  test.runIf(linkLocal !== undefined)('binds an address that means something on one interface only', () => {
    const { address = '', name = '', scopeid = 0 } = linkLocal ?? {}
    for (const scope of [name, scopeid]) expect(bind({ host: `${address}%${scope}` }).port).toBeGreaterThan(0)
  })

  test('refuses an address of an interface that is not there', () => {
    expect(() => bind({ host: 'fe80::1%no-such-interface' })).toThrow(
      expect.objectContaining({ code: 'EINVAL', syscall: 'bind' }),
    )
  })

  test('counts, to the datagram, what the kernel had no room for', async () => {
    const socket = bind({ receiveBufferBytes: 16_384 })
    const datagrams = Array.from({ length: 300 }, () => Buffer.alloc(1_000))
    await send(socket.port, '127.0.0.1', datagrams)
    let received = 0
    for (let count = socket.receive(); count > 0; count = socket.receive()) received += count
    const drops = socket.takeDrops()
    expect(drops).toBeGreaterThan(0)
    expect(received + drops).toBe(300)
    expect(socket.takeDrops()).toBe(0)
  })

  test('gives its descriptor back, once, also where it could not be bound', () => {
    const socket = bind()
    const { descriptor } = socket
    for (let attempt = 0; attempt < 3; attempt++)
      expect(() => bind({ port: socket.port })).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }))
    socket.close()
    // The lowest that is free is given out first.
    const other = openSync('/dev/null', 'r')
    expect(other).toBeLessThanOrEqual(descriptor)
    socket.close()
    expect(fstatSync(other).isCharacterDevice()).toBe(true)
    closeSync(other)
    expect(existsSync(`/proc/self/fd/${descriptor}`)).toBe(false)
  })
})

test.runIf(isLinux)(
  'one turn takes in no more than what others can wait for, however large datagrams are',
  async () => {
    const { options, packets, bytes } = createIntakeFixture()
    const loop = new DatagramLoop({ libc, clock: options.clock, waits: 'here' })
    let source: DatagramSource | undefined
    // Nobody reads but this test.
    loop.add = (added) => (source = added)
    const listener = createUdpListener(options, batchReceiver({ libc, loop }))
    const [address] = await listener.open()
    const datagram = Buffer.alloc(60_000, 'x\n')
    await send(address?.port ?? 0, '127.0.0.1', ['a:1|c', ...Array.from({ length: 80 }, () => datagram)])
    // What was small before may be large now: the first batch is as many as there may be.
    const before = packets()
    expect(source?.takeIn()).toBeLessThanOrEqual(BATCH_DATAGRAMS)
    await send(
      address?.port ?? 0,
      '127.0.0.1',
      Array.from({ length: 80 }, () => datagram),
    )
    let most = 0
    for (let last = bytes(); (source?.takeIn() ?? 0) > 0; last = bytes())
      most = Math.max(most, bytes() - last)
    expect(most).toBeLessThan(1.5 * 1_024 * 1_024)
    expect(packets()).toBe(before + 161)
    await listener.close()
  },
)
