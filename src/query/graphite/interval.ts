import { NotATime } from '../not-a-time.ts'
import { parseTimeOffset } from '../time-offset.ts'

/** A length of time as functions take it: `1h`, `-5min`, `1d12h`. */
export interface Interval {
  /** As it was written; names of series repeat it. */
  readonly text: string
  /** May be negative. */
  readonly seconds: number
}

/** A number of points, or an interval. */
export type WindowSize = { readonly points: number } | Interval

/** undefined: the text is no interval. */
export function parseInterval(text: string): Interval | undefined {
  // Units are words of letters in any case; signs stand in front.
  try {
    const seconds = parseTimeOffset(text.trim().toLowerCase())
    return Number.isSafeInteger(seconds) && Math.abs(seconds) <= MAX_INTERVAL_SECONDS
      ? { text, seconds }
      : undefined
  } catch (error) {
    if (error instanceof NotATime) return undefined
    throw error
  }
}

/** A century: longer ones are mistakes, and their arithmetic would leave the years that times have. */
const MAX_INTERVAL_SECONDS = 100 * 365 * 86_400
