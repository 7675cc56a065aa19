import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadLibc } from '../lib/libc.ts'
import { DatagramLoop } from './datagram-loop.ts'
import { type AnyListenerOptions, createListener } from './index.ts'
import type { BoundAddress, Listener, ReceiverKind } from './listener.ts'
import { createIntakeFixture, expectBalance, until } from './testdata/intake-fixture.ts'
import type { UdpListenerOptions } from './udp.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)

const listeners: Listener[] = []
const sockets: Socket[] = []

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
  for (const socket of sockets.splice(0)) socket.close()
})

/** The two ways in which datagrams are received; whatever one promises, so does the other. */
const RECEIVERS: readonly ReceiverKind[] = process.platform === 'linux' ? ['dgram', 'recvmmsg'] : ['dgram']
const libc = process.platform === 'linux' ? await loadLibc() : undefined
let receiver: ReceiverKind = 'dgram'

/** What a listener is created with, by the way of receiving that is under test. */
function optionsOf(changes: Partial<UdpListenerOptions> = {}): AnyListenerOptions {
  const options = { ...createIntakeFixture(changes).options, ...changes }
  return receiver === 'dgram' ? options : { ...options, ...inputOf(options) }
}

function inputOf({ clock }: Pick<AnyListenerOptions, 'clock'>): Pick<AnyListenerOptions, 'datagrams'> {
  if (libc === undefined) throw new Error('only Linux has recvmmsg')
  return { datagrams: { libc, loop: new DatagramLoop({ libc, clock, waits: 'aside' }) } }
}

async function open(changes: Partial<UdpListenerOptions> = {}) {
  const fixture = createIntakeFixture(changes)
  const options = { ...fixture.options, ...changes }
  const listener = createListener('udp', receiver === 'dgram' ? options : { ...options, ...inputOf(options) })
  listeners.push(listener)
  const addresses = await listener.open()
  const address = addresses[0] as BoundAddress
  return { ...fixture, listener, addresses, address }
}

function createSender(address: BoundAddress): (bytes: string | Uint8Array) => Promise<void> {
  const socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4')
  sockets.push(socket)
  return (bytes) =>
    new Promise((resolve, reject) => {
      socket.send(bytes, address.port, address.host, (error) => (error === null ? resolve() : reject(error)))
    })
}

async function bindOther(options: SocketOptions, host: string): Promise<number> {
  const socket = createSocket(options)
  sockets.push(socket)
  await new Promise<void>((resolve) => socket.bind({ port: 0, address: host, exclusive: true }, resolve))
  return socket.address().port
}

describe.each(RECEIVERS)('received by %s,', (kind) => {
  beforeEach(() => {
    receiver = kind
  })

  test('datagrams of one and of many lines arrive, with or without LF at the end', async () => {
    const { address, samples, packets, bytes, ...fixture } = await open()
    const send = createSender(address)
    const datagrams = ['a:1|c', 'b:2|g\n', 'c:3|ms\nd:4|c\r\n\ne:5|c', '', '\n']
    for (const datagram of datagrams) await send(datagram)
    await until(() => packets() === 5)
    expect(samples.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=1', 'b=2', 'c=3', 'd=4', 'e=5'])
    expect(bytes()).toBe(datagrams.join('').length)
    expect(fixture.accepted()).toBe(5)
    expectBalance({ packets, bytes, samples, ...fixture })
  })

  test.runIf(hasIpv6)('both loopback families have one port', async () => {
    const { addresses, samples } = await open({ hosts: ['127.0.0.1', '::1'] })
    expect(addresses.map(({ host }) => host)).toEqual(['127.0.0.1', '::1'])
    expect(new Set(addresses.map(({ port }) => port)).size).toBe(1)
    await createSender(addresses[0] as BoundAddress)('four:1|c')
    await createSender(addresses[1] as BoundAddress)('six:1|c')
    await until(() => samples.length === 2)
    expect(samples.map(({ key }) => key).sort()).toEqual(['four', 'six'])
  })

  test.runIf(hasIpv6)('all addresses of both families have one port', async () => {
    const { addresses, samples } = await open({ hosts: ['0.0.0.0', '::'] })
    const port = addresses[0]?.port ?? 0
    await createSender({ transport: 'udp', host: '127.0.0.1', port })('four:1|c')
    await createSender({ transport: 'udp', host: '::1', port })('six:1|c')
    await until(() => samples.length === 2)
  })

  test('the largest datagram, as one line and as many, is taken whole', async () => {
    const { address, samples, packets, lines, accepted } = await open()
    const send = createSender(address)
    await send(`a:${'m'.repeat(65_503)}|s`)
    await until(() => packets() === 1)
    expect(samples[0]?.member).toHaveLength(65_503)
    await send('a:1|c\n'.repeat(10_917))
    await until(() => packets() === 2)
    expect(lines()).toBe(10_918)
    expect(accepted()).toBe(10_918)
  })

  test('thirty thousand lines of one byte are counted one by one', async () => {
    const { address, lines, rejected } = await open()
    await createSender(address)('a\n'.repeat(30_000))
    await until(() => lines() === 30_000)
    expect(rejected()).toEqual({ no_value: 30_000 })
  })

  test('random bytes are counted, and what comes behind them arrives', async () => {
    const { address, packets, samples, ...fixture } = await open()
    const send = createSender(address)
    const datagrams = fc.sample(fc.uint8Array({ maxLength: 1_400 }), { numRuns: 50, seed: 1 })
    for (const datagram of datagrams) await send(datagram)
    await send('\nlast.one:1|c')
    await until(() => packets() === 51)
    expect(samples.at(-1)?.key).toBe('last.one')
    expectBalance({ packets, samples, ...fixture })
  })

  test('a rejected line is told with its sender', async () => {
    const { address, rejections } = await open()
    await createSender(address)('rubbish\u001b')
    await until(() => rejections.length === 1)
    expect(rejections[0]).toMatchObject({ listener: 'test-in', reason: 'no_value', line: 'rubbish\\u001b' })
    expect(rejections[0]?.sender).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  describe('a port that another program has', () => {
    test.each<[string, SocketOptions]>([
      ['alone', { type: 'udp4' }],
      ['and would share by SO_REUSEADDR', { type: 'udp4', reuseAddr: true }],
      ['and would share by SO_REUSEPORT', { type: 'udp4', reusePort: true }],
    ])('%s is refused', async (_, other) => {
      const port = await bindOther(other, '127.0.0.1')
      await expect(open({ port })).rejects.toMatchObject({
        code: 'address-in-use',
        details: { transport: 'udp', host: '127.0.0.1', port, name: 'test-in', flag: '--test-port' },
      })
    })

    test('on all addresses is refused', async () => {
      const port = await bindOther({ type: 'udp4', reuseAddr: true }, '0.0.0.0')
      await expect(open({ port })).rejects.toMatchObject({ code: 'address-in-use' })
    })

    test.runIf(hasIpv6)('on the second host is refused, and the first is given back', async () => {
      const port = await bindOther({ type: 'udp6' }, '::1')
      await expect(open({ hosts: ['127.0.0.1', '::1'], port })).rejects.toMatchObject({
        code: 'address-in-use',
        details: { host: '[::1]' },
      })
      const { address } = await open({ port })
      expect(address.port).toBe(port)
    })
  })

  test('listeners that are to share a port do', async () => {
    const first = await open({ isShared: true })
    const second = await open({ isShared: true, port: first.address.port })
    expect(second.address).toEqual(first.address)
    await createSender(first.address)('a:1|c')
    await until(() => first.samples.length + second.samples.length === 1)
  })

  test('an address that this machine does not have is refused', async () => {
    await expect(open({ hosts: ['203.0.113.1'] })).rejects.toMatchObject({ code: 'address-unavailable' })
  })

  test('what had arrived before a stop is handed on', async () => {
    const { address, listener, samples } = await open()
    const send = createSender(address)
    // Nothing is awaited in between: all of it is still in the kernel when the stop begins.
    const sent = Array.from({ length: 200 }, (_, index) => send(`a:${index}|c`))
    await Promise.all(sent)
    await listener.close()
    expect(samples).toHaveLength(200)
  })

  test('a listener may be closed twice, before it is open, and while it opens; then it takes nothing in', async () => {
    const options = optionsOf()
    const unopened = createListener('udp', options)
    await unopened.close()
    await unopened.close()

    const opening = createListener('udp', options)
    const addresses = opening.open()
    await Promise.all([opening.close(), opening.close()])
    const [address] = await addresses
    const { address: again } = await open({ port: address?.port ?? 0 })
    expect(again.port).toBe(address?.port)
  })

  test('no timer outlives a listener', async () => {
    const { listener, clock, address } = await open()
    await createSender(address)('rubbish')
    await listener.close()
    let hasTimers = false
    clock.after = () => {
      hasTimers = true
      return { cancel: () => undefined }
    }
    clock.advance(60_000)
    expect(hasTimers).toBe(false)
  })

  test.runIf(process.platform === 'linux')('what the kernel drops is counted', async () => {
    const { address, listener, packets, kernelDrops, clock } = await open({ receiveBufferBytes: 4_096 })
    const socket = createSocket('udp4')
    sockets.push(socket)
    const datagram = Buffer.alloc(1_000, 'a')
    // In one turn of the loop, so that nobody reads meanwhile.
    await Promise.all(
      Array.from({ length: 200 }, () => {
        return new Promise<void>((resolve) =>
          socket.send(datagram, address.port, address.host, () => resolve()),
        )
      }),
    )
    await until(() => packets() > 0)
    clock.advance(1_000)
    await until(() => kernelDrops() > 0)
    await listener.close()
    expect(packets() + kernelDrops()).toBe(200)
  })

  test('the log says what receive buffer was granted', async () => {
    const { logged } = await open({ receiveBufferBytes: 1_000_000_000 })
    expect(logged).toContainEqual(
      expect.objectContaining({ listener: 'test-in', requestedBytes: 1_000_000_000 }),
    )
  })
})
