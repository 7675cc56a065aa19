import { IntervalMerger } from '../src/aggregator/interval-merger.ts'
import { Shard } from '../src/aggregator/shard/shard.ts'
import { timer } from '../src/aggregator/testdata/samples.ts'
import { systemClock } from '../src/lib/clock.ts'
import { PacketFeed, type PacketFeedMode } from '../src/listeners/packet-feed.ts'

const INTERVAL_MS = 10_000
const ROUNDS = 7
const TIMERS = 200
const VALUES = 1_000
const PACKETS = 200_000
/** They come from so many, who take turns. */
const SENDERS = 20

export interface FeedCosts {
  /** Of a flush, beside one without. */
  readonly timerValueNs: number
  /** Of the thread that takes in. */
  readonly packetNs: number
  readonly packetWithSenderNs: number
}

/**
 * What it costs that sinks ask for more than statistics: for each value of a timer, to collect it and to make the copy that goes to another
 * thread; for each packet, to copy it. The least of several rounds, those with and without in turn.
 */
export function measureFeeds(): FeedCosts {
  const flushMs = { with: Number.POSITIVE_INFINITY, without: Number.POSITIVE_INFINITY }
  const packetMs: Record<PacketFeedMode, number> = {
    off: Number.POSITIVE_INFINITY,
    packets: Number.POSITIVE_INFINITY,
    'packets-and-senders': Number.POSITIVE_INFINITY,
  }
  for (let round = 1; round <= ROUNDS; round++) {
    for (const way of ['with', 'without'] as const)
      flushMs[way] = Math.min(flushMs[way], flushOnce(way === 'with'))
    for (const mode of Object.keys(packetMs) as PacketFeedMode[])
      packetMs[mode] = Math.min(packetMs[mode], takePackets(mode))
  }
  const eachNs = (ms: number, count: number): number => Math.round((ms * 1e7) / count) / 10
  return {
    timerValueNs: eachNs(flushMs.with - flushMs.without, TIMERS * VALUES),
    packetNs: eachNs(packetMs.packets - packetMs.off, PACKETS),
    packetWithSenderNs: eachNs(packetMs['packets-and-senders'] - packetMs.off, PACKETS),
  }
}

function flushOnce(areDetailsWanted: boolean): number {
  const shard = new Shard({ intervalMs: INTERVAL_MS, nowMs: 0 })
  for (let index = 0; index < TIMERS * VALUES; index++)
    shard.add(timer(`time${index % TIMERS}`, (index * 7_919) % 1_000), 1)
  const merger = new IntervalMerger({ intervalMs: INTERVAL_MS, wishes: () => ({ areDetailsWanted }) })
  merger.merge(0, shard.seal(INTERVAL_MS))
  return cpuMs(() => {
    const { details } = structuredClone(merger.close(INTERVAL_MS))
    const values = details?.timers.reduce((sum, { values: { length } }) => sum + length, 0) ?? 0
    expectEqual('values that were handed over', values, areDetailsWanted ? TIMERS * VALUES : 0)
  })
}

function takePackets(mode: PacketFeedMode): number {
  let handedOver = 0
  const feed = new PacketFeed({
    clock: systemClock,
    send: ({ ends }) => {
      handedOver += ends.length
      return true
    },
    onDropped: () => {},
  })
  feed.setMode(mode)
  const packet = Buffer.from('service7.requests.endpoint123:1|c|#env:prod,region:eu\n')
  const senders = Array.from({ length: SENDERS }, (_, index) => ({
    address: `10.0.0.${index}`,
    port: 40_000 + index,
  }))
  const ms = cpuMs(() => {
    for (let index = 0; index < PACKETS; index++)
      if (feed.isOn) feed.take(packet, 0, packet.length, senders[index % SENDERS] as (typeof senders)[0])
    feed.flush()
  })
  expectEqual('packets that were handed over', handedOver, mode === 'off' ? 0 : PACKETS)
  return ms
}

/** Of this process alone. */
function cpuMs(action: () => void): number {
  const before = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function expectEqual(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${what}: ${found}, and not ${wanted}`)
}
