import type { Timer } from '../lib/clock.ts'
import type { RejectionReason, RejectionSample } from '../model/rejection.ts'
import type { IntakeOptions } from './listener.ts'
import { quoteLine } from './quote-line.ts'

/** Whoever sent a line. */
export interface Sender {
  readonly address: string
  /** Senders on a Unix socket have none. */
  readonly port?: number
}

interface RejectedLine {
  readonly reason: RejectionReason
  /** The line is `bytes[start..end)`; nothing of it is kept but the quotation. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly sender: Sender
}

const QUIET_MS = 10_000
const SAMPLE_INTERVAL_MS = 500
const QUOTED_CHARACTERS = 120

/**
 * Tells people about rejected lines without letting a sender of rubbish fill the log: the first is logged at once,
 * what follows within 10 seconds is summed up in one line at their end, and so on while it lasts. Quotations are
 * escaped and cut. The page is told more often, but not more than twice a second.
 */
export class RejectionLog {
  readonly #options: Pick<IntakeOptions, 'name' | 'clock' | 'log' | 'onRejection'>
  readonly #suppressed = new Map<RejectionReason, number>()
  #lastSuppressed: RejectionSample | undefined
  #quietTimer: Timer | undefined
  #nextSampleMs = -Infinity

  constructor(options: Pick<IntakeOptions, 'name' | 'clock' | 'log' | 'onRejection'>) {
    this.#options = options
  }

  record(rejected: RejectedLine): void {
    const { clock, log, onRejection } = this.#options
    const isSampled = clock.monotonicMs() >= this.#nextSampleMs
    const isLogged = this.#quietTimer === undefined
    if (!isLogged) {
      this.#suppressed.set(rejected.reason, (this.#suppressed.get(rejected.reason) ?? 0) + 1)
    }
    if (!isLogged && !isSampled) return

    const sample = this.#quote(rejected)
    if (isLogged) {
      log.warn(
        { listener: sample.listener, reason: sample.reason, line: sample.line, sender: sample.sender },
        REJECTED,
      )
      this.#keepQuiet()
    } else {
      this.#lastSuppressed = sample
    }
    if (isSampled) {
      this.#nextSampleMs = clock.monotonicMs() + SAMPLE_INTERVAL_MS
      onRejection?.(sample)
    }
  }

  /** Says what has not been said yet. */
  close(): void {
    this.#quietTimer?.cancel()
    this.#quietTimer = undefined
    this.#sumUp()
  }

  #keepQuiet(): void {
    this.#quietTimer = this.#options.clock.after(QUIET_MS, () => {
      this.#quietTimer = undefined
      if (this.#sumUp()) this.#keepQuiet()
    })
  }

  #sumUp(): boolean {
    if (this.#suppressed.size === 0) return false
    const last = this.#lastSuppressed
    this.#options.log.warn(
      {
        listener: this.#options.name,
        reasons: Object.fromEntries(this.#suppressed),
        ...(last === undefined ? {} : { line: last.line, sender: last.sender }),
      },
      MORE_REJECTED,
    )
    this.#suppressed.clear()
    this.#lastSuppressed = undefined
    return true
  }

  #quote({ reason, bytes, start, end, sender }: RejectedLine): RejectionSample {
    return {
      listener: this.#options.name,
      reason,
      line: quoteLine(bytes, start, end, QUOTED_CHARACTERS),
      sender: formatAddress(sender.address, sender.port),
      atMs: this.#options.clock.nowMs(),
    }
  }
}

const REJECTED = 'A line was rejected.'
const MORE_REJECTED = 'More lines were rejected since.'

/** `127.0.0.1:8125`, `[::1]:8125`; the host alone where there is no port. */
export function formatAddress(host: string, port?: number): string {
  if (port === undefined) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
