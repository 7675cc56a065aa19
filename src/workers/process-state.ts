import { buildStatus } from '../api/build-status.ts'
import type { LimitsStatus, RejectionSample, SinkStatus, StatusReport } from '../api/services.ts'
import type { Config } from '../config/config.ts'
import type { Clock } from '../lib/clock.ts'
import type { RecoveryProgress } from '../store/index.ts'
import type { TapNews } from '../model/tap.ts'
import { localTimeZone } from '../query/local-time-zone.ts'
import { deserializeError, KymoError } from '../telemetry/errors.ts'
import {
  addSinks,
  allocateOwnMetrics,
  hasRoomFor,
  layoutOwnMetrics,
  OwnMetrics,
  readOwnMetrics,
  type OwnMetricsLayout,
} from '../telemetry/own-metrics.ts'
import type { FirstMetric, FlushReport, StoreReport, WorkerToMain } from './calls.ts'
import { SampledLines } from './sampled-lines.ts'

export interface ProcessStateOptions {
  readonly config: Config
  readonly clock: Clock
  readonly version: string
  /** Names of the threads, for the labels of own metrics. */
  readonly threads: readonly string[]
  readonly listeners: readonly string[]
  readonly onFirstMetric: (metric: FirstMetric & { readonly afterMs: number }) => void
}

const NOTHING_REFUSED: LimitsStatus = { refused: 0, lastRefusedMs: null, offenders: [] }

/** For pages that are opened after a line was refused. */
const KEPT_REJECTIONS = 20

/** What the main thread knows of the process: what the threads told it, and what it reads in shared memory. */
export class ProcessState {
  readonly #firstLayout: OwnMetricsLayout
  #metricsLayout: OwnMetricsLayout
  /** The main thread's own. */
  readonly mainMetrics: OwnMetrics
  /** How datagrams are received; null until that is known. */
  receiver: StatusReport['receiver'] = null
  /** Somebody has come to a port that is held. */
  onArrival: () => void = () => {}
  /** What somebody watches has been seen. */
  onTapped: (news: TapNews) => void = () => {}
  /** Lines that were sampled while somebody watched. */
  readonly sampledLines = new SampledLines()
  /** Buffers of the other threads. */
  metricsBuffers: () => readonly SharedArrayBuffer[] = () => []
  readonly #options: ProcessStateOptions
  readonly #mainBuffer: SharedArrayBuffer
  readonly #startedAtMs: number
  /** Of this machine. Finding out takes longer than anything else here, and the sockets are not open yet. */
  #timeZone: string | undefined
  readonly #storedPointsSlot: number
  readonly #rejectionListeners = new Set<(sample: RejectionSample) => void>()
  /** In the order in which people look for them. */
  readonly #addresses = new Map<string, string[]>([
    ['statsd', []],
    ['graphite', []],
    ['http', []],
    ['admin', []],
  ])
  #notReadyReason: string | undefined = 'it is starting'
  #recovery: RecoveryProgress | null = null
  #storeProblem: KymoError | undefined
  #store: StoreReport = { points: 0, bytes: 0, seriesCount: 0, metricCount: 0 }
  #lastFlush: FlushReport | undefined
  #firstMetric: StatusReport['firstMetric'] = null
  /** The newest last. */
  #recentRejections: readonly RejectionSample[] = []
  #lastHeardMs: number
  #sinks: readonly SinkStatus[] = []
  #configuration: StatusReport['configuration'] = { readAtMs: 0, needRestart: [] }

  constructor(options: ProcessStateOptions) {
    this.#options = options
    this.#startedAtMs = options.clock.nowMs()
    this.#lastHeardMs = this.#startedAtMs
    this.#firstLayout = layoutOwnMetrics({
      listener: options.listeners,
      sink: ['store', ...options.config.sinks.map((sink) => sink.name)],
      thread: options.threads,
    })
    this.#storedPointsSlot = this.#firstLayout.slots.indexOf('kymo_stored_points_total')
    this.#metricsLayout = this.#firstLayout
    this.#mainBuffer = allocateOwnMetrics(this.#firstLayout)
    this.mainMetrics = new OwnMetrics(this.#firstLayout, this.#mainBuffer)
    this.configured([])
  }

  /** Where own metrics are now; grows when sinks are added. */
  get metricsLayout(): OwnMetricsLayout {
    return this.#metricsLayout
  }

  /** Gives sinks their places among own metrics. Throws the KymoError `reload-exhausted` and has changed nothing then. */
  addSinks(names: readonly string[]): void {
    const layout = addSinks(this.#metricsLayout, names)
    if (!hasRoomFor(this.#firstLayout, layout)) throw new KymoError('reload-exhausted')
    this.#metricsLayout = layout
  }

  /** The configuration that is in force has been read. */
  configured(needRestart: readonly string[]): void {
    const readAtMs = this.#options.clock.nowMs()
    this.#configuration = { readAtMs, needRestart }
    this.mainMetrics.gauge('kymo_config_timestamp_seconds').set(readAtMs / 1_000)
  }

  /** What the threads tell. */
  readonly fromWorkers: WorkerToMain = {
    rejected: (sample) => {
      this.#recentRejections = [...this.#recentRejections, sample].slice(-KEPT_REJECTIONS)
      for (const listener of this.#rejectionListeners) listener(sample)
    },
    lineSampled: (sample) => this.sampledLines.add(sample),
    tapped: (news) => this.onTapped(news),
    flushed: (report) => {
      this.#lastFlush = report
      this.#store = report
    },
    firstMetric: ({ key, type }) => {
      if (this.#firstMetric !== null) return
      const afterMs = this.#options.clock.nowMs() - this.#startedAtMs
      this.#firstMetric = { key, type, afterMs }
      this.#options.onFirstMetric({ key, type, afterMs })
    },
    arrived: () => this.onArrival(),
    heard: (atMs) => {
      this.#lastHeardMs = Math.max(this.#lastHeardMs, atMs)
    },
    recovering: (progress) => {
      this.#recovery = progress
    },
    storeProblem: (problem) => {
      this.#storeProblem = problem === null ? undefined : deserializeError(problem)
    },
    sinks: (statuses) => {
      this.#sinks = statuses
    },
  }

  /** A store that is opened anew has no problem until it says so. */
  storeOpened(report: StoreReport): void {
    this.#recovery = null
    this.#storeProblem = undefined
    this.#store = report
  }

  /** `service` listens there; addresses of one service add up. */
  listening(service: string, urls: readonly string[]): void {
    this.#addresses.set(service, [...(this.#addresses.get(service) ?? []), ...urls])
  }

  /** undefined: ready. */
  setNotReady(reason: string | undefined): void {
    this.#notReadyReason = reason
  }

  /** It is starting or stopping. undefined: neither. */
  notReadyReason(): string | undefined {
    if (this.#notReadyReason === undefined || this.#recovery === null) return this.#notReadyReason
    const { doneBytes, totalBytes } = this.#recovery
    return `it is recovering, ${doneBytes} of ${totalBytes} bytes`
  }

  /** Why the store takes nothing. undefined: it does. */
  storeProblemReason(): string | undefined {
    if (this.#storeProblem === undefined) return undefined
    return `the store takes nothing, points wait in memory: ${this.#storeProblem.message.replace(/\.$/, '')}`
  }

  recentRejections(): readonly RejectionSample[] {
    return this.#recentRejections
  }

  onRejection(listener: (sample: RejectionSample) => void): () => void {
    this.#rejectionListeners.add(listener)
    return () => this.#rejectionListeners.delete(listener)
  }

  ownMetrics(): ReadonlyMap<string, number> {
    return readOwnMetrics(this.#metricsLayout, [this.#mainBuffer, ...this.metricsBuffers()])
  }

  /** Since the start. Read before each answer that is kept, so it looks at nothing else. */
  storedPoints(): number {
    let points = 0
    for (const buffer of this.metricsBuffers())
      points += new Float64Array(buffer)[this.#storedPointsSlot] ?? 0
    return points
  }

  /** As of the last flush. */
  get metricCount(): number {
    return this.#store.metricCount
  }

  /** When packets last came; the start, while there were none. Right to a second. */
  lastHeardMs(): number {
    return this.#lastHeardMs
  }

  status(): StatusReport {
    const { config, clock, version } = this.#options
    const nowMs = clock.nowMs()
    const intervalMs = config.flush.intervalMs
    const ownMetrics = this.ownMetrics()
    const problem = this.#storeProblem
    return buildStatus({
      version,
      startedAtMs: this.#startedAtMs,
      nowMs,
      pid: process.pid,
      nodeVersion: process.versions.node,
      timeZone: (this.#timeZone ??= localTimeZone().name),
      flushIntervalMs: intervalMs,
      lastFlushMs: this.#lastFlush?.timestampMs ?? 0,
      nextFlushMs: this.#lastFlush?.nextEndMs ?? Math.ceil((nowMs + 1) / intervalMs) * intervalMs,
      addresses: Object.fromEntries(this.#addresses),
      receiver: this.receiver,
      store: {
        isEnabled: config.store.enabled,
        path: config.store.enabled ? config.store.path : null,
        points: this.#store.points,
        bytes: this.#store.bytes,
        waitingPoints: ownMetrics.get('kymo_queue_points{sink="store"}') ?? 0,
        recovery: this.#recovery,
        refusedTimes: this.#lastFlush?.refusedTimes ?? [],
        problem:
          problem === undefined ? null : { code: problem.code, message: problem.message, help: problem.help },
      },
      metricCount: this.#store.metricCount,
      seriesCount: this.#store.seriesCount,
      limits: this.#lastFlush?.limits ?? NOTHING_REFUSED,
      sinks: this.#sinks,
      configuration: this.#configuration,
      lastRejection: this.#recentRejections.at(-1) ?? null,
      firstMetric: this.#firstMetric,
      lastError: null,
      ownMetrics,
    })
  }
}
