import type { FastifyInstance } from 'fastify'
import { localTimeZone } from '../query/local-time-zone.ts'
import { createAnswerCache } from './answer-cache.ts'
import { createAnswerStreams } from './answer-streams.ts'
import { buildApp } from './app.ts'
import type { HostRules } from './host-rules.ts'
import { gateLines } from './lines-gate.ts'
import { createQueryGate } from './query-gate.ts'
import type { RouteContext } from './route.ts'
import { ROUTES } from './routes/index.ts'
import type { HttpServerOptions } from './server.ts'
import type { ApiServices, EventServices } from './services.ts'
import { loadStaticSite } from './static-site.ts'

export interface ServedAppOptions
  extends Pick<HttpServerOptions, 'services' | 'clock' | 'webRoot' | 'version' | 'log'> {
  readonly live: RouteContext['live']
  readonly hostRules: HostRules
  /** Throws where no query is to be begun. */
  readonly refuseWhileUnread: () => void
}

/**
 * A render may hold hundreds of MB at its limits, and more of them at once than there are processors end no sooner. The
 * other queries ask the thread that flushes for names, one after the other, and should not be what it does.
 */
const MAX_RUNNING_RENDERS = 8
const MAX_RUNNING_LOOKUPS = 4
const QUERY_GATE = { maxWaiting: 256, maxWaitMs: 10_000, maxRunMs: 60_000 }

/**
 * Answers that go out as fast as their clients read. Each holds a few MB, and its evaluation up to 40 MB. They are not among the queries that run, so
 * that a client that reads slowly is in nobody's way but that of others who want as much.
 */
const STREAMS = { most: 8, maxMs: 10 * 60_000 }

/** Bodies are held while they wait: each is up to 8 MiB. */
const IMPORT_GATE = { maxRunning: 3, maxWaiting: 13, maxWaitMs: 10_000, maxRunMs: 60_000 }
/** What looks at all series, or at the index of every file. */
const SIZE_GATE = { maxRunning: 1, maxWaiting: 16, maxWaitMs: 30_000, maxRunMs: 60_000 }
/** A scrape holds little, but is made by the thread of the sinks. */
const EXPOSITIONS = { most: 8, maxMs: 60_000 }
const NO_BYTES = new Uint8Array()
const NEVER_ABORTED = new AbortController().signal

/** What is kept of answers to be given again. */
const CACHE = { maxBytes: 64 * 1024 * 1024, maxAnswerBytes: 8 * 1024 * 1024 }

/** The application with all routes and the page. The largest part of what is loaded, so only servers that are asked for more than probes have it. */
export async function buildServedApp(options: ServedAppOptions): Promise<FastifyInstance> {
  const { services, clock, live, hostRules, refuseWhileUnread, webRoot, version, log } = options
  const renders = createQueryGate({ ...QUERY_GATE, maxRunning: MAX_RUNNING_RENDERS, clock })
  const lookups = createQueryGate({ ...QUERY_GATE, maxRunning: MAX_RUNNING_LOOKUPS, clock })
  const streams = createAnswerStreams({ ...STREAMS, clock })
  const cache = createAnswerCache({
    dataVersion: () => services.storedPoints(),
    clock,
    defaultTimeZone: localTimeZone(),
    ...CACHE,
  })
  const evaluate: ApiServices['query'] = async (request, signal) => {
    const gate = request.kind === 'render' || request.kind === 'export-points' ? renders : lookups
    const answer = await gate.run(signal, (limited) => {
      refuseWhileUnread()
      return services.query(request, limited)
    })
    return streams.admit(answer)
  }
  const query: ApiServices['query'] = (request, signal) =>
    request.kind === 'render'
      ? cache.answer(request, () => evaluate(request, signal))
      : evaluate(request, signal)
  const find: EventServices['find'] = (request, signal) =>
    lookups.run(signal, (limited) => {
      refuseWhileUnread()
      return services.events.find(request, limited)
    })
  const sizes = createQueryGate({ ...SIZE_GATE, clock })
  const size: ApiServices['size'] = (question, signal) =>
    sizes.run(signal, (limited) => {
      refuseWhileUnread()
      return services.size(question, limited)
    })
  const rules: ApiServices['rules'] = (question, signal) =>
    sizes.run(signal, (limited) => {
      refuseWhileUnread()
      return services.rules(question, limited)
    })
  const imports = createQueryGate({ ...IMPORT_GATE, clock })
  const importPoints: ApiServices['importPoints'] = (columns, isDurable) =>
    imports.run(NEVER_ABORTED, () => services.importPoints(columns, isDurable))
  const expositions = createAnswerStreams({ ...EXPOSITIONS, clock })
  const expose: ApiServices['expose'] = async (wanted) => {
    const rest = await services.expose(wanted)
    return expositions.admit({ contentType: '', body: NO_BYTES, rest }).rest ?? rest
  }
  return await buildApp({
    routes: ROUTES,
    context: {
      services: gated(services, {
        query,
        queryNow(request) {
          refuseWhileUnread()
          return services.queryNow?.(request)
        },
        find,
        importPoints,
        size,
        rules,
        takeLines: gateLines(services, clock),
        expose,
        forget: () => cache.clear(),
      }),
      live,
      clock,
    },
    site: await loadStaticSite(webRoot),
    hostRules,
    version,
    log,
  })
}

/** The same services, but for those that a gate stands before. They may be an object with a life of its own, so it is not spread. */
function gated(
  services: ApiServices,
  {
    query,
    queryNow,
    find,
    importPoints,
    size,
    rules,
    takeLines,
    expose,
    forget,
  }: Pick<
    Required<ApiServices>,
    'query' | 'queryNow' | 'importPoints' | 'size' | 'rules' | 'takeLines' | 'expose'
  > &
    Pick<EventServices, 'find'> & {
      /** What was answered before is wrong now. */
      readonly forget: () => void
    },
): ApiServices {
  return {
    query,
    queryNow,
    importPoints,
    takeLines,
    expose,
    flushNow: () => services.flushNow(),
    reload: async () => {
      const report = await services.reload()
      forget()
      return report
    },
    storedPoints: () => services.storedPoints(),
    usage: (question) => services.usage(question),
    size,
    rules,
    status: () => services.status(),
    notReadyReason: () => services.notReadyReason(),
    dependencies: () => services.dependencies(),
    ownMetrics: () => services.ownMetrics(),
    recentRejections: () => services.recentRejections(),
    onRejection: (listener) => services.onRejection(listener),
    incomingLines: (after) => services.incomingLines(after),
    tap: (question, onNews) => services.tap(question, onNews),
    dashboards: services.dashboards,
    store: {
      backUp: (path) => services.store.backUp(path),
      deleteSeries: async (wanted) => {
        const report = await services.store.deleteSeries(wanted)
        forget()
        return report
      },
    },
    events: {
      add: (event) => services.events.add(event),
      get: (id) => services.events.get(id),
      find,
    },
  }
}
