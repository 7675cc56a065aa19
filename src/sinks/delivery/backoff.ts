export interface Backoff {
  /** Longest pause after the first failure. */
  readonly initialMs: number
  /** No pause is longer, however many failures there were. */
  readonly maximumMs: number
}

export const DEFAULT_BACKOFF: Backoff = { initialMs: 1_000, maximumMs: 30_000 }

/**
 * How long to wait after the `failures`th failure in a row: the longest pause doubles with each, and chance picks a
 * moment in its second half, so that many senders do not come back to a restarted server at once.
 */
export function backoffDelayMs(backoff: Backoff, failures: number, random: () => number): number {
  const longestMs = Math.min(backoff.maximumMs, backoff.initialMs * 2 ** (failures - 1))
  return longestMs * (0.5 + random() / 2)
}

/** Nobody is let ask for a longer pause. */
const LONGEST_ASKED_MS = 600_000

export interface Failure {
  /** In a row, this one included. */
  readonly failures: number
  /** What the other side asks for (`Retry-After`). */
  readonly askedMs: number | undefined
  readonly random: () => number
}

/** The same, and not before the other side wants it; chance adds up to a tenth to that, as it asks all senders for the same. */
export function retryDelayMs(backoff: Backoff, { failures, askedMs = 0, random }: Failure): number {
  const asked = Math.min(Math.max(0, askedMs), LONGEST_ASKED_MS)
  return Math.max(backoffDelayMs(backoff, failures, random), asked * (1 + random() / 10))
}
