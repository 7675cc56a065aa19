import type { MessagePort } from 'node:worker_threads'
import type { Deletion } from '../admin/delete-metrics.ts'
import type { MetricListing } from '../admin/list-metrics.ts'
import type { AdminMetricType } from '../admin/services.ts'
import type { KeyCounts } from '../aggregator/index.ts'
import type {
  DeletionReport,
  FlushResult,
  ImportResult,
  ExpositionWanted,
  IntakeReport,
  LimitsStatus,
  RefusedTime,
  LinesToTake,
  QueryAnswer,
  QueryRequest,
  RulesAnswer,
  RulesQuestion,
  SeriesDeletion,
  SeriesUse,
  SinkStatus,
  SizeQuestion,
  SizeReport,
  UsageQuestion,
} from '../api/services.ts'
import type { LastRead } from '../api/series-usage.ts'
import type { BoundAddress, BoundPath, ReceiverKind } from '../listeners/listener.ts'
import type { PackedPackets } from '../listeners/packet-feed.ts'
import type { MetricEvent } from '../model/event.ts'
import type { LineSample } from '../model/line-sample.ts'
import type { RejectionSample } from '../model/rejection.ts'
import type { PartialAggregate } from '../model/partial-aggregate.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { TapNews, TapQuestion } from '../model/tap.ts'
import type {
  MetricsQuestion,
  NodeChoice,
  SeriesCursor,
  SeriesPage,
  TagQuestion,
  TagValue,
} from '../store/catalog.ts'
import type { BackupReport } from '../store/backup-report.ts'
import type { SharedNames } from '../store/catalog/catalog-columns.ts'
import type { EventQuery, StoredEvent } from '../store/events.ts'
import type {
  PackedChildren,
  PackedMetrics,
  PackedNodes,
  PackedSeries,
  PackedServices,
  RecoveryProgress,
} from '../store/index.ts'
import type { SerializedError } from '../telemetry/errors.ts'
import type { PointType } from './point-identities.ts'
import type { FlushMessage, PointMessage } from '../model/series-link.ts'
import type { HeldListener } from './stream-ports.ts'
import type { ReloadedSetup } from './worker-setup.ts'

/**
 * Who says what to whom. One type per direction of each link; see rpc.ts.
 *
 *   receiver, stream --ShardToKeeper--> keeper --KeeperToDelivery--> delivery
 *          ^---------KeeperToShard------'  ^ ^---DeliveryToKeeper------'
 *                                          '-----QueryToKeeper------ query
 *   receiver, stream --ShardToDelivery--> delivery, which answers with DeliveryToShard
 *   main --…Calls--> each of them          each of them --WorkerToMain--> main
 */
export type PeerName = 'keeper' | 'delivery' | `query-${number}` | `shard-${number}`

/** Served by every worker. */
export type LifeCalls = {
  /** A port to another thread, now or again after that thread was restarted. */
  connect(link: { peer: PeerName; port: MessagePort }): void
  /** Goes on with another configuration, as far as it can; answered once it does. Whatever has come in stays. */
  reconfigure(setup: ReloadedSetup): void | Promise<void>
  /** Gives back memory that it has and does not use. false: it has no time now. */
  giveBack(argument: null): boolean | Promise<boolean>
  /** Finishes what is under way; the thread is ended afterwards. */
  stop(argument: null): Promise<void>
}

export type IntakeCalls = LifeCalls & {
  /** Binds the listeners, or takes over those that are held; ports of 0 are replaced by what `ports` knows already. */
  open(ports: IntakePorts & { readonly held?: readonly HeldListener[] }): Promise<OpenedListener[]>
  /**
   * Opens the ports of the thread of streams and watches them; that thread is told of them when somebody has come. null: this
   * thread cannot. Those of a receiver.
   */
  hold(ports: IntakePorts): Promise<readonly HeldListener[] | null>
  /** Watches what another receiver held. false: this thread cannot. */
  watch(descriptors: readonly number[]): boolean
  /** Answers whether somebody is there. */
  endWatch(argument: null): boolean
  /** Gives the addresses back, so that `open` can be tried with other ports. */
  closeListeners(argument: null): Promise<void>
  /** Tells main of some of the lines, for `WATCH_MS` from now. */
  watchLines(argument: null): void
  /** Shows lines of some names. */
  tap(question: TapQuestion): void
  /** What came as the body of a request. Only the thread of streams takes such. */
  takeLines(lines: LinesToTake): Promise<IntakeReport>
}

/** undefined: that service is not wanted. */
export type IntakePorts = {
  readonly statsd: number
  readonly graphite: number
  readonly pickle?: number | undefined
}

export interface OpenedListener {
  readonly service: keyof IntakePorts
  readonly bound: readonly (BoundAddress | BoundPath)[]
  /** Of StatsD's UDP: how datagrams are received. */
  readonly receiver?: ReceiverKind
}

export type KeeperCalls = LifeCalls & {
  open(argument: null): Promise<StoreReport>
  /** A SharedVersion: that of the catalog. It goes up whenever series come or go. */
  catalogVersion(argument: null): SharedArrayBuffer
  /** With what names are found without asking; null: they cannot be. */
  sharedNames(argument: null): SharedNames | null
  flushNow(argument: null): Promise<FlushResult>
  /** Shows points behind `aggregated` or `stored`. */
  tap(question: TapQuestion): void
  /** Points of the past, as columns; see services.ts. */
  importPoints(request: { body: Uint8Array; isDurable: boolean }): Promise<ImportResult>
  backUp(path: string): Promise<BackupReport>
  deleteSeries(wanted: SeriesDeletion): Promise<DeletionReport>
  /** Resolves to the event's id once it is safe. */
  addEvent(event: MetricEvent): Promise<number>
  findEvents(query: EventQuery): readonly StoredEvent[]
  getEvent(id: number): StoredEvent | undefined
  /** What the metrics of a type hold in the open interval. */
  openMetrics(type: AdminMetricType): Promise<MetricListing>
  deleteMetrics(request: MetricDeletion): Promise<readonly Deletion[]>
}

export interface MetricDeletion {
  readonly type: AdminMetricType
  readonly given: readonly string[]
}

export type QueryCalls = LifeCalls & {
  query(question: ThreadQuestion, signal: AbortSignal): Promise<ThreadAnswer>
  /** Which series it has read. */
  usage(question: UsageQuestion): readonly SeriesUse[]
  /** When it last read a series of each of these children of a prefix, and for whom. */
  lastReads(question: ChildrenQuestion): readonly LastRead[]
  size(question: SizeQuestion, signal: AbortSignal): Promise<SizeReport>
  rules(question: RulesQuestion, signal: AbortSignal): Promise<RulesAnswer>
}

export interface ThreadQuestion {
  readonly request: QueryRequest
  /** Bodies of earlier answers that are out: memory for this one and the next. */
  readonly memory: readonly ArrayBuffer[]
}

/** An answer on its way out of its thread: what does not fit into it follows through a port; see piece-stream.ts. */
export interface ThreadAnswer extends Omit<QueryAnswer, 'rest' | 'giveBack'> {
  readonly rest?: MessagePort
  /** The memory of the body is to come back with a later question. */
  readonly isLent?: boolean
}

export type DeliveryCalls = LifeCalls & {
  /** Shows what a sink has taken. */
  tap(question: TapQuestion): void
  open(argument: null): Promise<void>
  /** The keeper has the data directory: what sinks keep there can be taken up. Nothing is sent before. */
  useData(argument: null): Promise<void>
  /** A port on which the pieces come (piece-stream.ts). Rejects with the KymoError `exposition-unknown`. */
  expose(wanted: ExpositionWanted): Promise<{ readonly pieces: MessagePort }>
}

/** Served by main to every worker; all notices. */
export type WorkerToMain = {
  rejected(sample: RejectionSample): void
  /** Some lines of each second, while lines are watched. */
  lineSampled(sample: LineSample): void
  /** What somebody watches. */
  tapped(news: TapNews): void
  flushed(report: FlushReport): void
  /** How far the keeper is with reading through what a crash left, while it does. */
  recovering(progress: RecoveryProgress): void
  /** The store has begun to take nothing, for another reason than before, or takes points again (null). */
  storeProblem(problem: SerializedError | null): void
  /** Whenever something about a sink has changed, at most once a second. */
  sinks(statuses: readonly SinkStatus[]): void
  /** Somebody has come to a port that is held. */
  arrived(argument: null): void
  /** Packets came; at most once a second. */
  heard(atMs: number): void
  /** Once in the life of a thread that takes in. */
  firstMetric(metric: FirstMetric): void
}

export interface FlushReport extends StoreReport {
  readonly timestampMs: number
  readonly nextEndMs: number
  readonly limits: LimitsStatus
  readonly refusedTimes: readonly RefusedTime[]
}

/** What a thread took in first. */
export interface FirstMetric {
  readonly key: SeriesKey
  readonly type: SeriesIdentity['metricType']
}

export interface StoreReport {
  readonly points: number
  readonly bytes: number
  readonly seriesCount: number
  readonly metricCount: number
}

export type ShardToKeeper = {
  /** From now on something may come in, and flushes wait for it. Said to each keeper. */
  takesIn(argument: null): void
  partial(partial: PartialAggregate): void
  /** What was counted since it last said so. */
  counted(counts: IntakeCounts): void
  /** With `aggregator.key_flush`: how often each key came since it last said so. */
  keysCounted(counts: KeyCounts): void
  points(points: TimedPoints): void
  events(events: readonly MetricEvent[]): void
}

export interface IntakeCounts {
  readonly packets: number
  readonly lines: number
  readonly badLines: number
}

/** Points with times of their own, as columns. Series are numbers, introduced with the first points that use them, or before. */
export interface TimedPoints {
  readonly newKeys: readonly SeriesKey[]
  /** Of a typed point, `newKeys` has the metric's key. */
  readonly newTypes: readonly PointType[]
  /** The first new one has this number, the others follow. 0: forget all numbers known before. */
  readonly newFrom: number
  readonly ids: Uint32Array
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

export type KeeperToShard = {
  /** Close the interval that ends at `throughMs` now, if it is still open. */
  seal(throughMs: number): void
  /** Hand over what there is of the open interval, which stays open; answered behind the partial. */
  handOver(argument: null): void
  /** That many points have been taken in, and written where there is a store. */
  tookPoints(count: number): void
}

export type QueryToKeeper = {
  /** What a reader of the store is opened with; null where nothing is stored. */
  share(argument: null): unknown
  /** A SharedVersion: that of the catalog. */
  catalogVersion(argument: null): SharedArrayBuffer
  findNodes(question: PatternQuestion & NodeChoice, signal: AbortSignal): Promise<PackedNodes>
  findSeries(question: PatternQuestion, signal: AbortSignal): Promise<PackedSeries>
  findSeriesByTags(question: ExpressionQuestion, signal: AbortSignal): Promise<PackedSeries>
  tags(question: TagQuestion, signal: AbortSignal): Promise<string[]>
  tagValues(question: TagQuestion & { readonly tag: string }, signal: AbortSignal): Promise<TagValue[]>
  metrics(question: MetricsQuestion, signal: AbortSignal): Promise<PackedMetrics>
  services(limit: number, signal: AbortSignal): Promise<PackedServices>
  children(question: PrefixQuestion, signal: AbortSignal): Promise<PackedChildren>
  page(question: PageQuestion, signal: AbortSignal): Promise<SeriesPage | undefined>
  findEventTimes(query: EventQuery): readonly number[]
}

export interface PrefixQuestion {
  readonly prefix: string
  readonly limit: number
}

export interface PageQuestion {
  readonly cursor: SeriesCursor | undefined
  readonly limit: number
}

export interface ChildrenQuestion {
  readonly prefix: string
  /** Paths, as `childPathOf` has them. */
  readonly children: readonly string[]
}

export interface PatternQuestion {
  readonly pattern: string
  readonly limit: number
}

export interface ExpressionQuestion {
  readonly expressions: readonly string[]
  readonly limit: number
}

export type KeeperToDelivery = {
  flush(message: FlushMessage): void
  points(message: PointMessage): void
  events(events: readonly MetricEvent[]): void
  /** Answered once everything sent before has been taken in. */
  settle(argument: null): void
}

export type ShardToDelivery = {
  /** What was received, for sinks that pass it on. */
  packets(packets: PackedPackets): void
}

export type DeliveryToShard = {
  /** Of packets, that many bytes have been taken in. */
  tookPackets(byteCount: number): void
}

export type DeliveryToKeeper = {
  /** A sink to Graphite delivered a batch, or failed to. */
  sentToGraphite(status: SinkStatus): void
}
