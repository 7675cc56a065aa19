import { createAdminConsole } from '../admin/admin-console.ts'
import { createServer } from '../api/server.ts'
import type { ReloadReport } from '../api/services.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../lib/clock.ts'
import { boundUrl } from '../listeners/index.ts'
import { createAdminServices } from '../workers/admin-services.ts'
import { KymoError } from '../telemetry/errors.ts'
import { BoundaryBoard } from '../workers/boundary-board.ts'
import type { DeliveryCalls, KeeperCalls, PeerName, QueryCalls } from '../workers/calls.ts'
import { openIntake } from '../workers/open-intake.ts'
import { ProcessState } from '../workers/process-state.ts'
import { Reloader } from '../workers/reloader.ts'
import { Supervisor, type Thread } from '../workers/supervisor.ts'
import type { RoleContext, Running } from './role.ts'

const LISTENERS = [
  'statsd-udp',
  'statsd-tcp',
  'statsd-unix-datagram',
  'statsd-unix-stream',
  'graphite-tcp',
  'graphite-udp',
]
const STREAM: PeerName = 'shard-0'

/**
 * Everything in one process. Outlets are started before what feeds them, and stopped after it:
 *
 *   receivers, stream  ->  keeper  ->  delivery
 *                            |
 *            http  ->  query-'
 */
export async function startAllInOne(config: Config, context: RoleContext): Promise<Running> {
  const { log, version, webRoot, onFirstMetric } = context
  const clock = systemClock
  const receivers = Array.from({ length: config.receivers }, (_, index): PeerName => `shard-${index + 1}`)
  const queries = Array.from({ length: config.query.threads }, (_, index): PeerName => `query-${index + 1}`)
  const threads = ['keeper', 'delivery', STREAM, ...receivers, ...queries]
  const state = new ProcessState({ config, clock, version, threads, listeners: LISTENERS, onFirstMetric })
  const supervisor = new Supervisor({
    setup: {
      config,
      isTerminal: context.isTerminal,
      metricsLayout: state.metricsLayout,
      boundaryBuffer: BoundaryBoard.allocate(receivers.length + 1),
    },
    ownMetrics: state.mainMetrics,
    fromWorkers: state.fromWorkers,
    clock,
    log,
    ...(context.spawn === undefined ? {} : { spawn: context.spawn }),
  })
  state.metricsBuffers = () => supervisor.metricsBuffers()
  let { settings } = context

  try {
    await supervisor.start<DeliveryCalls>({
      worker: 'delivery',
      peer: 'delivery',
      open: (link) => link.call('open', null),
    })
    const keeper = await supervisor.start<KeeperCalls>(
      {
        worker: 'keeper',
        peer: 'keeper',
        open: async (link) => state.storeOpened(await link.call('open', null)),
      },
      ['delivery'],
    )
    const queryThreads: Thread<QueryCalls>[] = []
    for (const peer of queries) {
      queryThreads.push(
        await supervisor.start<QueryCalls>({ worker: 'query', peer, open: async () => {} }, ['keeper']),
      )
    }
    const nextQueryThread = inTurn(queryThreads)

    const reloader = new Reloader({
      read: context.readAgain,
      async apply(reloaded) {
        state.addSinks(reloaded.config.sinks.map(({ name }) => name))
        settings = reloaded.settings
        log.level = reloaded.config.log.level
        admin.setWritable(reloaded.config.admin.writable)
        await supervisor.reconfigure({ config: reloaded.config, metricsLayout: state.metricsLayout })
        state.configured(reloaded.needRestart)
      },
      ownMetrics: state.mainMetrics,
      log,
    })
    const reload = async (): Promise<ReloadReport> => {
      const reason = state.notReadyReason()
      if (reason !== undefined) throw new KymoError('not-ready', { reason })
      return await reloader.reload()
    }

    const server = createServer({
      services: {
        query: (request, signal) => nextQueryThread().link().call('query', request, { signal }),
        flushNow: () => keeper.link().call('flushNow', null),
        reload,
        events: {
          add: (event) => keeper.link().call('addEvent', event),
          find: (query, signal) => keeper.link().call('findEvents', query, { signal }),
          get: (id) => keeper.link().call('getEvent', id),
        },
        status: () => state.status(),
        notReadyReason: () => state.notReadyReason() ?? supervisor.downReason(),
        ownMetrics: () => state.ownMetrics(),
        onRejection: (listener) => state.onRejection(listener),
      },
      ...config.http,
      webRoot,
      version,
      clock,
      log,
    })
    const admin = createAdminConsole({
      services: createAdminServices(
        state,
        () => keeper.link(),
        () => settings,
      ),
      isWritable: config.admin.writable,
      hosts: config.adminHosts,
      port: config.admin.port,
      clock,
      log,
    })
    state.listening('http', urlsOf('http', await server.open()))
    state.listening('admin', urlsOf('tcp', await admin.open()))
    await openIntake(
      supervisor,
      config,
      { stream: STREAM, receivers },
      log,
      ({ service, bound, receiver }) => {
        state.listening(service, bound.map(boundUrl))
        if (receiver !== undefined) state.receiver = receiver
      },
    )
    state.setNotReady(undefined)

    return {
      status: () => state.status(),
      reload,
      async stop() {
        state.setNotReady('it is stopping')
        await Promise.all([STREAM, ...receivers].map((peer) => supervisor.stop(peer)))
        await supervisor.stop('keeper')
        await supervisor.stop('delivery')
        await admin.close()
        await server.close()
        await Promise.all(queries.map((peer) => supervisor.stop(peer)))
      },
    }
  } catch (error) {
    await supervisor.terminateAll()
    throw error
  }
}

/** Hands out the items one after the other, over and over. */
function inTurn<Item>(items: readonly Item[]): () => Item {
  let calls = 0
  return () => {
    const item = items[calls++ % items.length]
    if (item === undefined) throw new Error('BUG: nothing to choose from')
    return item
  }
}

function urlsOf(
  scheme: string,
  bound: readonly { readonly host: string; readonly port: number }[],
): string[] {
  return bound.map(({ host, port }) => `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)
}
