// The single writer: merges what the shards hand over, flushes on the clock, keeps the store and its catalog.
import { isDeepStrictEqual } from 'node:util'
import type { MessagePort } from 'node:worker_threads'
import { deleteMetrics } from '../admin/delete-metrics.ts'
import {
  clearSavedInterval,
  createNaming,
  Flusher,
  intervalEndAt,
  IntervalMerger,
  type IntervalMergerOptions,
  loadSavedInterval,
  type OwnReadings,
  saveInterval,
} from '../aggregator/index.ts'
import type { FlushResult } from '../api/services.ts'
import type { Config } from '../config/config.ts'
import { sleep, systemClock } from '../lib/clock.ts'
import { shrinkHeap } from '../lib/shrink-heap.ts'
import type { MetricEvent } from '../model/event.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import { releaseColumns } from '../model/partial-aggregate.ts'
import { createStoreSink } from '../sinks/store.ts'
import { openEmbeddedStore, openEventStore, openMemoryEventStore, type OpenStore } from '../store/index.ts'
import type { EventStore } from '../store/events.ts'
import { KymoError, reasonOf, type SerializedError } from '../telemetry/errors.ts'
import { BoundaryBoard } from './boundary-board.ts'
import type {
  DeliveryToKeeper,
  IntakeCounts,
  KeeperCalls,
  KeeperToDelivery,
  KeeperToShard,
  ShardToKeeper,
  StoreReport,
  TimedPoints,
  WorkerToMain,
} from './calls.ts'
import { createCatalogAnswers } from './catalog-answers.ts'
import { deleteSeries } from './delete-series.ts'
import { DiskRoom } from './disk-room.ts'
import { GraphiteWatch } from './graphite-watch.ts'
import { openKeyFlush } from './key-flush-log.ts'
import { LimitWatch } from './limit-watch.ts'
import { listOpenMetrics } from './open-metrics.ts'
import { PastPoints } from './past-points.ts'
import { PointAdmission } from './point-admission.ts'
import { PointTaps, tapStore } from './point-taps.ts'
import { openLink, type Link } from './rpc.ts'
import { SeriesSender } from '../model/series-link.ts'
import { RecoveryNews } from './recovery-news.ts'
import { StoreOutage } from './store-outage.ts'
import { StoreWriter } from './store-writer.ts'
import { TimeWindow } from './time-window.ts'
import { SeriesByNumber } from './numbered-series.ts'
import { TypedPoints } from './typed-points.ts'
import { type ReloadedSetup, workerSelf } from './worker-setup.ts'

/** The longest a flush waits for a shard that does not hand over. */
const LONGEST_WAIT_FOR_SHARDS_MS = 150
/** The longest the console and a flush that somebody asks for wait: what is missing would be taken for lost. */
const LONGEST_WAIT_FOR_ALL_MS = 3_000
/** So long after its start a process may still be busy with that. */
const LOADING_MS = 10_000
/** The longest a stop waits for the delivery thread to have taken the last batch. */
const LONGEST_WAIT_FOR_DELIVERY_MS = 1_000

const { setup, log, metrics, main: mainPort } = workerSelf()
let { config } = setup
const clock = systemClock
const beganMs = clock.monotonicMs()
const board = new BoundaryBoard(setup.boundaryBuffer)
const limitWatch = new LimitWatch({
  limits: config.limits,
  clock,
  log,
  metrics,
  isKnown: (key, type) => store?.catalog.hasMetric(key, type) === true,
})
const NOTHING_COUNTED: IntakeCounts = { packets: 0, lines: 0, badLines: 0 }
/** By all threads that take in, since the last flush. */
let counted = NOTHING_COUNTED
const merger = new IntervalMerger(mergerOptions())
let keyFlush = openKeyFlush(config.aggregator.keyFlush, clock, log)
const shards = new Map<number, Link<KeeperToShard>>()
/** Those whose listeners are open; before that, a thread that is still being loaded has nothing to hand over. */
const shardsTakingIn = new Set<number>()
const pointAdmission = new PointAdmission({
  limits: limitWatch.limits,
  monotonicMs: () => clock.monotonicMs(),
})
const refusedPoints = metrics.counter('kymo_dropped_points_total', {
  sink: 'store',
  drop_reason: 'over_limit',
})
const typedPoints = new TypedPoints({
  naming: createNaming(config.aggregator.naming),
  catalog: () => store?.catalog,
  admission: pointAdmission,
  onRefused: (points) => refusedPoints.add(points),
  monotonicMs: () => clock.monotonicMs(),
})
const timeWindow = new TimeWindow({ ...config.store, clock, log, metrics })
const diskRoom = new DiskRoom({ ...config.store, clock })
const catalogAnswers = createCatalogAnswers(() => store, keptEvents)
const lastFlush = metrics.gauge('kymo_last_flush_timestamp_seconds')
const flushes = metrics.counter('kymo_flushes_total')
/** Resolves once it is open; restarted, it may be told of another configuration before that. */
const opened = Promise.withResolvers<void>()
let store: OpenStore | undefined
let writer: StoreWriter | undefined
let past: PastPoints | undefined
let flusher: Flusher | undefined
let delivery: { link: Link<KeeperToDelivery>; sender: SeriesSender } | undefined
let lastFlushMs = 0
const graphiteWatch = new GraphiteWatch(config.sinks, clock.nowMs())
let eventStore: EventStore | undefined
/** The resumed interval's file is there until a flush has it. */
let hasSavedInterval = false

const taps = new PointTaps({ clock, onNews: (news) => main.notify('tapped', news) })

const deliveryAnswers: DeliveryToKeeper = {
  sentToGraphite: (status) => graphiteWatch.sent(status),
}

const main: Link<WorkerToMain> = openLink<WorkerToMain, KeeperCalls>(mainPort, {
  connect({ peer, port }) {
    if (peer === 'delivery') {
      delivery = { link: openLink(port, deliveryAnswers, peer), sender: new SeriesSender() }
    } else if (peer.startsWith('query-')) openLink(port, catalogAnswers, peer)
    else connectShard(Number(peer.slice('shard-'.length)), port)
  },
  open,
  catalogVersion: () => catalogAnswers.catalogVersion(null),
  sharedNames: () => store?.catalog.sharedNames ?? null,
  async flushNow(): Promise<FlushResult> {
    if (flusher === undefined) throw new KymoError('not-ready', { reason: 'it is starting' })
    const batch = await flusher.flushNow()
    return { timestampMs: batch.timestampMs, seriesCount: merger.seriesCount }
  },
  tap: (question) => taps.watch(question),
  importPoints: async ({ body, isDurable }) => await pastPoints().take(body, isDurable),
  async backUp(path) {
    const report = await keptStore().backUp(path)
    await keptEvents().backUp(path)
    return report
  },
  deleteSeries: async (wanted) => await deleteSeries(keptStore(), wanted, keptWriter()),
  async addEvent(event) {
    const [id] = takeEvents([event])
    if (id === undefined) throw new Error('BUG: an event was kept and has no id')
    return id
  },
  findEvents: (query) => keptEvents().find(query),
  getEvent: (id) => keptEvents().get(id),
  async openMetrics(type) {
    await collectOpen()
    return listOpenMetrics(merger, type)
  },
  async deleteMetrics({ type, given }) {
    await collectOpen()
    return deleteMetrics(merger.metrics(type), given)
  },
  reconfigure,
  giveBack,
  stop,
})

function giveBack(): boolean {
  shrinkHeap()
  return true
}

function pastPoints(): PastPoints {
  if (!config.store.enabled) throw new KymoError('store-disabled')
  if (past === undefined) throw new KymoError('not-ready', { reason: 'it is starting' })
  return past
}

function keptStore(): OpenStore {
  if (!config.store.enabled) throw new KymoError('store-disabled')
  if (store === undefined) throw new KymoError('not-ready', { reason: 'it is starting' })
  return store
}

function keptWriter(): StoreWriter {
  if (writer === undefined) throw new KymoError('not-ready', { reason: 'it is starting' })
  return writer
}

function keptEvents(): EventStore {
  if (eventStore === undefined) throw new KymoError('not-ready', { reason: 'it is starting' })
  return eventStore
}

async function openStore({ path, rules, fsync }: Config['store']): Promise<void> {
  const recovery = new RecoveryNews({ clock, tell: (progress) => main.notify('recovering', progress) })
  store = await openEmbeddedStore({
    path,
    rules,
    log,
    clock,
    onProgress: (progress) => recovery.take(progress),
  })
  writer = new StoreWriter({
    sink: tapStore(createStoreSink({ ...store, clock: systemClock }), taps),
    engine: store.engine,
    room: diskRoom,
    outage: new StoreOutage({ clock, log, onChange: tellStoreProblem }),
    fsync,
    clock,
    metrics,
  })
  past = new PastPoints({
    store,
    writer,
    window: timeWindow,
    admits: (key, isStored) => pointAdmission.admits(key, 'untyped', isStored),
    onRefused: (points) => refusedPoints.add(points),
    clock,
  })
}

function tellStoreProblem(problem: SerializedError | null): void {
  main.notify('storeProblem', problem)
}

async function open(): Promise<StoreReport> {
  if (config.store.enabled) await openStore(config.store)
  eventStore = config.store.enabled
    ? openEventStore({ path: config.store.path, clock, log })
    : openMemoryEventStore({ clock })
  await resume()
  flusher = new Flusher({
    clock,
    intervalMs: config.flush.intervalMs,
    merger,
    notBeforeMs: lastFlushMs,
    collect,
    onMerged: releaseColumns,
    publish,
    durationSeconds: metrics.histogram('kymo_flush_duration_seconds'),
    latePartials: metrics.counter('kymo_late_partials_total'),
  })
  const aheadMs = flusher.openEndMs - clock.nowMs()
  if (aheadMs > config.flush.intervalMs) {
    log.warn(
      { aheadMs },
      'the newest flush is stamped ahead of the clock; the next one waits until the clock has caught up',
    )
  }
  flusher.start()
  opened.resolve()
  return storeReport()
}

function mergerOptions(): IntervalMergerOptions {
  return {
    intervalMs: config.flush.intervalMs,
    ...config.aggregator,
    admission: limitWatch.limits,
    wishes: () => ({
      isWanted: store !== undefined || config.sinks.length > 0,
      areSketchesWanted: store !== undefined && config.store.hasSketches,
      areDetailsWanted: config.appetite.details,
      areIdleGaugesWanted: config.appetite.idleGauges,
    }),
    ...(config.aggregator.ownSeries
      ? { own: { read: readOwn, monotonicMs: () => clock.monotonicMs() } }
      : {}),
  }
}

/** The open interval stays, and all that the merger holds. */
async function reconfigure({ config: next }: ReloadedSetup): Promise<void> {
  await opened.promise
  const before = config
  config = next
  log.level = config.log.level
  if (!isDeepStrictEqual(config.limits, before.limits)) {
    limitWatch.reconfigure(config.limits)
    pointAdmission.reconfigure(limitWatch.limits)
  }
  graphiteWatch.reconfigure(config.sinks)
  // Nobody asked for what was counted meanwhile.
  if (!before.aggregator.ownSeries) counted = NOTHING_COUNTED
  merger.reconfigure(mergerOptions())
  if (!isDeepStrictEqual(config.aggregator.naming, before.aggregator.naming))
    typedPoints.rename(createNaming(config.aggregator.naming))
  if (!isDeepStrictEqual(config.aggregator.keyFlush, before.aggregator.keyFlush))
    keyFlush = openKeyFlush(config.aggregator.keyFlush, clock, log)
  if (!isDeepStrictEqual(config.store.rules, before.store.rules)) store?.setRules(config.store.rules)
  writer?.setFsync(config.store.fsync)
  timeWindow.reconfigure(config.store)
  diskRoom.setReserve(config.store.reservedBytes)
}

/**
 * Takes up the interval that was open when Kymo stopped. Its file stays until a flush that has it is in the store, so
 * that a crash in between loses nothing of it. Any flush after the stop has it, whatever its timestamp: the flush
 * interval may be another one now.
 */
async function resume(): Promise<void> {
  lastFlushMs = store?.engine.stats().newestTimeMs ?? 0
  const saved = config.store.enabled ? loadSavedInterval(config.store.path, log) : undefined
  if (saved === undefined) return
  hasSavedInterval = true
  if (lastFlushMs > saved.lastFlushMs) {
    forgetSavedInterval()
    return
  }
  lastFlushMs = saved.lastFlushMs
  merger.restore(saved.partial)
  // Under another flush interval than before, the end is the next multiple of the new one.
  const endMs = intervalEndAt(saved.partial.intervalEndMs - 1, config.flush.intervalMs)
  // The interval ended while Kymo was not running: it is flushed under its own time.
  if (endMs > lastFlushMs && endMs <= clock.nowMs()) await publish(merger.close(endMs))
}

/** If this fails it is tried again after the next flush. */
function forgetSavedInterval(): void {
  try {
    clearSavedInterval(config.store.path)
    hasSavedInterval = false
  } catch (error) {
    log.error({ reason: reasonOf(error) }, 'the saved interval could not be removed')
  }
}

function connectShard(shardId: number, port: MessagePort): void {
  // What the thread before this one sent means something only with the names that one told.
  shards.get(shardId)?.drain()
  flusher?.dropShard(shardId)
  shardsTakingIn.delete(shardId)
  const numberedSeries = new SeriesByNumber()
  const shard = openLink<KeeperToShard, ShardToKeeper>(
    port,
    {
      takesIn: () => void shardsTakingIn.add(shardId),
      partial: (partial) => flusher?.receive(shardId, partial),
      counted({ packets, lines, badLines }) {
        counted = {
          packets: counted.packets + packets,
          lines: counted.lines + lines,
          badLines: counted.badLines + badLines,
        }
      },
      keysCounted: (keyCounts) => keyFlush?.add(keyCounts),
      points(points) {
        const count = points.ids.length
        // Only when they are written: a store that is slow is waited for by whoever sends, and not in memory.
        void takePoints(points, numberedSeries).then(() => shard.notify('tookPoints', count))
      },
      events(events) {
        try {
          takeEvents(events)
        } catch (error) {
          log.error(
            { events: events.length, reason: reasonOf(error) },
            'events could not be kept and are lost',
          )
        }
      },
    },
    `shard-${shardId}`,
  )
  shards.set(shardId, shard)
}

/** Gets what every shard has of the interval. The board tells that a shard's partial is in its port. */
async function collect(intervalEndMs: number, isEarly: boolean): Promise<void> {
  if (isEarly) for (const shard of shards.values()) shard.notify('seal', intervalEndMs)
  // One that is dead is not waited for: its successor will be another link.
  const expected = [...shardsTakingIn].filter((shardId) => shards.get(shardId)?.isBroken === false)
  // Off the clock there is time.
  const longestMs = isEarly ? LONGEST_WAIT_FOR_ALL_MS : LONGEST_WAIT_FOR_SHARDS_MS
  const late = await board.waitForAll(intervalEndMs, expected, longestMs)
  for (const shard of shards.values()) shard.drain()
  if (late.length === 0) return
  // While threads are still being loaded they have no time, and nothing is amiss.
  const level = clock.monotonicMs() - beganMs < LOADING_MS ? 'debug' : 'warn'
  log[level]({ shards: late, intervalEndMs }, 'a shard was late; what it has counts in the next interval')
}

/** What Kymo says about itself in the flush under way. */
function readOwn(): OwnReadings {
  const { packets, lines, badLines } = counted
  const graphite = graphiteWatch.readings
  counted = NOTHING_COUNTED
  return {
    packetsReceived: packets,
    metricsReceived: lines,
    badLinesSeen: badLines,
    ...(graphite === undefined ? {} : { graphite }),
  }
}

/** Gets what every shard has so far; the interval stays open. */
async function collectOpen(): Promise<void> {
  const alive = [...shards.values()].filter((shard) => !shard.isBroken)
  const handedOver = Promise.allSettled(alive.map((shard) => shard.call('handOver', null)))
  await Promise.race([handedOver, sleep(clock, LONGEST_WAIT_FOR_ALL_MS)])
}

async function publish(batch: FlushBatch): Promise<void> {
  lastFlushMs = batch.timestampMs
  if (taps.isOn) taps.see('aggregated', batch)
  const sinks = wayToSinks()
  sinks?.link.notify('flush', sinks.sender.flush(batch))
  await writer?.flush(batch)
  // While the store does not take the batch, the file is all there is of its beginning.
  if (hasSavedInterval && (store?.engine.stats().newestTimeMs ?? 0) >= batch.timestampMs)
    forgetSavedInterval()
  keyFlush?.tick(clock.nowMs())
  pointAdmission.forgetIdle()
  flushes.add(1)
  lastFlush.set(batch.timestampMs / 1_000)
  metrics.gauge('kymo_metrics').set(merger.metricCount)
  if (merger.unnamedRowCount > 0)
    log.error({ rows: merger.unnamedRowCount }, 'BUG: samples came without a name and are lost')
  main.notify('flushed', {
    ...storeReport(),
    timestampMs: batch.timestampMs,
    nextEndMs: flusher?.openEndMs ?? batch.timestampMs + config.flush.intervalMs,
    limits: limitWatch.report(batch.timestampMs),
    refusedTimes: timeWindow.refusedTimes(),
  })
}

async function takePoints(points: TimedPoints, numberedSeries: SeriesByNumber): Promise<void> {
  const batch = typedPoints.toBatch(points, numberedSeries)
  if (batch.values.length === 0) return
  const sinks = wayToSinks()
  sinks?.link.notify('points', sinks.sender.points(batch))
  if (writer === undefined) return
  const kept = timeWindow.within(batch)
  if (kept.values.length > 0) await writer.points(kept)
}

/** Keeps events and passes them on; returns their ids. Throws where they cannot be kept, and then they are not passed on. */
function takeEvents(events: readonly MetricEvent[]): readonly number[] {
  const ids = keptEvents().append(events)
  wayToSinks()?.link.notify('events', events)
  return ids
}

/** Without sinks nothing needs to cross. */
function wayToSinks(): typeof delivery {
  return config.sinks.length > 0 ? delivery : undefined
}

function storeReport(): StoreReport {
  const stats = store?.engine.stats()
  const report = {
    points: stats?.pointCount ?? 0,
    bytes: stats?.storedBytes ?? 0,
    seriesCount: store?.catalog.seriesCount ?? 0,
    metricCount: store?.catalog.metricCount ?? merger.metricCount,
  }
  metrics.gauge('kymo_series').set(report.seriesCount)
  metrics.gauge('kymo_stored_bytes').set(report.bytes)
  return report
}

/** The shards have handed over everything. What is open is saved, or flushed where nothing is kept. */
async function stop(): Promise<void> {
  for (const shard of shards.values()) shard.drain()
  if (flusher === undefined) return
  await flusher.stop()
  for (const shard of shards.values()) shard.drain()
  if (store === undefined || !isSaved(flusher.openEndMs)) await publish(merger.close(flusher.openEndMs))
  flusher = undefined
  await writer?.close()
  await eventStore?.close()
  await store?.close()
  await settleDelivery()
}

/** Where the open interval cannot be saved it is better flushed too early than lost. */
function isSaved(intervalEndMs: number): boolean {
  try {
    saveInterval(config.store.path, { lastFlushMs, partial: merger.snapshot(intervalEndMs) })
    return true
  } catch (error) {
    log.error({ reason: reasonOf(error) }, 'the open interval could not be saved; it is flushed instead')
    return false
  }
}

/** The batches on their way to the delivery thread arrive before it is told to stop. */
async function settleDelivery(): Promise<void> {
  if (delivery === undefined) return
  const settled = delivery.link.call('settle', null).catch((error: unknown) => {
    log.warn({ reason: reasonOf(error) }, 'the delivery thread was not there to take the last batch')
  })
  await Promise.race([settled, sleep(clock, LONGEST_WAIT_FOR_DELIVERY_MS)])
}
