import { beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { PacketBatch } from '../model/packet-batch.ts'
import { createSink } from './create-sink.ts'
import { sinkOptions } from './options.ts'
import type { Sink } from './sink.ts'
import { sinkConformance } from './sink.conformance.ts'
import { divide } from './statsd-repeater/udp-repeater.ts'
import { LineServer } from './testdata/line-server.ts'
import { testContext } from './testdata/sink-context.ts'
import { UdpServer } from './testdata/udp-server.ts'

let lost = 0
const meter = { lostPackets: (count: number) => void (lost += count), restarted() {} }

beforeEach(() => {
  lost = 0
})

function repeaterTo(ports: readonly number[], options: object = {}, clock = new FakeClock()): Promise<Sink> {
  const destinations = ports.map((port) => `127.0.0.1:${port}`)
  return createSink(
    sinkOptions.parse({ type: 'statsd-repeater', destinations, ...options }),
    testContext({ clock, meter }),
  )
}

function packetsOf(packets: readonly string[]): PacketBatch {
  const bytes = packets.map((packet) => Buffer.from(packet))
  let end = 0
  return {
    bytes: Buffer.concat(bytes),
    ends: Uint32Array.from(bytes, ({ length }) => (end += length)),
    senders: packets.map(() => ({ address: '', port: 0 })),
  }
}

sinkConformance('statsd-repeater', {
  async working() {
    const server = await UdpServer.start()
    return {
      sink: await repeaterTo([server.port]),
      arrivedPoints: () => server.packets.length,
      release: () => server.stop(),
    }
  },
})

/** Until a destination's name is looked up, or it is connected to, what comes waits or is lost. */
async function passUntil(sink: Sink, hasArrived: () => boolean): Promise<void> {
  await expect
    .poll(() => {
      sink.packets?.(packetsOf(['probe:1|c']))
      return hasArrived()
    })
    .toBe(true)
}

describe('the repeater', () => {
  test('by UDP passes packets on as they came, to each destination', async () => {
    const servers = [await UdpServer.start(), await UdpServer.start()] as const
    const sink = await repeaterTo(servers.map(({ port }) => port))
    await passUntil(sink, () => servers.every(({ packets }) => packets.length > 0))
    const packets = ['a:1|c\nb:2|g', 'rubbish', 'é:3|ms|#k:v', 'x'.repeat(1_000)]
    lost = 0
    sink.packets?.(packetsOf(packets))
    expect(lost).toBe(0)
    for (const server of servers) {
      await expect.poll(() => server.packets.filter((packet) => packet !== 'probe:1|c')).toEqual(packets)
    }
    await sink.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  test('by TCP ends each line, and keeps one connection', async () => {
    const server = await LineServer.start()
    const sink = await repeaterTo([server.port], { transport: 'tcp' })
    sink.packets?.(packetsOf(['a:1|c\nb:2|g', 'c:3|c']))
    await expect.poll(() => server.lines).toEqual(['a:1|c', 'b:2|g', 'c:3|c'])
    sink.packets?.(packetsOf(['d:4|c']))
    await expect.poll(() => server.lines.at(-1)).toBe('d:4|c')
    expect(server.connectionCount).toBe(1)
    expect(lost).toBe(0)
    await sink.close()
    await expect.poll(() => server.openConnectionCount).toBe(0)
    await server.kill()
  })

  test('by TCP keeps what comes while nobody is there, up to its buffer, and counts the rest', async () => {
    const gone = await LineServer.start()
    await gone.kill()
    const clock = new FakeClock()
    const sink = await repeaterTo([gone.port], { transport: 'tcp', buffer: '4KiB' }, clock)
    const lines = Array.from({ length: 1_000 }, (_, index) => `early.${String(index).padStart(3, '0')}:1|c`)
    sink.packets?.(packetsOf(lines))
    expect(lost).toBe(1_000 - Math.floor(4_096 / 14))
    const server = await LineServer.start(gone.port)
    await expect
      .poll(() => {
        clock.advance(1_000)
        return server.lines
      })
      .toEqual(lines.slice(0, Math.floor(4_096 / 14)))
    await sink.close()
    await server.kill()
  })

  test('by TCP connects again after the other side went, and counts what went with it', async () => {
    const clock = new FakeClock()
    const server = await LineServer.start()
    const sink = await repeaterTo([server.port], { transport: 'tcp' }, clock)
    await passUntil(sink, () => server.lines.length > 0)
    await server.kill()
    const back = await LineServer.start(server.port)
    await expect
      .poll(() => {
        clock.advance(1_000)
        sink.packets?.(packetsOf(['again:1|c']))
        return back.lines.includes('again:1|c')
      })
      .toBe(true)
    await sink.close()
    await back.kill()
  })

  test('loses what a destination does not read, never memory', async () => {
    const stuck = await LineServer.start(0, (socket) => socket.pause())
    const sink = await repeaterTo([stuck.port], { transport: 'tcp', buffer: '64KiB' })
    const batch = packetsOf(Array.from({ length: 1_000 }, () => 'y'.repeat(1_000)))
    await expect
      .poll(
        () => {
          sink.packets?.(batch)
          return lost
        },
        { timeout: 15_000, interval: 2 },
      )
      .toBeGreaterThan(5_000)
    await sink.close()
    await stuck.kill()
  })

  test('of a name that is none loses everything, and counts it', async () => {
    const destinations = ['kymo-test.invalid:8125']
    const sink = await createSink(
      sinkOptions.parse({ type: 'statsd-repeater', destinations }),
      testContext({ meter }),
    )
    sink.packets?.(packetsOf(['a:1|c', 'b:1|c']))
    expect(lost).toBe(2)
    await sink.close()
  })
})

test.each([
  ['a\nb', 10, ['a\nb']],
  ['aaaa\nbbbb\ncccc', 9, ['aaaa\nbbbb', 'cccc']],
  ['aaaa\nbbbb\ncccc', 4, ['aaaa', 'bbbb', 'cccc']],
  ['aaaaaaaaaa\nb', 4, ['aaaaaaaaaa', 'b']],
  ['aaaaaaaaaa', 4, ['aaaaaaaaaa']],
  ['\n\naaaa\n\nbbbb', 4, ['aaaa', 'bbbb']],
  ['', 4, []],
])('%j is divided into parts of %d bytes', (packet, mostBytes, parts) => {
  expect([...divide(Buffer.from(packet), mostBytes)].map((part) => String(part).replace(/^\n+/, ''))).toEqual(
    parts,
  )
})
