import { Readable } from 'node:stream'
import type { Clock, Timer } from '../lib/clock.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { ApiServices, RejectionSample, StatusReport } from './services.ts'

/**
 * What happens, as server-sent events, for pages that watch:
 *
 *   event: status       the StatusReport: at once, then each second if it changed, and every 5 s in any case
 *   event: flush        {"timestamp", "timestamp_ms"} of each flush
 *   event: rejection    a line that was refused, with its reason: at once those of late, then each that is sampled
 *
 * All clients are served from one look each second, and nobody looks while nobody watches. A client that does not read
 * is let go once 256 KiB wait for it; the browser comes back by itself.
 */
export interface LiveFeed {
  /** A stream of events. Destroy it to leave. Throws `server-busy` when there are too many clients. */
  join(): Readable
  readonly clientCount: number
  /** Ends every stream; joining later is refused. Safe to call twice. */
  close(): void
}

export interface LiveFeedOptions {
  readonly services: Pick<ApiServices, 'status' | 'recentRejections' | 'onRejection'>
  readonly clock: Clock
  readonly log: Log
}

const MAX_CLIENTS = 100
const MAX_WAITING_BYTES = 256 * 1024
const LOOK_INTERVAL_MS = 1000
const HEARTBEAT_INTERVAL_MS = 5000
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000

export function createLiveFeed({ services, clock, log }: LiveFeedOptions): LiveFeed {
  const clients = new Set<Readable>()
  let isClosed = false
  let timer: Timer | undefined
  let stopRejections: (() => void) | undefined
  let lastFingerprint = ''
  let lastStatusMs = 0
  let lastFlushMs = 0

  return {
    join() {
      if (isClosed) throw new KymoError('not-ready', { reason: 'it is stopping' })
      if (clients.size >= MAX_CLIENTS) {
        throw new KymoError('server-busy', { reason: `${MAX_CLIENTS} pages are watching already` })
      }
      const report = services.status()
      const client = new Readable({ read() {}, highWaterMark: MAX_WAITING_BYTES })
      client.once('close', () => leave(client))
      // A stream that is destroyed by its reader's departure says so; there is nothing to do about it.
      client.on('error', () => {})
      if (clients.size === 0) start(report)
      clients.add(client)
      const past = services.recentRejections().map((rejection) => formatEvent('rejection', rejection))
      client.push(`retry: ${RETRY_MS}\n\n${formatEvent('status', report)}${past.join('')}`)
      return client
    },

    get clientCount() {
      return clients.size
    },

    close() {
      isClosed = true
      for (const client of clients) client.push(null)
      clients.clear()
      stop()
    },
  }

  function start(report: StatusReport): void {
    noteStatus(report)
    lastFlushMs = report.lastFlushMs
    stopRejections = services.onRejection(tellRejection)
    timer = clock.after(LOOK_INTERVAL_MS, look)
  }

  function stop(): void {
    timer?.cancel()
    stopRejections?.()
    timer = undefined
    stopRejections = undefined
  }

  function leave(client: Readable): void {
    if (clients.delete(client) && clients.size === 0) stop()
  }

  function look(): void {
    timer = clock.after(LOOK_INTERVAL_MS, look)
    let report: StatusReport
    try {
      report = services.status()
    } catch (error) {
      log.error({ err: error }, 'the status could not be read')
      return
    }
    const isHeartbeatDue = clock.monotonicMs() - lastStatusMs >= HEARTBEAT_INTERVAL_MS
    if (isHeartbeatDue || fingerprintOf(report) !== lastFingerprint) {
      noteStatus(report)
      tell(formatEvent('status', report))
    }
    if (report.lastFlushMs !== lastFlushMs) {
      lastFlushMs = report.lastFlushMs
      tell(formatEvent('flush', { timestamp: Math.floor(lastFlushMs / 1000), timestamp_ms: lastFlushMs }))
    }
  }

  function noteStatus(report: StatusReport): void {
    lastFingerprint = fingerprintOf(report)
    lastStatusMs = clock.monotonicMs()
  }

  function tellRejection(rejection: RejectionSample): void {
    tell(formatEvent('rejection', rejection))
  }

  function tell(event: string): void {
    for (const client of clients) {
      if (client.readableLength + event.length > MAX_WAITING_BYTES) client.destroy()
      else client.push(event)
    }
  }
}

/** What has to differ for a status to be worth sending: all but the time. */
function fingerprintOf(report: StatusReport): string {
  return JSON.stringify({ ...report, nowMs: 0 })
}

/** JSON has no line breaks of its own, so the data is one line whatever it quotes. */
function formatEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
