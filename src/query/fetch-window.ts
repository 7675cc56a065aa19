/**
 * The slots that a request covers, by whisper's rule: `from` exclusive, `until` inclusive.
 *
 *   step 60        |from                     |until
 *   slots  12:00       12:01       12:02       12:03
 *                      ^ first                 ^ last; the window ends at 12:04, exclusive
 *
 * If no slot is left, one is given. Times before 1970 hold nothing and are not asked for.
 */
export interface FetchWindow {
  readonly startSeconds: number
  /** Exclusive. */
  readonly endSeconds: number
  readonly stepSeconds: number
  readonly slotCount: number
}

export function fetchWindow(range: {
  fromSeconds: number
  untilSeconds: number
  stepSeconds: number
}): FetchWindow {
  const { stepSeconds } = range
  const startSeconds = nextSlot(range.fromSeconds, stepSeconds)
  const endSeconds = Math.max(nextSlot(range.untilSeconds, stepSeconds), startSeconds + stepSeconds)
  return { startSeconds, endSeconds, stepSeconds, slotCount: (endSeconds - startSeconds) / stepSeconds }
}

function nextSlot(seconds: number, stepSeconds: number): number {
  return (Math.floor(Math.max(0, seconds) / stepSeconds) + 1) * stepSeconds
}
