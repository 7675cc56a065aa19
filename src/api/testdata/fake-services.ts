import { Readable } from 'node:stream'
import type { DashboardStore } from '../../dashboards/dashboard-store.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { RejectionSample } from '../../model/rejection.ts'
import type { TapNews, TapQuestion } from '../../model/tap.ts'
import { openMemoryEventStore } from '../../store/event-store-memory.ts'
import type { EventQuery } from '../../store/events.ts'
import type {
  ExpositionWanted,
  ApiServices,
  Dependency,
  EventServices,
  IncomingLine,
  IncomingLines,
  ImportResult,
  IntakeReport,
  LinesToTake,
  QueryAnswer,
  QueryRequest,
  ReloadReport,
  SeriesDeletion,
  RulesAnswer,
  RulesQuestion,
  SeriesUse,
  SizeQuestion,
  SizeReport,
  StatusReport,
  StoreServices,
  UsageQuestion,
} from '../services.ts'

const EMPTY_DASHBOARD = {
  version: 1 as const,
  title: 'Empty',
  description: '',
  from: '',
  until: '',
  variables: [],
  panels: [],
}

/** The rest of Kymo, as far as routes see it, in memory and open to tests. */
export class FakeServices implements ApiServices {
  readonly queries: QueryRequest[] = []
  flushCount = 0
  storedCount = 0
  readonly usageQuestions: UsageQuestion[] = []
  readonly rulesQuestions: RulesQuestion[] = []
  readonly sizeQuestions: SizeQuestion[] = []
  notReady: string | undefined
  report: StatusReport = quietReport()
  readonly imports: { columns: Uint8Array; isDurable: boolean }[] = []
  readonly taken: LinesToTake[] = []
  readonly exposed: ExpositionWanted[] = []
  intakeReport: IntakeReport = { refused: 0, problems: [] }
  /** Before anybody listened. */
  pastRejections: readonly RejectionSample[] = []
  readonly rejectionListeners = new Set<(rejection: RejectionSample) => void>()
  readonly sampledLines: IncomingLine[] = []
  readonly taps = new Map<(news: TapNews | null) => void, Omit<TapQuestion, 'id'>>()
  readonly eventQueries: EventQuery[] = []
  readonly eventStore = openMemoryEventStore({ retentionMs: Number.POSITIVE_INFINITY })
  readonly deletions: SeriesDeletion[] = []
  readonly store: StoreServices = {
    backUp: async (path: string) => ({ path, files: 3, bytes: 4_096, isLinked: true }),
    deleteSeries: async (wanted: SeriesDeletion) => {
      this.deletions.push(wanted)
      return { series: 2, names: ['a.b', 'a.c'], deleted: wanted.isDryRun ? 0 : 2 }
    },
  }
  /** One, whatever it is asked for by. Replace it to keep some. */
  dashboards: DashboardStore = {
    list: () => Promise.resolve({ dashboards: [], damaged: [], unread: 0 }),
    get: (id) => Promise.resolve({ id, revision: 'r', dashboard: EMPTY_DASHBOARD }),
    save: (id, dashboard) => Promise.resolve({ id, revision: 'r', dashboard }),
    delete: () => Promise.resolve(),
  }
  readonly events: EventServices = {
    add: async (event: MetricEvent) => this.eventStore.append([event])[0] ?? 0,
    find: async (query: EventQuery) => {
      this.eventQueries.push(query)
      return this.eventStore.find(query)
    },
    get: async (id: number) => this.eventStore.get(id),
  }
  /** Replace it to answer otherwise. */
  answer: (request: QueryRequest, signal: AbortSignal) => Promise<QueryAnswer> = () =>
    Promise.resolve({ contentType: 'application/json', body: Buffer.from('[]') })

  query(request: QueryRequest, signal: AbortSignal): Promise<QueryAnswer> {
    this.queries.push(request)
    return this.answer(request, signal)
  }

  usage(question: UsageQuestion): Promise<readonly SeriesUse[]> {
    this.usageQuestions.push(question)
    return Promise.resolve([
      { key: 'a', uses: [{ origin: { dashboard: '12', panel: null }, count: 2, lastMs: 5 }] },
      { key: 'b', uses: [{ origin: null, count: 1, lastMs: 4 }] },
    ])
  }

  rules(question: RulesQuestion): Promise<RulesAnswer> {
    this.rulesQuestions.push(question)
    const nothing = { schemas: [], aggregations: [], changes: [], dropped: [], bytesPerPoint: [] }
    return Promise.resolve({ series: 3, changed: 0, ...nothing })
  }

  size(question: SizeQuestion): Promise<SizeReport> {
    this.sizeQuestions.push(question)
    const size = { series: 2, points: 30, slots: 4, bytes: 60 }
    const child = { path: 'a.b', isLeaf: true, isBranch: true, firstSeenMs: 1_000, lastSeenMs: 2_000 }
    return Promise.resolve({
      ...size,
      children: [{ ...child, ...size, lastQueriedMs: null, lastQueriedFor: null }],
      others: { series: 0, points: 0, slots: 0, bytes: 0 },
    })
  }

  storedPoints(): number {
    return this.storedCount
  }

  flushNow() {
    this.flushCount++
    return Promise.resolve({ timestampMs: 1_700_000_010_500, seriesCount: 3 })
  }

  /** Replace it to answer otherwise. */
  reload = (): Promise<ReloadReport> => {
    return Promise.resolve({ changed: ['log.level'], needRestart: ['statsd.port'], warnings: [], rules: null })
  }

  status(): StatusReport {
    return this.report
  }

  notReadyReason(): string | undefined {
    return this.notReady
  }

  dependencies(): readonly Dependency[] {
    return [{ name: 'keeper', problem: this.notReady ?? null }]
  }

  ownMetrics(): ReadonlyMap<string, number> {
    return new Map([['kymo_flushes_total', 7]])
  }

  importPoints(columns: Uint8Array, isDurable: boolean): Promise<ImportResult> {
    this.imports.push({ columns, isDurable })
    return Promise.resolve({ stored: 3, outside: 2, overLimit: 1 })
  }

  takeLines(lines: LinesToTake): Promise<IntakeReport> {
    this.taken.push(lines)
    return Promise.resolve(this.intakeReport)
  }

  expose(wanted: ExpositionWanted): Promise<AsyncIterable<Uint8Array>> {
    this.exposed.push(wanted)
    return Promise.resolve(Readable.from([Buffer.from('up 1\n')]))
  }

  incomingLines(after: number): IncomingLines {
    return { lines: this.sampledLines.filter(({ id }) => id > after), lastId: this.sampledLines.length }
  }

  tap(question: Omit<TapQuestion, 'id'>, onNews: (news: TapNews | null) => void): () => void {
    this.taps.set(onNews, question)
    return () => this.taps.delete(onNews)
  }

  recentRejections(): readonly RejectionSample[] {
    return this.pastRejections
  }

  onRejection(listener: (rejection: RejectionSample) => void): () => void {
    this.rejectionListeners.add(listener)
    return () => this.rejectionListeners.delete(listener)
  }
}

function quietReport(): StatusReport {
  return {
    version: '0.1.0',
    startedAtMs: 1_700_000_000_000,
    nowMs: 1_700_000_005_000,
    pid: 1,
    nodeVersion: 'v24.0.0',
    timeZone: 'UTC',
    flushIntervalMs: 10_000,
    lastFlushMs: 0,
    nextFlushMs: 1_700_000_010_000,
    addresses: {},
    receiver: 'recvmmsg',
    store: { isEnabled: true, path: '/data', points: 0, bytes: 0, waitingPoints: 0, recovery: null, refusedTimes: [], problem: null },
    metricCount: 0,
    seriesCount: 0,
    lines: { received: 0, accepted: 0, rejected: 0, rejectedByReason: {} },
    packets: { received: 0, droppedByKernel: 0 },
    limits: { refused: 0, lastRefusedMs: null, offenders: [] },
    sinks: [],
    configuration: { readAtMs: 1_700_000_000_000, needRestart: [] },
    lastRejection: null,
    firstMetric: null,
    lastError: null,
  }
}
