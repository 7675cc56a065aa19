import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.ts'
import type { HostRules } from './host-rules.ts'
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

/** Bodies are held while they wait: each is up to 8 MiB. */
const IMPORT_GATE = { maxRunning: 3, maxWaiting: 13, maxWaitMs: 10_000, maxRunMs: 60_000 }
const NEVER_ABORTED = new AbortController().signal

/** The application with all routes and the page. The largest part of what is loaded, so only servers that are asked for more than probes have it. */
export async function buildServedApp(options: ServedAppOptions): Promise<FastifyInstance> {
  const { services, clock, live, hostRules, refuseWhileUnread, webRoot, version, log } = options
  const renders = createQueryGate({ ...QUERY_GATE, maxRunning: MAX_RUNNING_RENDERS, clock })
  const lookups = createQueryGate({ ...QUERY_GATE, maxRunning: MAX_RUNNING_LOOKUPS, clock })
  const query: ApiServices['query'] = async (request, signal) => {
    const gate = request.kind === 'render' || request.kind === 'export-points' ? renders : lookups
    return await gate.run(signal, (limited) => {
      refuseWhileUnread()
      return services.query(request, limited)
    })
  }
  const find: EventServices['find'] = (request, signal) =>
    lookups.run(signal, (limited) => {
      refuseWhileUnread()
      return services.events.find(request, limited)
    })
  const imports = createQueryGate({ ...IMPORT_GATE, clock })
  const importPoints: ApiServices['importPoints'] = (columns, isDurable) =>
    imports.run(NEVER_ABORTED, () => services.importPoints(columns, isDurable))
  return await buildApp({
    routes: ROUTES,
    context: { services: gated(services, { query, find, importPoints }), live, clock },
    site: await loadStaticSite(webRoot),
    hostRules,
    version,
    log,
  })
}

/** The same services, but for those that a gate stands before. They may be an object with a life of its own, so it is not spread. */
function gated(
  services: ApiServices,
  { query, find, importPoints }: Pick<ApiServices, 'query' | 'importPoints'> & Pick<EventServices, 'find'>,
): ApiServices {
  return {
    query,
    importPoints,
    flushNow: () => services.flushNow(),
    reload: () => services.reload(),
    status: () => services.status(),
    notReadyReason: () => services.notReadyReason(),
    ownMetrics: () => services.ownMetrics(),
    onRejection: (listener) => services.onRejection(listener),
    store: services.store,
    events: {
      add: (event) => services.events.add(event),
      get: (id) => services.events.get(id),
      find,
    },
  }
}
