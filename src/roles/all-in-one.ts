import { isDeepStrictEqual } from 'node:util'
import type { ReloadReport, RulesAnswer, RulesQuestion } from '../api/services.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../lib/clock.ts'
import { letGoOfPrograms, trimMemory } from '../lib/return-memory.ts'
import { shrinkHeap } from '../lib/shrink-heap.ts'
import { boundUrl } from '../listeners/index.ts'
import type { TapStage } from '../model/tap.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import { BoundaryBoard } from '../workers/boundary-board.ts'
import type { DeliveryCalls, IntakeCalls, KeeperCalls, LifeCalls, PeerName } from '../workers/calls.ts'
import { DiskRoom } from '../workers/disk-room.ts'
import type { LateStream } from '../workers/late-stream.ts'
import { LiveTaps } from '../workers/live-taps.ts'
import { MemoryThrift } from '../workers/memory-thrift.ts'
import { openIntake } from '../workers/open-intake.ts'
import { ProcessState } from '../workers/process-state.ts'
import { QueryThreads } from '../workers/query-threads.ts'
import { Reloader } from '../workers/reloader.ts'
import type { Link } from '../workers/rpc.ts'
import { Supervisor, type Thread } from '../workers/supervisor.ts'
import type { Front } from './front.ts'
import type { RoleContext, Running } from './role.ts'

const LISTENERS = [
  'statsd-udp',
  'statsd-tcp',
  'statsd-unix-datagram',
  'statsd-unix-stream',
  'graphite-tcp',
  'graphite-udp',
  'graphite-pickle',
  'http',
]
/** A reload waits for it. */
const LONGEST_COMPARISON_MS = 30_000
const STREAM: PeerName = 'shard-0'

/**
 * Everything in one process. Outlets are started before what feeds them, and stopped after it:
 *
 *   receivers, stream  ->  keeper  ->  delivery
 *                            |
 *            http  ->  query-'
 *
 * But for the receivers: their sockets are open first, so that least is lost, and they hold what comes until there is a keeper. HTTP
 * is loaded and opened then, before the keeper is there, and says meanwhile how far that is.
 * Threads with nothing to do are not started: delivery without sinks, queries before the first one, streams before somebody comes.
 */
export async function startAllInOne(config: Config, context: RoleContext): Promise<Running> {
  const { log, version, onFirstMetric } = context
  const clock = systemClock
  const receivers = Array.from({ length: config.receivers }, (_, index): PeerName => `shard-${index + 1}`)
  const threads = ['keeper', 'delivery', STREAM, ...receivers, ...QueryThreads.peers(config.query.threads)]
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
  let rulesInForce = config.store.rules
  let keeper: Thread<KeeperCalls> | undefined
  let reloader: Reloader | undefined
  const notReady = (): KymoError =>
    new KymoError('not-ready', { reason: state.notReadyReason() ?? 'it is starting' })
  const keeperLink = (): Link<KeeperCalls> => {
    if (keeper === undefined) throw notReady()
    return keeper.link()
  }
  const reload = async (): Promise<ReloadReport> => {
    if (reloader === undefined || state.notReadyReason() !== undefined) throw notReady()
    return await reloader.reload()
  }
  const taps = new LiveTaps({
    clock,
    ask(question) {
      for (const peer of peersOf(question.stage, [STREAM, ...receivers]))
        supervisor.openLink<Pick<IntakeCalls, 'tap'> & LifeCalls>(peer)?.notify('tap', question)
    },
  })
  state.onTapped = (news) => taps.take(news)
  let stream: LateStream | undefined
  const queryThreads = new QueryThreads(supervisor, config.query.threads)
  /** What other rules do; null: they are the same, or that takes too long. The change is made in any case. */
  const compareRules = async (question: Required<RulesQuestion>): Promise<RulesAnswer | null> => {
    if (!config.store.enabled || isDeepStrictEqual(question.before, question.after)) return null
    const controller = new AbortController()
    const timer = clock.after(LONGEST_COMPARISON_MS, () => controller.abort())
    try {
      return await queryThreads.rules(question, controller.signal)
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'it could not be found out what the rules of keeping change')
      return null
    } finally {
      timer.cancel()
    }
  }
  let front: Front | undefined
  let frontOpened = Promise.resolve<unknown>(undefined)
  let hasDelivery = false

  try {
    const receiving = Promise.withResolvers<void>()
    const keeperOpened = Promise.withResolvers<void>()
    const intakeOpened = openIntake(
      supervisor,
      config,
      { stream: STREAM, receivers },
      {
        log,
        clock,
        keeper: keeperOpened.promise,
        whenArrived: (action) => {
          state.onArrival = action
        },
        onReceiving: () => receiving.resolve(),
        onOpened({ service, bound, receiver }) {
          state.listening(service, bound.map(boundUrl))
          if (receiver !== undefined) state.receiver = receiver
        },
      },
    )
    // What fails first of all that is under way is told when its turn comes.
    intakeOpened.then((opened) => (stream = opened)).catch(() => {})
    const loadFront = async (): Promise<Front> => {
      const { createFront } = await import('./front.ts')
      front = createFront({
        ...context,
        config,
        clock,
        state,
        supervisor,
        queryThreads,
        taps,
        keeperLink,
        async streamLink() {
          if (stream === undefined) throw notReady()
          return await stream.link()
        },
        intake: [STREAM, ...receivers],
        hasDelivery: () => hasDelivery,
        reload,
        settings: () => settings,
      })
      // Open while the store is recovered, so that whoever asks is told how far that is.
      await front.openHttp()
      return front
    }
    const opened = Promise.race([receiving.promise, intakeOpened]).then(loadFront)
    frontOpened = opened.catch(() => {})

    const deliverTo = async (sinks: Config['sinks']): Promise<void> => {
      if (hasDelivery || sinks.length === 0) return
      hasDelivery = true
      await supervisor.start<DeliveryCalls>({
        worker: 'delivery',
        peer: 'delivery',
        async open(link) {
          await link.call('open', null)
          // Otherwise it is told once there is a keeper.
          if (keeper !== undefined) link.notify('useData', null)
        },
      })
    }
    await deliverTo(config.sinks)
    // Once, at the start: a keeper that takes the place of another waits for room, as that did.
    const lack = config.store.enabled ? new DiskRoom({ ...config.store, clock }).lack() : undefined
    if (lack !== undefined) throw lack
    keeper = await supervisor.start<KeeperCalls>(
      {
        worker: 'keeper',
        peer: 'keeper',
        open: async (link) => state.storeOpened(await link.call('open', null)),
      },
      ['delivery'],
    )
    supervisor.openLink<DeliveryCalls>('delivery')?.notify('useData', null)
    keeperOpened.resolve()

    reloader = new Reloader({
      read: context.readAgain,
      compareRules: (reloaded) => compareRules({ before: rulesInForce, after: reloaded.config.store.rules }),
      async apply(reloaded) {
        state.addSinks(reloaded.config.sinks.map(({ name }) => name))
        settings = reloaded.settings
        log.level = reloaded.config.log.level
        front?.setAdminWritable(reloaded.config.admin.writable)
        await deliverTo(reloaded.config.sinks)
        await supervisor.reconfigure({ config: reloaded.config, metricsLayout: state.metricsLayout })
        state.configured(reloaded.needRestart)
        rulesInForce = reloaded.config.store.rules
      },
      ownMetrics: state.mainMetrics,
      log,
    })
    const answering = await opened
    await answering.openAdmin()
    const streams = await intakeOpened
    await answering.openGrpc()
    state.setNotReady(undefined)
    const thrift = new MemoryThrift({
      clock,
      lastHeardMs: () => state.lastHeardMs(),
      lastAskedMs: () => answering.lastAskedMs,
      metricCount: () => state.metricCount,
      threads: () => supervisor.openLinks(),
      keeper: () => supervisor.openLink('keeper'),
      shrinkHere: shrinkHeap,
      async release() {
        await trimMemory()
        await letGoOfPrograms()
      },
    })

    return {
      status: () => state.status(),
      reload,
      async stop() {
        state.setNotReady('it is stopping')
        taps.close()
        thrift.end()
        await answering.closeGrpc()
        await streams.close()
        await Promise.all([STREAM, ...receivers].map((peer) => supervisor.stop(peer)))
        await supervisor.stop('keeper')
        await supervisor.stop('delivery')
        await answering.close()
        await queryThreads.stop()
      },
    }
  } catch (error) {
    await supervisor.terminateAll()
    stream?.release()
    await frontOpened
    await front?.close()
    throw error
  }
}

function peersOf(stage: TapStage, intake: readonly PeerName[]): readonly PeerName[] {
  if (stage === 'received') return intake
  return [stage === 'sent' ? 'delivery' : 'keeper']
}
