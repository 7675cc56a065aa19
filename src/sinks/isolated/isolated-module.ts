import { Worker } from 'node:worker_threads'
import type { Timer } from '../../lib/clock.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PacketBatch } from '../../model/packet-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import { SeriesSender } from '../../model/series-link.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { backoffDelayMs, DEFAULT_BACKOFF } from '../delivery/backoff.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import type {
  FromModule,
  ModuleCarries,
  ModuleFailure,
  ModulePlan,
  ModuleTask,
  ToModule,
} from './messages.ts'

export interface IsolatedModuleOptions {
  readonly plan: Omit<ModulePlan, 'logLevel'>
  /** What the module may take for one batch, and for being loaded. */
  readonly timeoutMs: number
  /** Of its heap. */
  readonly memoryBytes: number
  readonly context: SinkContext
}

type Batch = FlushBatch | PointBatch | readonly MetricEvent[]

interface Attempt {
  readonly id: number
  readonly batch: Batch
  readonly resolve: (result: SinkResult) => void
  readonly reject: (error: unknown) => void
}

/** A batch that fails so often, for no reason that would pass, is given up. */
const MOST_TRIES = 3
/** On a busy machine a thread needs some time, however short its batches are. */
const LEAST_LOADING_MS = 30_000
/** After its signal has aborted, or it was told to close. */
const GRACE_MS = 500
/** Since its start without an end: what went wrong before is forgotten. */
const CALM_MS = 60_000
const MOST_PACKET_BYTES_ON_THE_WAY = 8 * 1_024 * 1_024
const BYTES_PER_MEBIBYTE = 1_024 * 1_024
/** Until it is known. */
const ALL: ModuleCarries = { flush: true, points: true, events: true, packets: true }

/**
 * A module that is not ours, in a thread of its own. Whatever it does there, nothing else meets it: if it throws, the batch is tried again; if it
 * hangs, or takes too much memory, the thread is ended; and a thread that ended, of itself or not, is started again, later each time.
 * A batch with which that happens again and again is given up.
 */
export class IsolatedModule implements Sink {
  readonly name: string
  /** There are those that the module carries; all, until that is known. */
  flush?: NonNullable<Sink['flush']>
  points?: NonNullable<Sink['points']>
  events?: NonNullable<Sink['events']>
  readonly #options: IsolatedModuleOptions
  #worker: Worker | undefined
  /** It has loaded. */
  #isUp = false
  #carries = ALL
  #sender = new SeriesSender()
  #attempt: Attempt | undefined
  #lastId = 0
  #packetBytesOnTheWay = 0
  /** What was tried last, and how often that failed. */
  #tried: { readonly batch: Batch; count: number } | undefined
  #startedMs = 0
  #failuresInARow = 0
  #restart: Timer | undefined
  #loading: Timer | undefined
  /** Why there is no thread. */
  #problem: KymoError
  #whenUp = Promise.withResolvers<void>()
  #isClosed = false
  #whenClosed: (() => void) | undefined

  constructor(options: IsolatedModuleOptions) {
    this.#options = options
    this.name = options.plan.name
    this.#problem = new KymoError('module-ended', { name: this.name, reason: 'it is being started' })
    this.#offer(ALL)
    this.#start()
  }

  packets(batch: PacketBatch): void {
    if (!this.#isUp || !this.#carries.packets || this.#packetBytesOnTheWay > MOST_PACKET_BYTES_ON_THE_WAY) {
      this.#options.context.meter.lostPackets(batch.ends.length)
      return
    }
    this.#packetBytesOnTheWay += batch.bytes.length
    this.#post({ kind: 'packets', batch })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#restart?.cancel()
    this.#loading?.cancel()
    this.#whenUp.promise.catch(() => {})
    this.#whenUp.reject(this.#problem)
    const worker = this.#worker
    if (worker === undefined) return
    if (this.#isUp) {
      const closed = Promise.withResolvers<void>()
      this.#whenClosed = closed.resolve
      const timer = this.#options.context.clock.after(GRACE_MS, closed.resolve)
      this.#post({ kind: 'close' })
      await closed.promise
      timer.cancel()
    }
    await worker.terminate()
  }

  #offer(carries: ModuleCarries): void {
    this.#carries = carries
    if (!carries.flush) delete this.flush
    else
      this.flush = (batch, signal) =>
        this.#hand(batch, signal, () => ({ kind: 'flush', batch: this.#sender.flush(batch) }))
    if (!carries.points) delete this.points
    else
      this.points = (batch, signal) =>
        this.#hand(batch, signal, () => ({ kind: 'points', batch: this.#sender.points(batch) }))
    if (!carries.events) delete this.events
    else this.events = (batch, signal) => this.#hand(batch, signal, () => ({ kind: 'events', batch }))
  }

  async #hand(batch: Batch, signal: AbortSignal, taskOf: () => ModuleTask): Promise<SinkResult> {
    signal.throwIfAborted()
    if (this.#isClosed) throw this.#problem
    if (!this.#isUp) await this.#waitForStart(signal)
    const { clock } = this.#options.context
    const { timeoutMs } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<SinkResult>()
    const id = ++this.#lastId
    this.#attempt = { id, batch, resolve, reject }
    this.#post({ kind: 'task', id, task: taskOf() })
    let grace: Timer | undefined
    const onAbort = (): void => {
      this.#post({ kind: 'abort', id, reason: reasonOf(signal.reason) })
      grace = clock.after(GRACE_MS, () =>
        this.#end('it did not obey when it was told to stop', signal.reason),
      )
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const timeout = clock.after(timeoutMs, () => {
      const seconds = timeoutMs / 1_000
      this.#end(
        `it had not finished a batch after ${seconds} s`,
        new KymoError('sink-hung', { name: this.name, seconds }),
      )
    })
    try {
      return await promise
    } catch (error) {
      // What was aborted was not its fault.
      throw signal.aborted ? signal.reason : this.#judge(batch, error)
    } finally {
      signal.removeEventListener('abort', onAbort)
      grace?.cancel()
      timeout.cancel()
      this.#attempt = undefined
    }
  }

  /** Of a thread that is being loaded the end is waited for; one that is to be started later is not. */
  async #waitForStart(signal: AbortSignal): Promise<void> {
    if (this.#worker === undefined) throw this.#problem
    const aborted = Promise.withResolvers<never>()
    const onAbort = (): void => aborted.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([this.#whenUp.promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** What fails again and again, for no reason that would pass, is not tried for ever. */
  #judge(batch: Batch, error: unknown): unknown {
    const failure = error instanceof ModuleError ? error.failure : undefined
    const reason = reasonOf(error)
    if (failure?.isRetryable === false) return new KymoError('sink-refused', { name: this.name, reason })
    const { retryAfterMs } = failure ?? {}
    const retryLater = (): KymoError =>
      error instanceof KymoError
        ? error
        : new KymoError('module-failed', { name: this.name, reason }, { retryAfterMs })
    if (failure?.isRetryable === true) return retryLater()
    if (this.#tried?.batch !== batch) this.#tried = { batch, count: 0 }
    this.#tried.count += 1
    if (this.#tried.count < MOST_TRIES) return retryLater()
    this.#tried = undefined
    return new KymoError('sink-refused', {
      name: this.name,
      reason: `it failed ${MOST_TRIES} times: ${reason}`,
    })
  }

  #start(): void {
    const { plan, memoryBytes, timeoutMs, context } = this.#options
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./module-thread.${extension}`, import.meta.url), {
      name: `module-${plan.name}`,
      workerData: { ...plan, logLevel: context.log.level } satisfies ModulePlan,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memoryBytes / BYTES_PER_MEBIBYTE) },
      stdout: true,
      stderr: true,
    })
    worker.stdout.pipe(context.stdout, { end: false })
    worker.stderr.pipe(context.stderr, { end: false })
    this.#worker = worker
    this.#startedMs = context.clock.monotonicMs()
    this.#sender = new SeriesSender()
    this.#packetBytesOnTheWay = 0
    let problem: string | undefined
    worker.on('message', (message: FromModule) => this.#take(message))
    worker.on('error', (error) => (problem = reasonOf(error)))
    worker.on('exit', (code) => this.#ended(worker, problem ?? `it ended itself, with ${code}`))
    const longestMs = Math.max(LEAST_LOADING_MS, timeoutMs)
    this.#loading = context.clock.after(longestMs, () =>
      this.#end(`it had not loaded after ${longestMs / 1_000} s`),
    )
  }

  #take(message: FromModule): void {
    switch (message.kind) {
      case 'loaded':
        this.#loading?.cancel()
        this.#isUp = true
        this.#offer(message.carries)
        this.#whenUp.resolve()
        this.#options.context.log.info({ sink: this.name }, 'a module is loaded')
        break
      case 'done':
        if (this.#attempt?.id !== message.id) return
        this.#tried = undefined
        if (message.stats.length > 0) this.#options.context.meter.says?.(message.stats)
        this.#attempt.resolve({
          refusedPoints: Math.min(message.refusedPoints, pointsOf(this.#attempt.batch)),
        })
        break
      case 'failed':
        if (this.#attempt?.id === message.id) this.#attempt.reject(new ModuleError(message.failure))
        break
      case 'tookPackets':
        this.#packetBytesOnTheWay -= message.byteCount
        break
      case 'deadLetters':
        this.#options.context.deadLetters.add(message.reason, message.items, message.code)
        break
      case 'closed':
        this.#whenClosed?.()
        break
    }
  }

  /** Ends the thread. `error` is what the batch under way is rejected with. */
  #end(reason: string, error?: unknown): void {
    const worker = this.#worker
    if (worker === undefined) return
    if (error !== undefined) this.#attempt?.reject(error)
    this.#ended(worker, reason)
    void worker.terminate()
  }

  #ended(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return
    const { context, plan } = this.#options
    const wasUp = this.#isUp
    this.#worker = undefined
    this.#isUp = false
    this.#loading?.cancel()
    const details = { name: this.name, module: plan.module, reason }
    this.#problem = new KymoError(wasUp ? 'module-ended' : 'module-unloadable', details)
    this.#attempt?.reject(this.#problem)
    if (this.#isClosed) return
    this.#whenUp.promise.catch(() => {})
    this.#whenUp.reject(this.#problem)
    this.#whenUp = Promise.withResolvers()
    const isCalm = wasUp && context.clock.monotonicMs() - this.#startedMs > CALM_MS
    this.#failuresInARow = isCalm ? 1 : this.#failuresInARow + 1
    context.meter.restarted()
    const { code, message, help } = this.#problem
    context.log.error(
      { code, sink: this.name, problem: message, help },
      'the thread of a module ended; it is started again',
    )
    const delayMs = backoffDelayMs(DEFAULT_BACKOFF, this.#failuresInARow, Math.random)
    this.#restart = context.clock.after(delayMs, () => this.#start())
  }

  #post(message: ToModule): void {
    this.#worker?.postMessage(message)
  }
}

/** A module said that it failed. */
class ModuleError extends Error {
  readonly failure: ModuleFailure

  constructor(failure: ModuleFailure) {
    super(failure.reason)
    this.failure = failure
  }
}

function pointsOf(batch: Batch): number {
  return 'series' in batch ? batch.series.length : batch.length
}
