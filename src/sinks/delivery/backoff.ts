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
