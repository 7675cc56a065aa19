import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { LineIntake } from './line-intake.ts'
import { type PackedPackets, PacketFeed } from './packet-feed.ts'
import { createIntakeFixture } from './testdata/intake-fixture.ts'

const SENDER = { address: '10.0.0.1', port: 5 }

function setUp() {
  const clock = new FakeClock()
  const sent: string[][] = []
  const senders: string[] = []
  let dropped = 0
  const scene = { isTaken: true, clock, sent, senders, dropped: () => dropped }
  const feed = new PacketFeed({
    clock,
    send(packets) {
      if (!scene.isTaken) return false
      sent.push(textsOf(packets))
      for (const index of packets.senderOf) {
        const sender = packets.senders[index]
        senders.push(`${sender?.address}:${sender?.port}`)
      }
      return true
    },
    onDropped: (packets) => (dropped += packets),
  })
  const take = (text: string, sender: { address: string; port?: number } = SENDER): void => {
    const bytes = Buffer.from(`before ${text} after`)
    feed.take(bytes, 7, 7 + text.length, sender)
  }
  return { ...scene, scene, feed, take }
}

function textsOf({ bytes, ends }: PackedPackets): string[] {
  return Array.from(ends, (end, index) => Buffer.from(bytes.slice(ends[index - 1] ?? 0, end)).toString())
}

test('packets are handed over together, a moment after the first came, without the LF they end with', () => {
  const { feed, take, sent, clock } = setUp()
  feed.setMode('packets')
  take('a:1|c')
  take('b:1|c\nc:2|c\n')
  take('\n')
  take('')
  expect(sent).toEqual([])
  clock.advance(20)
  expect(sent).toEqual([['a:1|c', 'b:1|c\nc:2|c']])
  clock.advance(1_000)
  expect(sent).toHaveLength(1)
})

test('who sent them is looked up only where that is asked for', () => {
  const { feed, take, senders } = setUp()
  feed.setMode('packets')
  take('a')
  feed.setMode('packets-and-senders')
  for (const text of ['b', 'c', 'd']) take(text, text === 'c' ? { address: '::1' } : SENDER)
  feed.flush()
  expect(senders).toEqual([':0', '10.0.0.1:5', '::1:0', '10.0.0.1:5'])
})

test('nothing is lost between two batches, and one that is larger than a batch goes alone', () => {
  const { feed, take, sent } = setUp()
  feed.setMode('packets')
  const packets = Array.from({ length: 5_000 }, (_, index) => `packet.${index}:${'1'.repeat(index % 50)}|c`)
  for (const packet of packets) take(packet)
  take('x'.repeat(100_000))
  take('last')
  feed.flush()
  expect(sent.flat()).toEqual([...packets, 'x'.repeat(100_000), 'last'])
  expect(sent.length).toBeGreaterThan(2)
})

test('what cannot be handed over is counted, and what comes later is not held up by it', () => {
  const { feed, take, sent, scene, dropped } = setUp()
  feed.setMode('packets')
  scene.isTaken = false
  take('a')
  take('b')
  feed.flush()
  scene.isTaken = true
  take('c')
  feed.flush()
  expect(dropped()).toBe(2)
  expect(sent).toEqual([['c']])
})

test.each(['off', 'packets'] as const)('an intake with a feed that is %s', (mode) => {
  const { feed, sent } = setUp()
  feed.setMode(mode)
  const fixture = createIntakeFixture()
  const intake = new LineIntake({ ...fixture.options, feed })
  const bytes = Buffer.from('a:1|c\nrubbish\nb:2|c')
  intake.beginPacket(bytes.length)
  intake.takePacket(bytes, 0, bytes.length, SENDER)
  intake.takeLine(bytes, 0, 5, SENDER)
  intake.close()
  feed.flush()
  expect(fixture.lines()).toBe(4)
  expect(sent).toEqual(mode === 'off' ? [] : [['a:1|c\nrubbish\nb:2|c', 'a:1|c']])
})
