import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { HttpAnswer } from './http-client.ts'

/** What is at the other end will not take this request, now or later; less of it, it may. */
export class RequestRefused extends Error {
  readonly answer: HttpAnswer

  constructor(answer: HttpAnswer) {
    super(describeAnswer(answer))
    this.answer = answer
  }
}

/**
 * Returns if the request was taken. Throws a KymoError that can be retried where waiting or a person may help, and RequestRefused
 * where the request itself is at fault.
 */
export function judgeAnswer(
  answer: HttpAnswer,
  sink: { name: string; address: string },
  nowMs: number,
): void {
  const { status, headers } = answer
  if (status >= 200 && status < 300) return
  const reason = describeAnswer(answer)
  if (BUSY.has(status) || status >= 500) {
    const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs)
    throw new KymoError('sink-busy', { ...sink, reason }, { retryAfterMs })
  }
  if (status < 400) {
    const to = headers['location'] === undefined ? '' : ` to ${String(headers['location'])}`
    throw new KymoError('sink-denied', {
      ...sink,
      reason: `${reason}: it sends elsewhere${to}, where nothing is sent`,
    })
  }
  if (DENIED.has(status)) throw new KymoError('sink-denied', { ...sink, reason })
  throw new RequestRefused(answer)
}

/** `HTTP 400 Bad Request: the beginning of what it says`. */
export function describeAnswer({ status, statusText, shownStatus, text }: HttpAnswer): string {
  const said = escapeForTerminal(text.replace(/\s+/g, ' ').trim().slice(0, MOST_QUOTED))
  const shown = shownStatus ?? `HTTP ${status}${statusText === '' ? '' : ` ${statusText}`}`
  return `${shown}${said === '' ? '' : `: ${said}`}`
}

/** Seconds, or a date. Undefined: it does not say, or nothing that can be read. */
function readRetryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
  const atMs = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

const MOST_QUOTED = 300
const BUSY = new Set([408, 425, 429])
/** Nothing in the request is wrong but where it goes and who sends it. */
const DENIED = new Set([401, 402, 403, 404, 405, 407])
