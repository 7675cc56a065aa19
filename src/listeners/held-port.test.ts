import { createSocket } from 'node:dgram'
import { closeSync, fstatSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { loadLibc } from '../lib/libc.ts'
import { DescriptorWatch } from './descriptor-watch.ts'
import { type HeldPort, holdPort } from './held-port.ts'
import { createListener } from './index.ts'
import type { Listener } from './listener.ts'
import { createIntakeFixture, until } from './testdata/intake-fixture.ts'

const libc = await loadLibc()
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)
const hosts = hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']
const descriptors: number[] = []
const listeners: Listener[] = []

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
  for (const descriptor of descriptors.splice(0)) closeSync(descriptor)
})

async function hold(transport: 'tcp' | 'udp', port = 0): Promise<HeldPort[]> {
  const held = await holdPort(libc, transport, { ...createIntakeFixture().options, hosts, port })
  descriptors.push(...held.map(({ descriptor }) => descriptor))
  return held
}

/** One line to each address; the kernel has it when it resolves. */
async function send(transport: 'tcp' | 'udp', held: readonly HeldPort[]): Promise<void> {
  for (const { host, port } of held) {
    if (transport === 'tcp') {
      const client = connect({ host, port })
      client.on('error', () => undefined)
      await new Promise<void>((resolve) => client.end('late:1|c\n', () => resolve()))
    } else {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
      await new Promise((resolve) => socket.send('late:1|c\n', port, host, resolve))
      socket.close()
    }
  }
}

describe.runIf(process.platform === 'linux').each(['tcp', 'udp'] as const)('%s', (transport) => {
  test('what comes while a port is held is there for the listener that takes it over', async () => {
    const held = await hold(transport)
    expect(held.map(({ host, port }) => [host, port])).toEqual(hosts.map((host) => [host, held[0]?.port]))
    await send(transport, held)
    const fixture = createIntakeFixture()
    const own = held.map((port) => ({ ...port, descriptor: libc.dup(port.descriptor) }))
    const listener = createListener(transport, { ...fixture.options, held: own })
    listeners.push(listener)
    expect(await listener.open()).toEqual(held.map(({ host, port }) => ({ transport, host, port })))
    await until(() => fixture.samples.length === held.length)
    // And what comes then.
    for (const descriptor of descriptors.splice(0)) closeSync(descriptor)
    await send(transport, held)
    await until(() => fixture.samples.length === 2 * held.length)
    await listener.close()
    for (const { descriptor } of own) expect(() => fstatSync(descriptor)).toThrow('EBADF')
  })

  test('is not held where somebody else is', async () => {
    const [first] = await hold(transport)
    await expect(hold(transport, first?.port)).rejects.toMatchObject({ code: 'address-in-use' })
  })

  test('is seen to by a watch once somebody comes, and not before', async () => {
    const held = await hold(transport)
    const clock = new FakeClock()
    let arrivals = 0
    const watched = held.map(({ descriptor }) => descriptor)
    const onReadable = () => arrivals++
    const watch = new DescriptorWatch({ libc, clock, descriptors: watched, onReadable })
    clock.advance(1_000)
    expect([arrivals, watch.isReadable()]).toEqual([0, false])
    await send(transport, held.slice(-1))
    clock.advance(20)
    expect([arrivals, watch.isReadable()]).toEqual([1, true])
    clock.advance(1_000)
    expect(arrivals).toBe(1)
  })
})

test.runIf(process.platform === 'linux')('a watch that has ended sees nobody', async () => {
  const [held] = await hold('tcp')
  const clock = new FakeClock()
  let arrivals = 0
  const watch = new DescriptorWatch({
    libc,
    clock,
    descriptors: [held?.descriptor ?? -1],
    onReadable: () => arrivals++,
  })
  await send('tcp', held === undefined ? [] : [held])
  watch.end()
  clock.advance(1_000)
  expect(arrivals).toBe(0)
})

test.runIf(process.platform === 'linux')(
  'a listener that binds is told that a held port is taken',
  async () => {
    const [held] = await hold('tcp')
    const server = createServer()
    const failure = new Promise((resolve) => server.once('error', resolve))
    server.listen({ host: '127.0.0.1', port: held?.port })
    expect(await failure).toMatchObject({ code: 'EADDRINUSE' })
  },
)
