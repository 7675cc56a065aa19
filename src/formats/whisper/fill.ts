import { aggregate } from './aggregate.ts'
import { MOST_SECONDS, retentionSecondsOf } from './archive.ts'
import type { PlacedArchive } from './header.ts'
import { type SlotPoint, writeRing } from './ring.ts'
import { propagate, type WhisperFile } from './update.ts'

/** Points ascending in time. */
export interface PointsToFill {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/**
 * Fills a new file with all points of a series, as if they had come one by one, each in its time: those that the finest archive reaches go there, and
 * what follows from them into the coarser ones; older ones become values of the coarser archive that reaches them. Those that no archive
 * reaches are left out; returns how many were.
 */
export function fill(whisper: WhisperFile, { timesMs, values }: PointsToFill, nowSeconds: number): number {
  const { archives } = whisper.header
  let end = timesMs.length
  while (end > 0 && Math.floor((timesMs[end - 1] as number) / 1_000) > Math.min(nowSeconds, MOST_SECONDS))
    end--
  const leftOut = timesMs.length - end
  for (const [place, archive] of archives.entries()) {
    const oldestSeconds = nowSeconds - retentionSecondsOf(archive)
    let start = end
    // What would lie in the slot that begins at the edge would be read of nobody.
    while (start > 0 && Math.floor((timesMs[start - 1] as number) / 1_000) > oldestSeconds) start--
    const finerMs = (archives[place - 1]?.stepSeconds ?? 0) * 1_000
    // At the edge of the finer archive, some points of a slot are beyond it and some are not: all of them make its value.
    const slotsEnd =
      finerMs === 0 || start === end ? end : endOfSlot(timesMs, end, archive.stepSeconds * 1_000)
    const slots = slotsOf(whisper, archive, { timesMs, values, start, end: slotsEnd, finerMs })
    if (slots.length > 0) {
      writeRing({ archive, file: whisper.file }, slots)
      propagate(whisper, archive, slots)
    }
    end = start
  }
  return leftOut + end
}

function endOfSlot(timesMs: Float64Array, end: number, stepMs: number): number {
  const slotEndMs = Math.floor((timesMs[end - 1] as number) / stepMs) * stepMs + stepMs
  let slotEnd = end
  while (slotEnd < timesMs.length && (timesMs[slotEnd] as number) < slotEndMs) slotEnd++
  return slotEnd
}

interface Run extends PointsToFill {
  readonly start: number
  readonly end: number
  /** Step of the next finer archive; 0: there is none. */
  readonly finerMs: number
}

/** One value per slot. In the finest archive the last counts, as it does where points come one by one. */
function slotsOf({ header }: WhisperFile, archive: PlacedArchive, run: Run): SlotPoint[] {
  const { timesMs, values, finerMs } = run
  const stepMs = archive.stepSeconds * 1_000
  const slots: SlotPoint[] = []
  for (let start = run.start, end = 0; start < run.end; start = end) {
    const slotMs = Math.floor((timesMs[start] as number) / stepMs) * stepMs
    for (end = start + 1; end < run.end && (timesMs[end] as number) < slotMs + stepMs; ) end++
    if (slotMs === 0) continue
    const known = isCoarse(timesMs, start, { slotMs, stepMs, finerMs })
      ? [values[start] as number]
      : [...values.subarray(start, end)]
    const value = finerMs === 0 ? (known.at(-1) as number) : aggregate(header.method, known, known.length)
    slots.push({ seconds: slotMs / 1_000, value })
  }
  return slots
}

/**
 * Whether the first point of a slot is the value of the slot, which was coarse when it came: it stands at its beginning, the one before at the beginning of
 * the slot before, and the finer points behind it, where an archive of a file that was moved in had its edge, begin later than the next
 * finer step. If they begin right there it cannot be told from a fine one.
 */
function isCoarse(
  timesMs: Float64Array,
  first: number,
  { slotMs, stepMs, finerMs }: { readonly slotMs: number; readonly stepMs: number; readonly finerMs: number },
): boolean {
  const behindMs = timesMs[first + 1] ?? Number.POSITIVE_INFINITY
  return (
    finerMs > 0 &&
    timesMs[first] === slotMs &&
    timesMs[first - 1] === slotMs - stepMs &&
    behindMs - slotMs > finerMs
  )
}
