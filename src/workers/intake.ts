import { isDeepStrictEqual } from 'node:util'
import type { MessagePort } from 'node:worker_threads'
import { createIntakeRules } from '../admission/index.ts'
import { Shard } from '../aggregator/index.ts'
import type { Config } from '../config/config.ts'
import type { DecodedOutput, LineFormat } from '../formats/format.ts'
import { KnownNames } from '../formats/index.ts'
import { systemClock, type Timer } from '../lib/clock.ts'
import { loadLibc } from '../lib/libc.ts'
import { shrinkHeap } from '../lib/shrink-heap.ts'
import {
  type AnyUnixListenerOptions,
  createListener,
  createUnixListener,
  type UnixListenerKind,
} from '../listeners/index.ts'
import { createIntakeMeter } from '../listeners/intake-meter.ts'
import type { DatagramInput } from '../listeners/datagram-input.ts'
import type { HeldPort } from '../listeners/held-port.ts'
import { LineWatch } from '../listeners/line-watch.ts'
import { type PackedPackets, PacketFeed } from '../listeners/packet-feed.ts'
import type { BoundAddress, BoundPath, Listener } from '../listeners/listener.ts'
import { metricTypeOf } from '../model/point.ts'
import type { RejectionSample } from '../model/rejection.ts'
import { buffersOf, type PartialAggregate } from '../model/partial-aggregate.ts'
import { BoundaryBoard } from './boundary-board.ts'
import type {
  DeliveryToShard,
  FirstMetric,
  IntakeCalls,
  IntakePorts,
  KeeperToShard,
  OpenedListener,
  ShardToDelivery,
  ShardToKeeper,
  TimedPoints,
  WorkerToMain,
} from './calls.ts'
import { IntakeCountReader } from './intake-counts.ts'
import { BodyIntake } from './body-intake.ts'
import { EventCollector } from './event-collector.ts'
import { PointCollector } from './point-collector.ts'
import { PortHolder } from './port-holder.ts'
import { openLink, type Link } from './rpc.ts'
import type { HeldListener, StreamPort } from './stream-ports.ts'
import { type ReloadedSetup, workerSelf } from './worker-setup.ts'

/** One listener that a thread is to run: on a port, or on a path. */
export type IntakePlan = PortPlan | PathPlan

interface PortPlan extends StreamPort {
  readonly format: LineFormat
  /** Share the port with the other receivers. */
  readonly isShared?: boolean
}

interface PathPlan
  extends Pick<AnyUnixListenerOptions, 'path' | 'mode' | 'setting' | 'framing' | 'maxFrameBytes'> {
  readonly service: keyof IntakePorts
  readonly name: string
  readonly kind: UnixListenerKind
  readonly format: LineFormat
}

/** How long an idle shard may go without looking whether its interval is over. */
const LONGEST_NAP_MS = 1_000
/** How often main is told that packets come. */
const LONGEST_SILENCE_MS = 1_000
/**
 * Points sent to the keeper that it has not taken yet. A faster thread must not fill the memory of a slower one, nor
 * its time: it takes what has come in one go, and a flush waits for that.
 */
const MOST_POINTS_ON_THE_WAY = 100_000
/** The same of packets for sinks. */
const MOST_PACKET_BYTES_ON_THE_WAY = 8 * 1_024 * 1_024

/** So long after the last packet there is time for other things. */
const CALM_MS = 1_000

/** What a shard may take of memory for names: about twice what the most metrics there may be would need. */
const SHARD_BYTES_PER_SERIES = 256
const SMALLEST_SHARD_BYTES = 16 * 1_024 * 1_024

export interface IntakeExtras {
  /** undefined: datagrams are received one at a time. */
  readonly openDatagrams?: () => Promise<DatagramInput | undefined>
  /** Bodies of requests are taken in as well, and this is how lines of StatsD are decoded in them. */
  readonly bodiesOf?: LineFormat
}

/**
 * A thread that takes in: listeners, a shard of its own, and the hand-over to the keeper. The clock is read once per
 * packet; the packet that is the first of a new interval closes the old one, and so does a timer when no packet comes.
 * `onStatsd` is called when the section `statsd` has changed.
 */
export function runIntake(
  plans: readonly IntakePlan[],
  onStatsd: (statsd: Config['statsd']) => void,
  { openDatagrams, bodiesOf }: IntakeExtras = {},
): void {
  const self = workerSelf()
  const { shardId } = self.setup
  let { config } = self.setup
  const clock = systemClock
  const shard = new Shard({
    intervalMs: config.flush.intervalMs,
    nowMs: clock.nowMs(),
    mostBytes: Math.max(SMALLEST_SHARD_BYTES, config.limits.series * SHARD_BYTES_PER_SERIES),
  })
  shard.countSamples(config.aggregator.keyFlush !== undefined)
  let rules = createIntakeRules(config.rules)
  const excluded = self.metrics.counter('kymo_excluded_samples_total')
  const counts = new IntakeCountReader(self.setup.metricsLayout, self.setup.metricsBuffer)
  const board = new BoundaryBoard(self.setup.boundaryBuffer)
  const dropped = self.metrics.counter('kymo_dropped_points_total', {
    sink: 'store',
    drop_reason: 'queue_full',
  })
  const collector = new PointCollector({
    clock,
    send: sendPoints,
    onDropped: (points) => dropped.add(points),
    onRestart: () => knownNames.forget(),
  })
  const knownNames = new KnownNames(collector)
  const events = new EventCollector({
    clock,
    send: (batch) => {
      if (keeper === undefined || keeper.isBroken) return false
      keeper.notify('events', batch)
      return true
    },
    onDropped: (count) => dropped.add(count),
  })
  const watch = new LineWatch({
    clock,
    admit: (key, type) => rules.admit(key, type),
    onSample: (sample) => main.notify('lineSampled', sample),
    onTapped: (news) => main.notify('tapped', news),
  })
  const droppedPackets = self.metrics.counter('kymo_dropped_packets_total')
  const feed = new PacketFeed({
    clock,
    send: sendPackets,
    onDropped: (packets) => droppedPackets.add(packets),
  })
  feed.setMode(config.appetite.packets)
  let delivery: Link<ShardToDelivery> | undefined
  let packetBytesOnTheWay = 0
  let bodies: BodyIntake | undefined
  /** In a thread that receives many datagrams at a time. */
  let holder: PortHolder | undefined
  let keeper: Link<ShardToKeeper> | undefined
  let pointsOnTheWay = 0
  let listeners: Listener<BoundAddress | BoundPath>[] = []
  let isOpen = false
  let nap: Timer | undefined
  let receivedAtMs = clock.nowMs()
  let hasTakenIn = false
  let toldAtMs = 0

  const output: DecodedOutput = {
    packet(nowMs) {
      receivedAtMs = nowMs
      if (nowMs - toldAtMs >= LONGEST_SILENCE_MS || nowMs < toldAtMs) tellHeard(nowMs)
      if (shard.isDue(nowMs)) seal(nowMs)
      else if (shard.isFull) relieve()
      shard.lines.receivedAt(nowMs)
      knownNames.receivedAt(nowMs)
      excluded.add(shard.takeExcludedCount())
    },
    sample(sample) {
      const key = rules.admit(sample.key, sample.type)
      if (key === undefined) {
        shard.lines.noteExcluded(sample)
        return excluded.add(1)
      }
      // The decoder fills the object anew for each sample.
      sample.key = key
      if (!hasTakenIn) tellFirst({ key: sample.key, type: sample.type })
      shard.add(sample, receivedAtMs)
    },
    point(point) {
      shard.lines.noteOther()
      const key = rules.admit(point.key, metricTypeOf(point.type))
      if (key === undefined) return excluded.add(1)
      point.key = key
      if (!hasTakenIn) tellFirst({ key: point.key, type: metricTypeOf(point.type) })
      knownNames.isNumber(collector.add(point))
    },
    event(event) {
      shard.lines.noteOther()
      events.add(event)
    },
  }

  function openBodies(statsdFormat: LineFormat): BodyIntake {
    return new BodyIntake({
      name: 'http',
      output,
      statsdFormat,
      shortcuts: { statsd: shard.lines, graphite: knownNames },
      room: collector,
      meter: createIntakeMeter(self.metrics, 'http'),
      onRejection: (sample: RejectionSample) => main.notify('rejected', sample),
      watch,
      feed,
      clock,
      log: self.log,
    })
  }

  function tellHeard(nowMs: number): void {
    toldAtMs = nowMs
    main.notify('heard', nowMs)
  }

  function tellFirst(metric: FirstMetric): void {
    hasTakenIn = true
    main.notify('firstMetric', metric)
  }

  /** A keeper that is gone will be there again: until then the interval stays open, so that nothing is lost. */
  function seal(nowMs: number, throughMs = 0): void {
    if (keeper === undefined || keeper.isBroken) return
    countKeys()
    const partial = shard.seal(nowMs, throughMs)
    send(partial)
    board.post(shardId, partial.intervalEndMs)
  }

  /** While there is no keeper, it grows. */
  function relieve(): void {
    if (keeper === undefined || keeper.isBroken) return
    countKeys()
    send(shard.relieve())
  }

  function countKeys(): void {
    if (config.aggregator.keyFlush !== undefined) keeper?.notify('keysCounted', shard.takeKeyCounts())
  }

  function send(partial: PartialAggregate): void {
    excluded.add(shard.takeExcludedCount())
    keeper?.notify('counted', counts.take())
    keeper?.notify('partial', partial, buffersOf(partial))
  }

  function sealWhenDue(): void {
    nap?.cancel()
    const nowMs = clock.nowMs()
    if (shard.isDue(nowMs)) seal(nowMs)
    const restMs = shard.intervalEndMs - clock.nowMs()
    // Still due: there is no keeper, and the next one will wake it.
    nap = clock.after(restMs > 0 ? Math.min(LONGEST_NAP_MS, restMs) : LONGEST_NAP_MS, sealWhenDue)
  }

  function sendPoints(points: TimedPoints): boolean {
    if (keeper === undefined || keeper.isBroken) return false
    if (pointsOnTheWay >= MOST_POINTS_ON_THE_WAY) return false
    pointsOnTheWay += points.ids.length
    keeper.notify('points', points, columnsToMove(points))
    return true
  }

  function sendPackets(packets: PackedPackets): boolean {
    if (delivery === undefined || delivery.isBroken) return false
    if (packetBytesOnTheWay >= MOST_PACKET_BYTES_ON_THE_WAY) return false
    packetBytesOnTheWay += packets.bytes.length
    const { bytes, ends, senderOf } = packets
    delivery.notify('packets', packets, [bytes.buffer, ends.buffer, senderOf.buffer])
    return true
  }

  function connectDelivery(port: MessagePort): void {
    packetBytesOnTheWay = 0
    delivery = openLink<ShardToDelivery, DeliveryToShard>(
      port,
      {
        tookPackets(byteCount) {
          packetBytesOnTheWay -= byteCount
        },
      },
      'delivery',
    )
  }

  async function open({
    held = [],
    ...ports
  }: IntakePorts & { readonly held?: readonly HeldListener[] }): Promise<OpenedListener[]> {
    const known = { ...ports }
    const ownHeld = await duplicate(held)
    const datagrams = await openDatagrams?.()
    if (datagrams !== undefined) holder = openHolder(datagrams)
    const receiver = datagrams === undefined ? 'dgram' : 'recvmmsg'
    const opened: OpenedListener[] = []
    for (const plan of plans) {
      const port = known[plan.service]
      if (port === undefined) continue
      const listener = createPlanned(plan, port, datagrams, ownHeld.get(plan.name))
      listeners.push(listener)
      const bound = await listener.open()
      const first = bound[0]
      if (first !== undefined && 'port' in first) known[plan.service] = first.port
      opened.push({ service: plan.service, bound, ...(plan.name === 'statsd-udp' ? { receiver } : {}) })
    }
    isOpen = true
    keeper?.notify('takesIn', null)
    return opened
  }

  function createPlanned(
    plan: IntakePlan,
    port: number,
    datagrams: DatagramInput | undefined,
    held: readonly HeldPort[] | undefined,
  ): Listener<BoundAddress | BoundPath> {
    const intake = {
      output,
      meter: createIntakeMeter(self.metrics, plan.name),
      onRejection: (sample: RejectionSample) => main.notify('rejected', sample),
      watch,
      clock,
      log: self.log,
      ...(plan.service === 'statsd'
        ? { shortcut: shard.lines, feed }
        : { shortcut: knownNames, room: collector }),
      ...(datagrams === undefined ? {} : { datagrams }),
    }
    if ('path' in plan) return createUnixListener(plan.kind, { ...plan, ...intake })
    const place = { hosts: config.intakeHosts, port, ...(held === undefined ? {} : { held }) }
    return createListener(plan.kind, { ...plan, ...intake, ...place })
  }

  function openHolder({ libc }: DatagramInput): PortHolder {
    return new PortHolder({
      libc,
      clock,
      log: self.log,
      hosts: config.intakeHosts,
      onArrival: () => main.notify('arrived', null),
    })
  }

  /** Between two packets. The open interval stays as it is. */
  function reconfigure({ config: next }: ReloadedSetup): void {
    const before = config
    config = next
    self.log.level = next.log.level
    // What has not changed keeps what it remembers.
    const hasNewRules = !isDeepStrictEqual(next.rules, before.rules)
    const hasNewDialect = !isDeepStrictEqual(next.statsd, before.statsd)
    shard.countSamples(config.aggregator.keyFlush !== undefined)
    feed.setMode(config.appetite.packets)
    if (hasNewRules) rules = createIntakeRules(next.rules)
    if (hasNewDialect) onStatsd(next.statsd)
    if (hasNewRules || hasNewDialect) shard.forgetShapes()
    if (hasNewRules) knownNames.forget()
  }

  async function closeListeners(): Promise<void> {
    await Promise.all(listeners.map((listener) => listener.close()))
    listeners = []
  }

  const main: Link<WorkerToMain> = openLink<WorkerToMain, IntakeCalls>(self.main, {
    connect({ peer, port }) {
      if (peer === 'delivery') return connectDelivery(port)
      shard.forgetNames()
      pointsOnTheWay = 0
      keeper = openLink<ShardToKeeper, KeeperToShard>(
        port,
        {
          seal(throughMs) {
            if (shard.intervalEndMs <= throughMs) seal(clock.nowMs(), throughMs)
          },
          handOver() {
            countKeys()
            send(shard.handOver())
          },
          tookPoints(count) {
            pointsOnTheWay -= count
            collector.resume()
          },
        },
        peer,
      )
      collector.tellAgain()
      if (isOpen) keeper.notify('takesIn', null)
      sealWhenDue()
    },
    open,
    hold: async (ports) => (await holder?.hold(ports)) ?? null,
    watch(descriptors) {
      holder?.watch(descriptors)
      return holder !== undefined
    },
    endWatch: () => holder?.endWatch() === true,
    closeListeners,
    async takeLines(lines) {
      if (bodiesOf === undefined) throw new Error('BUG: this thread takes no bodies')
      bodies ??= openBodies(bodiesOf)
      return await bodies.take(lines)
    },
    watchLines: () => watch.begin(),
    tap: (question) => watch.tap(question),
    reconfigure,
    giveBack() {
      if (clock.nowMs() - receivedAtMs < CALM_MS) return false
      shrinkHeap()
      return true
    },
    async stop() {
      await closeListeners()
      watch.close()
      feed.flush()
      collector.flush()
      events.flush()
      nap?.cancel()
      seal(clock.nowMs())
    },
  })
}

/** Memory of a batch that is not for anybody else. */
function columnsToMove({ ids, timesMs, values }: TimedPoints): ArrayBuffer[] {
  return ids.length === 0 ? [] : [ids, timesMs, values].map(({ buffer }) => buffer as ArrayBuffer)
}

/** The same sockets under descriptors of this thread, by listener. Throws the error of the system. */
async function duplicate(held: readonly HeldListener[]): Promise<ReadonlyMap<string, readonly HeldPort[]>> {
  if (held.length === 0) return new Map()
  const libc = await loadLibc()
  const duplicateOne = (port: HeldPort): HeldPort => {
    const descriptor = libc.dup(port.descriptor)
    if (descriptor < 0) throw libc.lastError('dup')
    return { ...port, descriptor }
  }
  return new Map(held.map(({ name, ports }) => [name, ports.map(duplicateOne)]))
}
