// The thread of the sinks: takes batches from the keeper and delivers each to every sink, at each sink's own pace.
import { Readable } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'
import { join } from 'node:path'
import { systemClock, type Timer } from '../lib/clock.ts'
import { shrinkHeap } from '../lib/shrink-heap.ts'
import { DescriptorStream } from '../lib/descriptor-stream.ts'
import { DeadLetterFile } from '../sinks/delivery/dead-letter-file.ts'
import { Deliveries } from '../sinks/delivery/deliveries.ts'
import type { DeliveryStatus } from '../sinks/delivery/delivery.ts'
import { SinkStorage } from '../sinks/delivery/sink-storage.ts'
import { createSink } from '../sinks/create-sink.ts'
import type { SinkMeter } from '../sinks/sink.ts'
import type { SinkStatus } from '../api/services.ts'
import type { BackendStat } from '../model/backend-stat.ts'
import { KymoError } from '../telemetry/errors.ts'
import { OwnMetrics } from '../telemetry/own-metrics.ts'
import type {
  DeliveryCalls,
  DeliveryToKeeper,
  DeliveryToShard,
  KeeperToDelivery,
  PeerName,
  ShardToDelivery,
  WorkerToMain,
} from './calls.ts'
import { DiskRoom } from './disk-room.ts'
import { sendPieces } from './piece-stream.ts'
import { PointTaps } from './point-taps.ts'
import { type Link, openLink } from './rpc.ts'
import { SeriesReceiver } from '../model/series-link.ts'
import { workerSelf } from './worker-setup.ts'

/** How long a stop waits for the sinks to take what is queued, and a reload for those that are no longer there. */
const LONGEST_DRAIN_MS = 5_000
const REPORT_EVERY_MS = 1_000
const NOBODY = { address: '', port: 0 }

const { setup, log, metrics, main } = workerSelf()
const clock = systemClock
/** Of the sinks that are configured now. */
let metricsNow = metrics
const context = {
  log,
  clock,
  stdout: new DescriptorStream(1, clock),
  stderr: new DescriptorStream(2, clock),
}
const taps = new PointTaps({ clock, onNews: (news) => toMain.notify('tapped', news) })
const { store } = setup.config
const diskRoom = new DiskRoom({ ...store, clock })
/** Settles when the data directory is known to be ours. */
const storage = Promise.withResolvers<SinkStorage | undefined>()
let openedStorage: SinkStorage | undefined
if (!store.enabled) storage.resolve(undefined)
const deliveries = new Deliveries({
  createSink: (options, deadLetters) =>
    createSink(options, { ...context, deadLetters, meter: meterOf(options.name) }),
  openDeadLetters(sinkName) {
    const directory = join(store.path, 'dead-letter')
    return store.enabled ? new DeadLetterFile({ directory, sinkName, clock, log }) : undefined
  },
  storage: storage.promise,
  longestDrainMs: LONGEST_DRAIN_MS,
  clock,
  log,
  random: Math.random,
  onAttempt: tellGraphite,
  onDelivered(sinkName, { kind, batch }) {
    if (!taps.isOn) return
    if (kind === 'events') taps.seeEvents('sent', batch, sinkName)
    else taps.see('sent', batch, sinkName)
  },
})
/** Settles when they are as they were first said to be. */
let opened: Promise<void> = Promise.resolve()
/** By sink. */
const backendStats = new Map<string, readonly BackendStat[]>()
let keeper: Link<DeliveryToKeeper> | undefined
let toldStatus = ''
let report: Timer | undefined

const toMain = openLink<WorkerToMain, DeliveryCalls>(main, {
  connect({ peer, port }) {
    if (peer !== 'keeper') return connectShard(peer, port)
    const receiver = new SeriesReceiver()
    keeper = openLink<DeliveryToKeeper, KeeperToDelivery>(port, {
      flush: (message) => deliveries.flush(receiver.flush(message)),
      points: (message) => deliveries.points(receiver.points(message)),
      events: (events) => deliveries.events(events),
      settle() {},
    })
    // A keeper that takes the place of another knows nothing of what was sent.
    for (const status of deliveries.statuses()) tellGraphite(status)
  },
  async open() {
    opened = deliveries.reconfigure(setup.config.sinks, metrics)
    await opened
    tellStatus()
  },
  async useData() {
    if (!store.enabled || openedStorage !== undefined) return
    openedStorage = await SinkStorage.open({ path: store.path, clock, log, lack: () => diskRoom.lack() })
    await opened
    openedStorage.tellOrphans(setup.config.sinks.map(({ name }) => name))
    storage.resolve(openedStorage)
  },
  async reconfigure({ config, metricsLayout }) {
    await opened
    diskRoom.setReserve(config.store.reservedBytes)
    log.level = config.log.level
    metricsNow = new OwnMetrics(metricsLayout, setup.metricsBuffer)
    await deliveries.reconfigure(config.sinks, metricsNow)
    tellStatus()
  },
  async expose({ sink, format }) {
    await opened
    const pieces = deliveries.expose(sink, format)
    if (pieces === undefined) throw new KymoError('exposition-unknown', { name: sink ?? 'prometheus' })
    return { pieces: sendPieces(Readable.from(pieces), () => {}).port }
  },
  tap: (question) => taps.watch(question),
  giveBack() {
    shrinkHeap()
    return true
  },
  async stop() {
    report?.cancel()
    await deliveries.drain()
    openedStorage?.close()
  },
})

function meterOf(sink: string): SinkMeter {
  const lostPackets = metricsNow.counter('kymo_sink_lost_packets_total', { sink })
  const restarts = metricsNow.counter('kymo_module_restarts_total', { sink })
  return {
    lostPackets: (count) => lostPackets.add(count),
    restarted: () => restarts.add(1),
    says: (stats) => backendStats.set(sink, stats),
  }
}

function connectShard(peer: PeerName, port: MessagePort): void {
  const shard = openLink<DeliveryToShard, ShardToDelivery>(
    port,
    {
      packets({ bytes, ends, senders, senderOf }) {
        deliveries.packets({
          bytes,
          ends,
          senders: Array.from(senderOf, (index) => senders[index] ?? NOBODY),
        })
        shard.notify('tookPackets', bytes.length)
      },
    },
    peer,
  )
}

function tellGraphite(status: DeliveryStatus): void {
  const wasTried = (status.lastFlushMs ?? status.lastFailureMs) !== null
  if (status.type === 'graphite' && wasTried) keeper?.notify('sentToGraphite', status)
}

/** Now, and then every second. */
function tellStatus(): void {
  report?.cancel()
  const statuses = deliveries.statuses().map((status): SinkStatus => {
    const said = backendStats.get(status.name)
    return status.type === 'statsd-backend' && said !== undefined ? { ...status, backendStats: said } : status
  })
  const text = JSON.stringify(statuses)
  if (text !== toldStatus) toMain.notify('sinks', statuses)
  toldStatus = text
  report = clock.after(REPORT_EVERY_MS, tellStatus)
}
