import type { Timer } from '../../lib/clock.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PacketBatch } from '../../model/packet-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import type { Sending } from '../../model/sending.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { Sink, SinkResult } from '../sink.ts'
import { DEFAULT_BACKOFF, retryDelayMs } from './backoff.ts'
import { BatchShaper, type Shape } from './batch-shaper.ts'
import type { Delivery, DeliveryOptions, DeliveryStatus, SinkSettings, SinkState } from './delivery.ts'
import { DeliveryCounts } from './delivery-counts.ts'
import { Outage } from './outage.ts'
import { type Parcel, pointsOf } from './queue.ts'
import type { SinkStorage } from './sink-storage.ts'
import { type DropReason, WaitingLine } from './waiting-line.ts'

const DEFAULT_ATTEMPT_TIMEOUT_MS = 300_000
const CLOSE_TIMEOUT_MS = 1_000
/** What a sink that is replaced is given to finish the batch that it is at. */
const REPLACED_SINK_GRACE_MS = 5_000

/** Flushes come every 10 s mostly, and take a while. */
const BEHIND_MS = 60_000

type Outcome = { readonly result: SinkResult | undefined } | { readonly error: unknown }

export class SinkRunner implements Delivery {
  #sink: Sink
  #type: string
  /** It is handed a batch; when it is done, `#sink` may be another. */
  #busySink: Sink | undefined
  readonly #options: DeliveryOptions
  #shaper: BatchShaper
  readonly #queue: WaitingLine
  readonly #outage: Outage
  readonly #counts: DeliveryCounts
  readonly #closed = Promise.withResolvers<void>()
  readonly #deadlines: Timer[] = []
  #phase: 'open' | 'draining' | 'stopped' = 'open'
  #spoolBytes: number
  #storage: SinkStorage | undefined
  #isWaitingForStorage = false
  #isRunning = false
  #oldestMs: number | null = null
  #lastSuccessMs: number | null = null
  #failuresInARow = 0
  #lastFlushMs: number | null = null
  #lastSending: Sending | null = null
  #lastFailureMs: number | null = null
  #attempt: AbortController | undefined
  #endPause: () => void = () => {}

  constructor(sink: Sink, options: DeliveryOptions) {
    this.#sink = sink
    this.#type = options.type
    this.#options = options
    this.#shaper = this.#createShaper(sink, options.shape)
    this.#spoolBytes = options.spoolBytes ?? 0
    this.#queue = new WaitingLine(options.queuePoints, (points, reason) => this.#lost(points, reason))
    this.#counts = new DeliveryCounts(sink.name, options.metrics)
    this.#outage = new Outage(sink.name, options.clock, options.log)
    if (options.storage !== undefined) void this.#waitForStorage(options.storage)
  }

  flush(batch: FlushBatch): void {
    if (this.#sink.flush !== undefined) this.#shaper.flush(batch)
  }

  points(batch: PointBatch): void {
    if (this.#sink.points === undefined) return
    const shaped = this.#shaper.points(batch)
    // A stream of points that are none of its own is not worth a request each.
    if (shaped === batch || shaped.series.length > 0) this.#enqueue({ kind: 'points', batch: shaped })
  }

  events(events: readonly MetricEvent[]): void {
    if (this.#sink.events !== undefined) this.#enqueue({ kind: 'events', batch: events })
  }

  packets(batch: PacketBatch): void {
    try {
      this.#sink.packets?.(batch)
    } catch (error) {
      this.#outage.refused(error, 0)
    }
  }

  status(): DeliveryStatus {
    return {
      name: this.#sink.name,
      type: this.#type,
      state: this.#state(),
      queuedPoints: this.#queue.points,
      spoolBytes: this.#queue.spoolBytes,
      oldestMs: this.#oldestMs,
      ...this.#counts.status(),
      lastError: this.#outage.lastError,
      lastErrorCode: this.#outage.lastCode,
      lastErrorHelp: this.#outage.lastHelp,
      lastSuccessMs: this.#lastSuccessMs,
      lastFlushMs: this.#lastFlushMs,
      lastSending: this.#lastSending,
      lastFailureMs: this.#lastFailureMs,
    }
  }

  replaceSink(sink: Sink, { type, queuePoints, spoolBytes = 0, shape }: SinkSettings): void {
    if (this.#hasStopped()) {
      void this.#closeSink(sink)
      return
    }
    const replaced = this.#sink
    const attempt = this.#attempt
    // What the one before sent says nothing of another kind of place.
    if (type !== this.#type) this.#forgetAttempts()
    this.#shaper.end()
    this.#shaper = this.#createShaper(sink, shape)
    this.#sink = sink
    this.#type = type
    this.#queue.setLimit(queuePoints)
    this.#spoolBytes = spoolBytes
    this.#queue.spool?.setLimit(spoolBytes)
    this.#failuresInARow = 0
    this.#endPause()
    if (replaced === this.#busySink) {
      this.#options.clock.after(REPLACED_SINK_GRACE_MS, () => attempt?.abort(new Error('it is replaced')))
    } else void this.#closeSink(replaced)
  }

  drain(timeoutMs: number): Promise<void> {
    if (this.#phase === 'stopped') return this.#closed.promise
    this.#shaper.end()
    this.#phase = 'draining'
    this.#deadlines.push(this.#options.clock.after(timeoutMs, () => this.#giveUp()))
    this.#failuresInARow = 0
    if (this.#isRunning) this.#endPause()
    else if (!this.#isWaitingForStorage) this.#stop()
    return this.#closed.promise
  }

  #createShaper(sink: Sink, shape: Shape = {}): BatchShaper {
    const emit = (batch: FlushBatch): void => this.#enqueue({ kind: 'flush', batch })
    const takes = sink.takes?.bind(sink)
    return new BatchShaper(shape, emit, {
      ...(takes === undefined ? {} : { takes }),
      onClash: ({ kept, leftOut }) =>
        this.#options.log.warn(
          { sink: sink.name, name: kept.key, metric: kept.metricKey, left_out: leftOut.metricKey },
          'series of different kinds come to one name for a sink; the first is sent, the others are left out',
        ),
    })
  }

  #enqueue(parcel: Parcel): void {
    if (this.#phase !== 'open') {
      this.#counts.dropped(pointsOf(parcel), 'stopped')
      return
    }
    this.#attachSpool()
    this.#queue.push(parcel)
    this.#counts.showQueue(this.#queue)
    if (!this.#isRunning && !this.#isWaitingForStorage) void this.#run()
  }

  async #waitForStorage(storage: Promise<SinkStorage | undefined>): Promise<void> {
    this.#isWaitingForStorage = true
    this.#storage = await storage
    this.#isWaitingForStorage = false
    if (this.#hasStopped()) return
    this.#attachSpool()
    this.#counts.showQueue(this.#queue)
    await this.#run()
  }

  /** Also after the options have come to want one. */
  #attachSpool(): void {
    if (this.#storage === undefined || this.#spoolBytes === 0 || this.#queue.spool !== undefined) return
    if (this.#isRunning && this.#busySink !== undefined) return
    const spool = this.#storage.openSpool({
      sinkName: this.#sink.name,
      limitBytes: this.#spoolBytes,
      onDropped: (points, reason) => this.#lost(points, reason),
      onDamaged: (kept, removed) => this.#counts.damagedFiles(kept, removed),
    })
    // What cannot be opened now is not tried again with each batch.
    if (spool === undefined) this.#storage = undefined
    else this.#queue.attach(spool)
  }

  /** Runs while there is something to deliver. Whatever it waits for, the phase may be `stopped` afterwards. */
  async #run(): Promise<void> {
    this.#isRunning = true
    for (let parcel = this.#next(); parcel !== undefined; parcel = this.#next()) {
      const sink = this.#sink
      const outcome = await this.#try(sink, parcel)
      const isReplaced = sink !== this.#sink
      if (isReplaced) void this.#closeSink(sink)
      if (this.#hasStopped()) return
      if ('result' in outcome) this.#delivered(parcel, outcome.result)
      else if (isReplaced) this.#queue.release()
      else if (isRetryable(outcome.error)) await this.#retryLater(outcome.error)
      else this.#refused(parcel, outcome.error)
      this.#counts.showQueue(this.#queue)
      if (this.#hasStopped()) return
    }
    this.#isRunning = false
    if (this.#phase === 'draining') this.#stop()
  }

  #next(): Parcel | undefined {
    const parcel = this.#queue.hold()
    if (parcel === undefined) {
      if (this.#queue.points === 0) this.#oldestMs = null
    } else if (parcel.kind === 'flush') this.#oldestMs = parcel.batch.timestampMs
    // Points have whatever times they have; flushes are among them.
    else this.#oldestMs ??= this.#options.clock.nowMs()
    return parcel
  }

  #state(): SinkState {
    if (this.#outage.trouble === 'unreachable') return 'retrying'
    if (this.#outage.trouble === 'refusing') return 'refusing'
    const waitsMs = this.#oldestMs === null ? 0 : this.#options.clock.nowMs() - this.#oldestMs
    return waitsMs > BEHIND_MS ? 'behind' : 'ok'
  }

  async #try(sink: Sink, parcel: Parcel): Promise<Outcome> {
    const { clock, attemptTimeoutMs = DEFAULT_ATTEMPT_TIMEOUT_MS } = this.#options
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#busySink = sink
    const timer = clock.after(attemptTimeoutMs, () => {
      const error = new KymoError('sink-hung', { name: this.#sink.name, seconds: attemptTimeoutMs / 1000 })
      // Told now: a sink that does not obey its signal never gets to the place where failures are told.
      this.#outage.unreachable(error)
      attempt.abort(error)
    })
    try {
      const result = await this.#hand(sink, parcel, attempt.signal)
      return { result: result ?? undefined }
    } catch (error) {
      return { error }
    } finally {
      timer.cancel()
      this.#attempt = undefined
      this.#busySink = undefined
    }
  }

  /** A sink that took the place of another may be given what only that one could carry. */
  #hand(sink: Sink, parcel: Parcel, signal: AbortSignal): Promise<SinkResult | void> | SinkResult | void {
    if (sink[parcel.kind] === undefined) {
      const reason = `it does not carry ${parcel.kind}`
      throw new KymoError('sink-refused', { name: sink.name, reason })
    }
    switch (parcel.kind) {
      case 'flush':
        return sink.flush?.(parcel.batch, signal)
      case 'points':
        return sink.points?.(parcel.batch, signal)
      case 'events':
        return sink.events?.(parcel.batch, signal)
    }
  }

  #delivered(parcel: Parcel, result: SinkResult | undefined): void {
    const refusedPoints = result?.refusedPoints ?? 0
    const sentPoints = pointsOf(parcel) - refusedPoints
    this.#queue.remove()
    this.#failuresInARow = 0
    this.#counts.sent(sentPoints)
    this.#lastSuccessMs = this.#options.clock.nowMs()
    this.#outage.delivered()
    this.#options.onDelivered?.(this.#sink.name, parcel)
    if (parcel.kind === 'flush') {
      this.#lastFlushMs = this.#options.clock.nowMs()
      this.#lastSending = result?.sending ?? null
    }
    this.#options.onAttempt?.(this.status())
    if (refusedPoints > 0) {
      this.#counts.dropped(refusedPoints, 'refused')
      this.#outage.leftOut(refusedPoints)
    }
  }

  async #retryLater(error: unknown): Promise<void> {
    const { backoff = DEFAULT_BACKOFF, clock, random } = this.#options
    this.#queue.release()
    this.#failuresInARow += 1
    this.#counts.failed()
    this.#outage.unreachable(error)
    this.#tellFailure()
    const askedMs = error instanceof KymoError ? error.retryAfterMs : undefined
    const delayMs = retryDelayMs(backoff, { failures: this.#failuresInARow, askedMs, random })
    await new Promise<void>((resolve) => {
      const timer = clock.after(delayMs, resolve)
      this.#endPause = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  #refused(parcel: Parcel, error: unknown): void {
    this.#queue.remove()
    this.#counts.dropped(pointsOf(parcel), 'refused')
    this.#options.deadLetters?.addParcel(parcel, error)
    this.#outage.refused(error, pointsOf(parcel))
    this.#tellFailure()
  }

  #forgetAttempts(): void {
    this.#lastFlushMs = null
    this.#lastSending = null
    this.#lastFailureMs = null
    this.#lastSuccessMs = null
  }

  #tellFailure(): void {
    this.#lastFailureMs = this.#options.clock.nowMs()
    this.#options.onAttempt?.(this.status())
  }

  /** Of what waited. */
  #lost(points: number, reason: DropReason): void {
    this.#counts.dropped(points, reason)
    if (reason === 'queue_full') this.#outage.overflowed(points)
  }

  /** The deadline has come. Whether a batch on its way arrives is not known: it counts as queued, or as dropped. */
  #giveUp(): void {
    if (this.#hasStopped()) return
    const points = this.#queue.park()
    this.#counts.showQueue(this.#queue)
    this.#counts.dropped(points, 'stopped')
    if (points > 0) {
      this.#options.log.warn({ sink: this.#sink.name, points }, 'stopped before a sink took everything')
    }
    this.#attempt?.abort(new Error('Kymo is stopping'))
    this.#endPause()
    this.#stop()
  }

  #stop(): void {
    this.#phase = 'stopped'
    for (const timer of this.#deadlines) timer.cancel()
    this.#queue.spool?.close()
    const letters = this.#options.deadLetters
    const written = letters === undefined ? undefined : this.#soon(letters.settle())
    void Promise.all([this.#closeSink(this.#sink), written]).then(() => this.#closed.resolve())
  }

  async #closeSink(sink: Sink): Promise<void> {
    try {
      await this.#soon(sink.close())
    } catch (error) {
      this.#options.log.warn({ sink: sink.name, error: reasonOf(error) }, 'a sink did not close cleanly')
    }
  }

  /** What hangs must not keep the process from ending. */
  async #soon(action: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(CLOSE_TIMEOUT_MS, late.resolve)
    try {
      await Promise.race([action, late.promise])
    } finally {
      timer.cancel()
    }
  }

  #hasStopped(): boolean {
    return this.#phase === 'stopped'
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof KymoError && error.isRetryable
}
