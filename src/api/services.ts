import type { ExpositionFormat } from '../formats/prometheus-text/negotiate.ts'
import type { RemoteWriteVersion } from '../formats/prometheus-remote-write/version.ts'
import type { DashboardStore } from '../dashboards/dashboard-store.ts'
import type { BackendStat } from '../model/backend-stat.ts'
import type { MetricEvent } from '../model/event.ts'
import type { LineSample } from '../model/line-sample.ts'
import type { Offender } from '../model/offender.ts'
import type { RejectionReason, RejectionSample } from '../model/rejection.ts'
import type { Sending } from '../model/sending.ts'
import type { TapNews, TapQuestion } from '../model/tap.ts'
import type { TimeRange } from '../model/time-range.ts'
import type { EventQuery, StoredEvent } from '../store/events.ts'
import type { BackupReport } from '../store/backup-report.ts'
import type { RuleBookSource } from '../store/rules/rule-book-source.ts'
import type { RulesReport } from '../store/rules/rules-report.ts'
import type { ErrorCode, SerializedError } from '../telemetry/errors.ts'

export type { RejectionSample } from '../model/rejection.ts'

/**
 * What routes may ask of the rest of Kymo. Routes hold no state and know no thread; roles/ provides this.
 * Every promise rejects with a KymoError.
 */
export interface ApiServices {
  /** Evaluated and encoded in a query thread; the bytes go out as they are. */
  query(request: QueryRequest, signal: AbortSignal): Promise<QueryAnswer>
  /** What can be told at once, without another thread; undefined, or left out: `query` can. Throws what that would reject with. */
  queryNow?(request: QueryRequest): QueryAnswer | undefined
  /** Which series queries have read since the start, those that were read last first. */
  usage(question: UsageQuestion): Promise<readonly SeriesUse[]>
  /** What the series below a prefix take up, child by child. */
  size(question: SizeQuestion, signal: AbortSignal): Promise<SizeReport>
  /** What rules would do to the series that there are, beside what those in force do. */
  rules(question: RulesQuestion, signal: AbortSignal): Promise<RulesAnswer>
  /** Grows whenever points have been stored, and when queries see them at the latest. */
  storedPoints(): number
  /** Closes the interval now and flushes it. */
  flushNow(): Promise<FlushResult>
  /**
   * Reads the configuration again and changes what has changed. Rejects as a start would with a configuration that is
   * wrong, and has changed nothing then.
   */
  reload(): Promise<ReloadReport>
  /** Everything `/api/status` shows. */
  status(): StatusReport
  /** undefined: ready; otherwise why not. */
  notReadyReason(): string | undefined
  /** What taking in and answering depend on, one by one. */
  dependencies(): readonly Dependency[]
  /** Own metrics, summed over all threads, by slot name. */
  ownMetrics(): ReadonlyMap<string, number>
  /**
   * Takes in points of the past: columns as docs/formats/point-columns.md describes them, which belong to it from then on. With `isDurable` it resolves when
   * they, and all that were taken in before, survive a power cut; otherwise when they can be read.
   */
  importPoints(columns: Uint8Array, isDurable: boolean): Promise<ImportResult>
  /**
   * Takes in lines, or points of JSON, as a listener does: resolves when they are on their way to the store. The bytes belong to it from then on.
   * Rejects with `request-invalid` where JSON or what is compressed is none, and with `body-too-large` where it swells.
   */
  takeLines(lines: LinesToTake): Promise<IntakeReport>
  /** What Prometheus gets when it scrapes, in pieces that are made as they are asked for. Throws the KymoError `exposition-unknown`. */
  expose(wanted: ExpositionWanted): Promise<AsyncIterable<Uint8Array>>
  readonly store: StoreServices
  readonly events: EventServices
  readonly dashboards: DashboardStore
  /** The rejected lines that were sampled last, the newest last. */
  recentRejections(): readonly RejectionSample[]
  /** Calls `listener` with each rejected line that is sampled (at most a few a second), until cancelled. */
  onRejection(listener: (rejection: RejectionSample) => void): () => void
  /** The sampled lines with a greater id than `after`. To be asked again and again: that keeps them being sampled. */
  incomingLines(after: number): IncomingLines
  /**
   * Tells `onNews` of what passes a stage, until what it returns is called; null: Kymo stops. Throws `server-busy` when too many watch.
   */
  tap(question: Omit<TapQuestion, 'id'>, onNews: (news: TapNews | null) => void): () => void
}

export interface Dependency {
  /** `keeper`, `store`, `delivery`. */
  readonly name: string
  /** null: there is none. */
  readonly problem: string | null
}

export interface IncomingLines {
  /** The oldest first. */
  readonly lines: readonly IncomingLine[]
  /** The id of the newest line there is; 0: there is none. Smaller than before when Kymo has been restarted. */
  readonly lastId: number
}

export interface IncomingLine extends LineSample {
  readonly id: number
}

export type LinesFormat = 'graphite' | 'statsd' | 'influx' | 'json' | 'remote-write' | 'otlp' | 'otlp-json'

export interface ExpositionWanted {
  /** Name of the sink; undefined: the first that can be scraped. */
  readonly sink: string | undefined
  readonly format: ExpositionFormat
}

export interface LinesToTake {
  readonly format: LinesFormat
  /** In what times of `influx` are given. */
  readonly unit: 'ns' | 'us' | 'ms' | 's' | 'm' | 'h'
  /** Of `remote-write`. */
  readonly version?: RemoteWriteVersion
  readonly body: Uint8Array
  /** How the body is compressed: `gzip`, `zstd`; undefined: it is not. That of `remote-write` is by snappy, always. */
  readonly coding: string | undefined
  /** Address, for people who look for whoever sends what is refused. */
  readonly sender: string
}

export interface IntakeReport {
  /** Of `remote-write`, what was taken in. */
  readonly written?: { readonly samples: number; readonly histograms: number }
  /** Lines, or points, that were not taken in; of a data point of OTLP all that is made of it is one. */
  readonly refused: number
  /** The first of them; the first line is 1. */
  readonly problems: readonly {
    readonly line: number
    readonly reason: RejectionReason
    readonly text: string
  }[]
}

/** What is done to the store as a whole. */
export interface StoreServices {
  /** See OpenStore.backUp. Events and dashboards are in the backup, too. */
  backUp(path: string): Promise<BackupReport>
  deleteSeries(wanted: SeriesDeletion): Promise<DeletionReport>
}

export interface SeriesDeletion {
  /** Globs of series, or their whole keys. */
  readonly patterns: readonly string[]
  /** Tag expressions that all have to hold; none: no series by tags. */
  readonly expressions: readonly string[]
  readonly range: TimeRange
  readonly isDryRun: boolean
}

export interface DeletionReport {
  /** From whose first point to whose last one reaches into the range. */
  readonly series: number
  /** The first of them. */
  readonly names: readonly string[]
  /** That lost points. */
  readonly deleted: number
}

export interface ImportResult {
  readonly stored: number
  /** Older than the store keeps them, or too far ahead of the clock. */
  readonly outside: number
  /** Of series that are more than the limits allow. */
  readonly overLimit: number
}

export interface EventServices {
  /** Takes an event in, as if it had come by StatsD; resolves to its id once it is safe. */
  add(event: MetricEvent): Promise<number>
  /** As the store's contract says: newest first. */
  find(query: EventQuery, signal: AbortSignal): Promise<readonly StoredEvent[]>
  get(id: number): Promise<StoredEvent | undefined>
}

export type QueryKind =
  | 'render'
  | 'explain'
  | 'find'
  | 'expand'
  | 'index'
  | 'metrics'
  | 'services'
  | 'tagged-series'
  | 'tags'
  | 'tag'
  | 'tag-completion'
  | 'value-completion'
  | 'export-series'
  | 'export-points'

/** Parameters of the query string and of the form body, merged; each may repeat. */
export interface QueryRequest {
  readonly kind: QueryKind
  /** What it is asked for; undefined: nobody says. */
  readonly origin?: QueryOrigin
  readonly parameters: Readonly<Record<string, readonly string[]>>
}

/** What a client draws with the answer, as Grafana says it. */
export interface QueryOrigin {
  readonly dashboard: string
  readonly panel: string | null
}

/** Who read a series, and how often. */
export interface SeriesUse {
  readonly key: string
  readonly uses: readonly {
    /** null: nobody said. */
    readonly origin: QueryOrigin | null
    readonly count: number
    readonly lastMs: number
  }[]
}

export interface UsageQuestion {
  /** undefined: all. */
  readonly dashboard: string | undefined
  readonly limit: number
}

export interface RulesQuestion {
  /** undefined: those in force. */
  readonly before?: RuleBookSource
  readonly after: Partial<RuleBookSource>
}

export interface RulesAnswer extends RulesReport {
  /** Files of which nothing is to be kept any more, by the step of their tier (0: points as they came): they go as soon as they are rolled up. */
  readonly dropped: readonly {
    readonly stepSeconds: number
    readonly points: number
    readonly bytes: number
  }[]
  /** What a point, or a slot of a tier, takes on the disk, by step; where there are any. */
  readonly bytesPerPoint: readonly { readonly stepSeconds: number; readonly bytes: number }[]
}

export interface SizeQuestion {
  /** `a.b`; empty: everything; `;env`: by the values of this tag. */
  readonly prefix: string
  /** So many children at most: those that come first in this order, the largest first. */
  readonly limit: number
  readonly order: SizeOrder
}

export const SIZE_ORDERS = ['bytes', 'points', 'series'] as const
export type SizeOrder = (typeof SIZE_ORDERS)[number]

export interface SizeReport extends SizeOfSeries {
  readonly children: readonly ChildSize[]
  /** What is below the prefix and in none of the children: those past the limit, and points of series that have gone. */
  readonly others: SizeOfSeries
}

export interface SizeOfSeries {
  readonly series: number
  /** As they came. One that was written again counts twice until both are packed together. */
  readonly points: number
  /** Of coarser steps. */
  readonly slots: number
  /** Of the files. What several series have in common is divided among them. */
  readonly bytes: number
}

export interface ChildSize extends SizeOfSeries {
  /** The prefix and one node more; `;env=x` below `;env`; below the name of tagged series their whole keys; the prefix itself, where it is a series. */
  readonly path: string
  readonly isLeaf: boolean
  readonly isBranch: boolean
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  /** When a query last read any of its series; null: not since the start. */
  readonly lastQueriedMs: number | null
  /** For what that was; null: nobody said, or it was not. */
  readonly lastQueriedFor: QueryOrigin | null
}

export interface QueryAnswer {
  readonly contentType: string
  readonly body: Uint8Array
  /**
   * What follows the body, where it is too much to be held: made as it is asked for, and not any more once nobody wants it. A piece belongs to
   * whoever takes it.
   */
  readonly rest?: AsyncIterable<Uint8Array>
  /**
   * Of a render: seconds between points of the finest series that was read, 1 where none was; left out where it holds more than what series say. Until more is stored, a range whose ends lie
   * in the same steps has the same answer.
   */
  readonly stepSeconds?: number
  /** The memory of the body is used again: to be called once nobody looks at it any more. Whoever does not call it wastes memory, no more. */
  readonly giveBack?: () => void
}

export interface FlushResult {
  readonly timestampMs: number
  readonly seriesCount: number
}

/** Options are named as in kymo.yaml. */
export interface ReloadReport {
  readonly changed: readonly string[]
  /** Said to be different, but as they were until the next start. */
  readonly needRestart: readonly string[]
  /** Whole sentences. */
  readonly warnings: readonly string[]
  /** What other rules of keeping do; null: they are as they were, or it could not be found out. */
  readonly rules: RulesAnswer | null
}

export interface StatusReport {
  readonly version: string
  readonly startedAtMs: number
  readonly nowMs: number
  readonly pid: number
  readonly nodeVersion: string
  /** Of this machine, as IANA names it: in which times are read where a request says no zone. */
  readonly timeZone: string
  readonly flushIntervalMs: number
  readonly lastFlushMs: number
  readonly nextFlushMs: number
  /** By service: statsd, graphite, admin, http; each address as a URL (`udp://127.0.0.1:8125`). */
  readonly addresses: Readonly<Record<string, readonly string[]>>
  /** How datagrams of StatsD are received: many at a time, or one as Node does everywhere. */
  readonly receiver: 'recvmmsg' | 'dgram' | null
  readonly store: {
    readonly isEnabled: boolean
    readonly path: string | null
    readonly points: number
    readonly bytes: number
    /** Points that wait in memory until the store takes them. */
    readonly waitingPoints: number
    /** How far the recovery is that goes before everything else; null: it is over, or there is none. */
    readonly recovery: { readonly doneBytes: number; readonly totalBytes: number } | null
    /** Series of which points were too far ahead of the clock, or older than is kept; the newest first, twenty at most. */
    readonly refusedTimes: readonly RefusedTime[]
    /** Why it takes nothing; null: it does. */
    readonly problem: StoreProblem | null
  }
  readonly metricCount: number
  readonly seriesCount: number
  /** Received = accepted + rejected, each counted where it happens. */
  readonly lines: {
    readonly received: number
    readonly accepted: number
    readonly rejected: number
    readonly rejectedByReason: Readonly<Record<string, number>>
  }
  readonly packets: { readonly received: number; readonly droppedByKernel: number }
  readonly limits: LimitsStatus
  readonly sinks: readonly SinkStatus[]
  readonly configuration: {
    /** When that which is in force was read. */
    readonly readAtMs: number
    /** Options that were different when it was read last, and change with the next start. */
    readonly needRestart: readonly string[]
  }
  readonly lastRejection: RejectionSample | null
  readonly firstMetric: { readonly key: string; readonly type: string; readonly afterMs: number } | null
  readonly lastError: SerializedError | null
}

/** A point that is not kept for the time it came with. */
export interface RefusedTime {
  readonly key: string
  readonly timeMs: number
  /** When it came. */
  readonly atMs: number
}

export interface StoreProblem {
  readonly code: ErrorCode
  /** What, where and why. */
  readonly message: string
  /** What to do. */
  readonly help: string
}

/** What the limits on metrics have refused since the start, as of the newest flush. */
export interface LimitsStatus {
  /** Metrics that were added up as `__over_limit__`; one that comes again counts again. */
  readonly refused: number
  /** Timestamp of the newest flush in which there were any; null: never. */
  readonly lastRefusedMs: number | null
  /** Where they came from that the limits in force have refused, the worst first, ten at most. */
  readonly offenders: readonly Offender[]
}

export interface SinkStatus {
  readonly name: string
  readonly type: string
  /** `behind`: it delivers, but what waits first is older than a minute. */
  readonly state: 'ok' | 'retrying' | 'refusing' | 'behind'
  /** In memory and on disk. */
  readonly queuedPoints: number
  /** What of it waits on disk. */
  readonly spoolBytes: number
  /** Since when what waits first does: the end of its interval, if it is a flush; null: nothing waits. */
  readonly oldestMs: number | null
  readonly sentPoints: number
  readonly droppedPoints: number
  /** Their number by why, as in `kymo_dropped_points_total`. */
  readonly droppedByReason: Readonly<Record<string, number>>
  /** Why it does not deliver, its code in the catalog if it is there, and what to do; null while it does. */
  readonly lastError: string | null
  readonly lastErrorCode: string | null
  readonly lastErrorHelp: string | null
  /** When anything was last delivered; null: never. */
  readonly lastSuccessMs: number | null
  /** When a flush was last delivered; null: never. */
  readonly lastFlushMs: number | null
  /** What that took; null by sinks that do not measure it. */
  readonly lastSending: Sending | null
  /** When a delivery last failed or was refused; null: never. */
  readonly lastFailureMs: number | null
  /** What a backend made for etsy/statsd says of itself; left out: nothing. */
  readonly backendStats?: readonly BackendStat[]
}
