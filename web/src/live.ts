import { fetchStatus, type RejectionSample, type StatusReport } from './api.ts'
import type { PageClock } from './browser-clock.ts'

/**
 * What Kymo tells without being asked: its status about once a second, each flush, and rejected lines.
 * It comes as server-sent events. While the stream is down the status is polled instead and the stream is
 * opened again, so that a proxy that cuts streams costs nothing but speed.
 *
 *   connecting --first event--> live --stream fails--> polling --status fails--> offline
 *                                ^--------stream opens again-----'-------------------'
 */
export type Connection = 'connecting' | 'live' | 'polling' | 'offline'

export interface LiveState {
  readonly connection: Connection
  /** The newest report; kept while offline. */
  readonly status: StatusReport | null
  /** Add to the browser's time to get Kymo's. */
  readonly clockOffsetMs: number
  /** Newest flush heard of, from an event or a report; 0: none. */
  readonly lastFlushMs: number
  readonly lastRejection: RejectionSample | null
  /** Those that were told of since the page was opened, newest first. */
  readonly rejections: readonly RejectionSample[]
  /** Packets received between reports, oldest first; for the trace that shows traffic. */
  readonly intake: readonly IntakeSample[]
}

export interface IntakeSample {
  readonly atMs: number
  readonly packetsPerSecond: number
  readonly isRejected: boolean
}

/** The part of EventSource that is used. */
export interface EventStream {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

export interface LiveFeedOptions {
  readonly clock: PageClock
  readonly openStream: (url: string) => EventStream
  readonly readStatus?: (signal: AbortSignal) => Promise<StatusReport>
}

const POLL_MS = 2000
const REOPEN_MS = 5000
const INTAKE_SAMPLES = 60
const KEPT_REJECTIONS = 200

export class LiveFeed {
  readonly #clock: PageClock
  readonly #openStream: LiveFeedOptions['openStream']
  readonly #readStatus: (signal: AbortSignal) => Promise<StatusReport>
  readonly #listeners = new Set<() => void>()
  #state: LiveState = {
    connection: 'connecting',
    status: null,
    clockOffsetMs: 0,
    lastFlushMs: 0,
    lastRejection: null,
    rejections: [],
    intake: [],
  }
  #stream: EventStream | null = null
  #polling: AbortController | null = null
  #cancelReopen = () => {}

  constructor(options: LiveFeedOptions) {
    this.#clock = options.clock
    this.#openStream = options.openStream
    this.#readStatus = options.readStatus ?? fetchStatus
  }

  open(): void {
    this.#connect()
    // The first report does not wait for the stream's first event.
    void this.#poll(false)
  }

  close(): void {
    this.#stream?.close()
    this.#stream = null
    this.#stopPolling()
    this.#cancelReopen()
  }

  /** Both are bound: React takes them as they are. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getState = (): LiveState => this.#state

  #connect(): void {
    const stream = this.#openStream('/api/live')
    this.#stream = stream
    stream.addEventListener('status', (event) => {
      this.#stopPolling()
      this.#takeStatus(JSON.parse(event.data) as StatusReport, 'live')
    })
    stream.addEventListener('flush', (event) => {
      const flush = JSON.parse(event.data) as { timestamp_ms: number }
      this.#update({ lastFlushMs: Math.max(this.#state.lastFlushMs, flush.timestamp_ms) })
    })
    stream.addEventListener('rejection', (event) => {
      const lastRejection = JSON.parse(event.data) as RejectionSample
      // A stream begins with those of late, also when it is opened again.
      if (this.#state.rejections.some((known) => isSame(known, lastRejection))) return
      const rejections = [lastRejection, ...this.#state.rejections].slice(0, KEPT_REJECTIONS)
      this.#update({ lastRejection, rejections })
    })
    stream.addEventListener('error', () => this.#fallBack(stream))
  }

  /** EventSource reopens by itself after some failures and gives up after others: one rule for both is simpler. */
  #fallBack(stream: EventStream): void {
    if (stream !== this.#stream) return
    stream.close()
    this.#stream = null
    this.#cancelReopen = this.#clock.after(REOPEN_MS, () => this.#connect())
    this.#stopPolling()
    void this.#poll(true)
  }

  async #poll(isRepeated: boolean): Promise<void> {
    const polling = new AbortController()
    this.#polling = polling
    do {
      try {
        const status = await this.#readStatus(polling.signal)
        if (polling.signal.aborted) return
        this.#takeStatus(status, isRepeated ? 'polling' : this.#state.connection)
      } catch {
        if (polling.signal.aborted) return
        if (isRepeated) this.#update({ connection: 'offline' })
      }
      if (isRepeated) await this.#pause(POLL_MS, polling.signal)
    } while (isRepeated && !polling.signal.aborted)
  }

  #stopPolling(): void {
    this.#polling?.abort()
    this.#polling = null
  }

  #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve)
      signal.addEventListener('abort', () => {
        cancel()
        resolve()
      })
    })
  }

  #takeStatus(status: StatusReport, connection: Connection): void {
    const previous = this.#state
    this.#update({
      connection,
      status,
      clockOffsetMs: status.nowMs - this.#clock.nowMs(),
      lastFlushMs: Math.max(
        status.lastFlushMs,
        isSameRun(previous.status, status) ? previous.lastFlushMs : 0,
      ),
      lastRejection: status.lastRejection ?? previous.lastRejection,
      intake: addIntake(previous, status),
    })
  }

  #update(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

function addIntake(previous: LiveState, status: StatusReport): readonly IntakeSample[] {
  const before = previous.status
  // A restart begins a new count.
  if (before === null || !isSameRun(before, status)) return []
  const elapsedMs = status.nowMs - before.nowMs
  if (elapsedMs <= 0) return previous.intake
  const packets = Math.max(0, status.packets.received - before.packets.received)
  const sample: IntakeSample = {
    atMs: status.nowMs,
    packetsPerSecond: (packets * 1000) / elapsedMs,
    isRejected: status.lines.rejected > before.lines.rejected,
  }
  return [...previous.intake, sample].slice(-INTAKE_SAMPLES)
}

function isSameRun(before: StatusReport | null, after: StatusReport): boolean {
  return before?.startedAtMs === after.startedAtMs
}

function isSame(one: RejectionSample, other: RejectionSample): boolean {
  return one.atMs === other.atMs && one.line === other.line && one.listener === other.listener
}
