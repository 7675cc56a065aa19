import { retentionSecondsOf } from './archive.ts'
import type { PlacedArchive } from './header.ts'
import { readRing } from './ring.ts'
import type { WhisperFile } from './update.ts'

export interface FetchRequest {
  /** Exclusive. */
  readonly fromSeconds: number
  /** Inclusive, and not before `fromSeconds`. */
  readonly untilSeconds: number
  readonly nowSeconds: number
}

export interface FetchedValues {
  readonly startSeconds: number
  /** Exclusive. */
  readonly endSeconds: number
  readonly stepSeconds: number
  /** NaN: none. */
  readonly values: Float64Array
}

/**
 * Reads as whisper's `fetch` does: out of the one finest archive that reaches back to `fromSeconds`, seen from now. undefined: the range lies
 * before what the file keeps, or after now.
 */
export function fetch(
  whisper: WhisperFile,
  { fromSeconds, untilSeconds, nowSeconds }: FetchRequest,
): FetchedValues | undefined {
  if (fromSeconds > untilSeconds) throw new Error('BUG: the range of a fetch ends before it begins')
  const { archives, maxRetentionSeconds } = whisper.header
  const oldestSeconds = nowSeconds - maxRetentionSeconds
  if (fromSeconds > nowSeconds || untilSeconds < oldestSeconds) return undefined
  const from = Math.max(fromSeconds, oldestSeconds)
  const archive = archives.find((candidate) => retentionSecondsOf(candidate) >= nowSeconds - from)
  const { stepSeconds } = archive ?? (archives.at(-1) as PlacedArchive)
  const startSeconds = slotBehind(from, stepSeconds)
  const endSeconds = slotBehind(Math.min(untilSeconds, nowSeconds), stepSeconds)
  return fetchArchive(whisper, archive ?? (archives.at(-1) as PlacedArchive), {
    startSeconds,
    // Where it begins and ends in one slot, the next one is the answer.
    endSeconds: endSeconds === startSeconds ? endSeconds + stepSeconds : endSeconds,
  })
}

/** The slots from `startSeconds` on and before `endSeconds`, both multiples of the step. */
export function fetchArchive(
  { file }: WhisperFile,
  archive: PlacedArchive,
  { startSeconds, endSeconds }: { readonly startSeconds: number; readonly endSeconds: number },
): FetchedValues {
  const { stepSeconds } = archive
  const values = new Float64Array((endSeconds - startSeconds) / stepSeconds).fill(Number.NaN)
  const points = readRing({ archive, file }, startSeconds, endSeconds)
  for (let index = 0; index < points.count; index++)
    values[((points.seconds[index] as number) - startSeconds) / stepSeconds] = points.values[index] as number
  return { startSeconds, endSeconds, stepSeconds, values }
}

/** Start of the first slot that begins after the time. */
export function slotBehind(seconds: number, stepSeconds: number): number {
  return Math.floor(seconds / stepSeconds) * stepSeconds + stepSeconds
}
