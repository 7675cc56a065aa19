/**
 * Intervals are half open and aligned to the wall clock: the interval `[T, T + interval)` is stamped with its end, so a
 * sample received at exactly T belongs to the interval that begins there.
 *
 *      |-------- 10 s --------|-------- 10 s --------|
 *   12:00:00              12:00:10               12:00:20
 *      ^ first sample inside  ^ the stamp of the left one, and the first sample inside the right one
 */

/** The end of the interval that holds `nowMs`: the first exact multiple of `intervalMs` after it. */
export function intervalEndAt(nowMs: number, intervalMs: number): number {
  return (Math.floor(nowMs / intervalMs) + 1) * intervalMs
}

/** The end of the interval to open at `nowMs` when the last one closed was stamped `lastEndMs`: never that stamp again. */
export function nextIntervalEnd(nowMs: number, lastEndMs: number, intervalMs: number): number {
  return Math.max(intervalEndAt(nowMs, intervalMs), intervalEndAt(lastEndMs, intervalMs))
}
