import { createAdminConsole } from '../admin/admin-console.ts'
import { exportMetrics } from '../api/grpc/export-metrics.ts'
import { GrpcServer } from '../api/grpc/grpc-server.ts'
import { gateLines } from '../api/lines-gate.ts'
import { createServer } from '../api/server.ts'
import type { ApiServices, ReloadReport } from '../api/services.ts'
import type { Config } from '../config/config.ts'
import type { Setting } from '../config/settings.ts'
import { backUpDashboards } from '../dashboards/back-up-dashboards.ts'
import { openDashboardStore } from '../dashboards/dashboard-files.ts'
import type { Clock } from '../lib/clock.ts'
import { KymoError } from '../telemetry/errors.ts'
import { createAdminServices } from '../workers/admin-services.ts'
import type { DeliveryCalls, IntakeCalls, KeeperCalls, PeerName } from '../workers/calls.ts'
import type { LiveTaps } from '../workers/live-taps.ts'
import { NearFinds } from '../workers/near-finds.ts'
import { receivePieces } from '../workers/piece-stream.ts'
import type { ProcessState } from '../workers/process-state.ts'
import type { QueryThreads } from '../workers/query-threads.ts'
import { RememberedFinds } from '../workers/remembered-finds.ts'
import type { Link } from '../workers/rpc.ts'
import type { Supervisor } from '../workers/supervisor.ts'
import type { RoleContext } from './role.ts'

/** Those behind it, who know and do what it is asked for. */
export interface FrontParts extends Pick<RoleContext, 'log' | 'version' | 'webRoot'> {
  readonly config: Config
  readonly clock: Clock
  readonly state: ProcessState
  readonly supervisor: Pick<Supervisor, 'openLink' | 'downReason'>
  readonly queryThreads: QueryThreads
  readonly taps: LiveTaps
  /** Throws the KymoError `not-ready` before there is one. */
  readonly keeperLink: () => Link<KeeperCalls>
  /** The thread of streams, started by whoever asks for it. Throws the KymoError `not-ready` while none can be. */
  readonly streamLink: () => Promise<Link<IntakeCalls>>
  /** All that take in. */
  readonly intake: readonly PeerName[]
  readonly hasDelivery: () => boolean
  readonly reload: () => Promise<ReloadReport>
  /** As they are in force. */
  readonly settings: () => readonly Setting[]
}

export interface Front {
  /** When somebody asked for more than a probe. */
  readonly lastAskedMs: number
  openHttp(): Promise<void>
  openAdmin(): Promise<void>
  /** If there is to be such a port. */
  openGrpc(): Promise<void>
  setAdminWritable(isWritable: boolean): void
  closeGrpc(): Promise<void>
  /** Safe whatever is open. */
  close(): Promise<void>
}

/**
 * Where people and programs ask: HTTP, the management console, and OTLP over gRPC, which is asked to take something in. What it is made of
 * is a good part of all that Kymo loads, and nobody's datagrams are to wait for it.
 */
export function createFront(parts: FrontParts): Front {
  const { config, clock, log, version, webRoot, state, keeperLink } = parts
  const services = createServices(parts)
  const server = createServer({ services, ...config.http, webRoot, version, clock, log })
  const grpc = new GrpcServer({
    methods: [exportMetrics({ takeLines: gateLines(services, clock) })],
    hosts: config.intakeHosts,
    port: config.otlp.grpcPort ?? 0,
    portOption: 'otlp.grpc_port',
    clock,
    log,
  })
  const admin = createAdminConsole({
    services: createAdminServices(state, keeperLink, parts.settings),
    isWritable: config.admin.writable,
    hosts: config.adminHosts,
    port: config.admin.port,
    clock,
    log,
  })
  return {
    get lastAskedMs() {
      return server.lastAskedMs
    },
    async openHttp() {
      state.listening('http', urlsOf('http', await server.open()))
    },
    async openAdmin() {
      state.listening('admin', urlsOf('tcp', await admin.open()))
    },
    async openGrpc() {
      if (config.otlp.grpcPort !== undefined) state.listening('otlp', urlsOf('grpc', await grpc.open()))
    },
    setAdminWritable(isWritable: boolean) {
      admin.setWritable(isWritable)
    },
    closeGrpc: () => grpc.close(),
    async close() {
      await grpc.close()
      await admin.close()
      await server.close()
    },
  }
}

function createServices({
  config,
  clock,
  state,
  supervisor,
  queryThreads,
  taps,
  keeperLink,
  streamLink,
  intake,
  hasDelivery,
  reload,
}: FrontParts): ApiServices {
  const remembered = new RememberedFinds()
  const queries = state.mainMetrics.counter('kymo_queries_total')
  const near = new NearFinds({ clock, onAnswer: () => queries.add(1) })
  return {
    async query(request, signal) {
      // Without a keeper there are no names, and nobody to wait for.
      return await remembered.answer(keeperLink(), request, () => queryThreads.query(request, signal))
    },
    queryNow(request) {
      const keeper = keeperLink()
      return remembered.answerNow(keeper, request, () => near.answerNow(keeper, request))
    },
    usage: async (question) => await queryThreads.usage(question),
    async size(question, signal) {
      keeperLink()
      return await queryThreads.size(question, signal)
    },
    async rules(question, signal) {
      keeperLink()
      return await queryThreads.rules(question, signal)
    },
    storedPoints: () => state.storedPoints(),
    flushNow: async () => await keeperLink().call('flushNow', null),
    reload,
    async importPoints(columns, isDurable) {
      const body = toMovable(columns)
      return await keeperLink().call('importPoints', { body, isDurable }, { transfer: [body.buffer] })
    },
    async takeLines(lines) {
      const link = await streamLink()
      const body = toMovable(lines.body)
      return await link.call('takeLines', { ...lines, body }, { transfer: [body.buffer] })
    },
    async expose(wanted) {
      const delivery = supervisor.openLink<DeliveryCalls>('delivery')
      if (delivery === undefined)
        throw new KymoError('exposition-unknown', { name: wanted.sink ?? 'prometheus' })
      return receivePieces((await delivery.call('expose', wanted)).pieces, 'delivery')
    },
    store: {
      async backUp(path) {
        const report = await keeperLink().call('backUp', path)
        const dashboards = await backUpDashboards(config.dashboards.path, path)
        return { ...report, files: report.files + dashboards }
      },
      deleteSeries: async (wanted) => await keeperLink().call('deleteSeries', wanted),
    },
    events: {
      add: async (event) => await keeperLink().call('addEvent', event),
      find: async (query, signal) => await keeperLink().call('findEvents', query, { signal }),
      get: async (id) => await keeperLink().call('getEvent', id),
    },
    dashboards: openDashboardStore(config.dashboards.path),
    status: () => state.status(),
    notReadyReason: () => state.notReadyReason() ?? supervisor.downReason() ?? state.storeProblemReason(),
    dependencies() {
      const starting = state.notReadyReason()
      return [
        { name: 'keeper', problem: starting ?? supervisor.downReason('keeper') ?? null },
        ...(config.store.enabled
          ? [{ name: 'store', problem: starting ?? state.storeProblemReason() ?? null }]
          : []),
        ...(hasDelivery() ? [{ name: 'delivery', problem: supervisor.downReason('delivery') ?? null }] : []),
      ]
    },
    ownMetrics: () => state.ownMetrics(),
    recentRejections: () => state.recentRejections(),
    onRejection: (listener) => state.onRejection(listener),
    tap: (question, onNews) => taps.open(question, onNews),
    incomingLines(after) {
      for (const peer of intake) supervisor.openLink<IntakeCalls>(peer)?.notify('watchLines', null)
      return state.sampledLines.after(after)
    },
  }
}

/** Memory of its own, which can be moved to another thread: a copy only where it is part of something else. */
function toMovable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isWhole = bytes.byteLength === bytes.buffer.byteLength
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes)
}

function urlsOf(
  scheme: string,
  bound: readonly { readonly host: string; readonly port: number }[],
): string[] {
  return bound.map(({ host, port }) => `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)
}
