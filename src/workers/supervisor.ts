import { MessageChannel, type Worker } from 'node:worker_threads'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../telemetry/log.ts'
import { allocateOwnMetrics, type OwnMetrics } from '../telemetry/own-metrics.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import type { LifeCalls, PeerName, WorkerToMain } from './calls.ts'
import { openLink, type Link } from './rpc.ts'
import { spawnWorker } from './spawn.ts'
import type { ReloadedSetup, WorkerName, WorkerSetup } from './worker-setup.ts'

export interface ThreadPlan<Calls extends LifeCalls> {
  /** Which file of workers/ it runs. */
  readonly worker: WorkerName
  /** Its name among its peers, in the log and in its own metrics. */
  readonly peer: PeerName
  readonly shardId?: number
  /** Makes it work once it is connected; called again after a restart. */
  open(link: Link<Calls>): Promise<void>
}

export interface Thread<Calls extends LifeCalls> {
  /** The link to the thread that runs now; ask again for each use. */
  link(): Link<Calls>
}

export interface SupervisorOptions {
  readonly setup: Omit<WorkerSetup, 'threadName' | 'metricsBuffer' | 'shardId'>
  readonly ownMetrics: OwnMetrics
  readonly fromWorkers: WorkerToMain
  readonly clock: Clock
  readonly log: Log
  /** How a thread is started; tests have threads of their own. */
  readonly spawn?: typeof spawnWorker
}

const FIRST_RESTART_DELAY_MS = 50
const LONGEST_RESTART_DELAY_MS = 5_000
const CALM_MS = 60_000

interface Running {
  readonly plan: ThreadPlan<LifeCalls>
  readonly metricsBuffer: SharedArrayBuffer
  worker: Worker
  link: Link<LifeCalls>
  /** It has opened and lives: those who need it are connected. */
  isOpen: boolean
  isDown: boolean
  isStopping: boolean
  startedMs: number
  restartsInARow: number
}

/**
 * Starts the threads, connects them, and starts again one that dies: the new one takes its place on every link and
 * is opened as the first was. Its counters go on where they were.
 *
 * A thread is given what it needs before it opens, and to those who need it only once it is open: what they send to a
 * thread that is not would be lost, and what they ask would be answered too early.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #threads = new Map<PeerName, Running>()
  /** What threads are started with from now on. */
  #setup: SupervisorOptions['setup']
  /** The first of each pair needs the second. */
  #edges: (readonly [PeerName, PeerName])[] = []

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#setup = options.setup
  }

  /**
   * Starts a thread, connects it to the peers it needs, and opens it. With a peer that is not open yet it is connected when
   * that is. Rejects with what `open` rejects.
   */
  async start<Calls extends LifeCalls>(
    plan: ThreadPlan<Calls>,
    peers: readonly PeerName[] = [],
  ): Promise<Thread<Calls>> {
    const metricsBuffer = allocateOwnMetrics(this.#options.setup.metricsLayout)
    const erased = plan as unknown as ThreadPlan<LifeCalls>
    const running: Running = {
      plan: erased,
      metricsBuffer,
      ...this.#spawn(erased, metricsBuffer),
      isOpen: false,
      isDown: false,
      isStopping: false,
      startedMs: this.#options.clock.monotonicMs(),
      restartsInARow: 0,
    }
    this.#threads.set(plan.peer, running)
    this.#watch(running)
    for (const peer of peers) this.#edges.push([plan.peer, peer])
    await this.#open(running)
    return { link: () => running.link as unknown as Link<Calls> }
  }

  /**
   * Tells every thread to go on with another configuration, and resolves when all do. One that is down, or dies of something
   * else meanwhile, is started again with it. Rejects if a thread fails to; the others have done so then.
   */
  async reconfigure(setup: ReloadedSetup): Promise<void> {
    this.#setup = { ...this.#setup, ...setup }
    const outcomes = await Promise.allSettled(
      [...this.#threads.values()].map(({ link }) => link.call('reconfigure', setup)),
    )
    const failure = outcomes.find((outcome) => outcome.status === 'rejected' && !isDeath(outcome.reason))
    if (failure?.status === 'rejected') throw failure.reason
  }

  /** Lets the thread finish, then ends it. */
  async stop(peer: PeerName): Promise<void> {
    const running = this.#threads.get(peer)
    if (running === undefined || running.isStopping) return
    running.isStopping = true
    try {
      if (!running.isDown) await running.link.call('stop', null)
    } catch (error) {
      this.#options.log.error({ thread: peer, reason: reasonOf(error) }, 'a thread did not stop cleanly')
    }
    await running.worker.terminate()
  }

  /** Which thread, of all or of one, is dead and not yet there again. */
  downReason(peer?: PeerName): string | undefined {
    const threads = [...this.#threads.values()].filter(({ plan }) => peer === undefined || plan.peer === peer)
    const down = threads.find((running) => running.isDown)
    return down === undefined ? undefined : `the ${down.plan.peer} thread is being started again`
  }

  /** Ends threads at once and forgets them, so that they can be started anew. */
  async discard(peers: readonly PeerName[]): Promise<void> {
    for (const peer of peers) {
      const running = this.#threads.get(peer)
      if (running === undefined) continue
      running.isStopping = true
      await running.worker.terminate()
      this.#threads.delete(peer)
      this.#edges = this.#edges.filter((edge) => !edge.includes(peer))
    }
  }

  /** Ends everything at once; what is under way is lost. */
  async terminateAll(): Promise<void> {
    for (const running of this.#threads.values()) running.isStopping = true
    await Promise.all([...this.#threads.values()].map((running) => running.worker.terminate()))
  }

  /** The threads that are open. */
  openLinks(): Link<LifeCalls>[] {
    const open = [...this.#threads.values()].filter(({ isOpen, isStopping }) => isOpen && !isStopping)
    return open.map(({ link }) => link)
  }

  /** The link to a thread; undefined while it is not open. */
  openLink<Calls extends LifeCalls>(peer: PeerName): Link<Calls> | undefined {
    const running = this.#threads.get(peer)
    if (running === undefined || !running.isOpen || running.isStopping) return undefined
    return running.link as unknown as Link<Calls>
  }

  /** One buffer of own metrics per thread. */
  metricsBuffers(): SharedArrayBuffer[] {
    return [...this.#threads.values()].map((running) => running.metricsBuffer)
  }

  #spawn(plan: ThreadPlan<LifeCalls>, metricsBuffer: SharedArrayBuffer): Pick<Running, 'worker' | 'link'> {
    const { spawn = spawnWorker } = this.#options
    const worker = spawn(plan.worker, {
      ...this.#setup,
      threadName: plan.peer,
      metricsBuffer,
      shardId: plan.shardId ?? -1,
    })
    return { worker, link: openLink<LifeCalls, WorkerToMain>(worker, this.#options.fromWorkers) }
  }

  /** Connects it to the open ones that it needs, opens it, and connects to it the ones that need it. */
  async #open(running: Running): Promise<void> {
    const { plan } = running
    for (const [first, second] of this.#edges)
      if (first === plan.peer && this.#threads.get(second)?.isOpen === true) this.#connect(first, second)
    await plan.open(running.link)
    running.isOpen = true
    for (const [first, second] of this.#edges) if (second === plan.peer) this.#connect(first, second)
  }

  #connect(first: PeerName, second: PeerName): void {
    if (!this.#threads.has(first)) return
    const channel = new MessageChannel()
    this.#hand(first, second, channel.port1)
    this.#hand(second, first, channel.port2)
  }

  #hand(to: PeerName, peer: PeerName, port: MessageChannel['port1']): void {
    this.#threads.get(to)?.link.notify('connect', { peer, port }, [port])
  }

  #watch(running: Running): void {
    let reason = 'it ended'
    running.worker.on('error', (error) => {
      reason = reasonOf(error)
    })
    running.worker.on('exit', () => {
      running.link.break({ code: 'worker-died', details: { name: running.plan.peer, reason } })
      if (!running.isStopping) this.#restartSoon(running, reason)
    })
  }

  #restartSoon(running: Running, reason: string): void {
    const { clock, log, ownMetrics } = this.#options
    const thread = running.plan.peer
    running.isOpen = false
    running.isDown = true
    running.restartsInARow =
      clock.monotonicMs() - running.startedMs > CALM_MS ? 1 : running.restartsInARow + 1
    const delayMs = Math.min(
      FIRST_RESTART_DELAY_MS * 2 ** (running.restartsInARow - 1),
      LONGEST_RESTART_DELAY_MS,
    )
    ownMetrics.counter('kymo_worker_restarts_total', { thread }).add(1)
    log.error({ code: 'worker-died', peer: thread, reason }, 'a thread died; starting it again')
    clock.after(delayMs, () => void this.#restart(running))
  }

  async #restart(running: Running): Promise<void> {
    if (running.isStopping) return
    const { plan } = running
    Object.assign(running, this.#spawn(plan, running.metricsBuffer), {
      startedMs: this.#options.clock.monotonicMs(),
    })
    this.#watch(running)
    try {
      await this.#open(running)
      running.isDown = false
    } catch (error) {
      // Its end has been noticed and told already, or it was told to stop.
      if (running.link.isBroken || running.isStopping) return
      this.#options.log.error(
        { peer: plan.peer, reason: reasonOf(error) },
        'a thread could not be opened again',
      )
      // Its end will be noticed, and it is tried again, later each time.
      await running.worker.terminate()
    }
  }
}

function isDeath(error: unknown): boolean {
  return error instanceof KymoError && error.code === 'worker-died'
}
