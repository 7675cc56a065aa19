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
    const finerStep = archives[place - 1]?.stepSeconds
    const own = { timesMs, values, start, end }
    const slotsEnd = finerStep === undefined || start === end ? end : endOfEdge(own, archive, finerStep)
    const slots = slotsOf(whisper, archive, { ...own, end: slotsEnd })
    if (slots.length > 0) {
      writeRing({ archive, file: whisper.file }, slots)
      propagate(whisper, archive, slots)
    }
    end = start
  }
  return leftOut + end
}

interface Run extends PointsToFill {
  readonly start: number
  readonly end: number
}

/**
 * At the edge of the finer archive, some points of a slot are beyond it and some are not: all of them make the slot's value. But if there is
 * one beyond it, at the beginning of the slot and by itself, it is the value of the slot, which was coarse when it came.
 */
function endOfEdge({ timesMs, end }: Run, { stepSeconds }: PlacedArchive, finerStep: number): number {
  const stepMs = stepSeconds * 1_000
  const slotMs = Math.floor((timesMs[end - 1] as number) / stepMs) * stepMs
  const nextMs = timesMs[end] ?? Number.POSITIVE_INFINITY
  const isFirst = timesMs[end - 1] === slotMs
  if (isFirst && nextMs - slotMs > finerStep * 1_000) return end
  let slotEnd = end
  while (slotEnd < timesMs.length && (timesMs[slotEnd] as number) < slotMs + stepMs) slotEnd++
  return slotEnd
}

/** One value per slot. In the finest archive the last counts, as it does where points come one by one. */
function slotsOf({ header }: WhisperFile, archive: PlacedArchive, run: Run): SlotPoint[] {
  const { stepSeconds } = archive
  const isFinest = archive === header.archives[0]
  const slots: SlotPoint[] = []
  let seconds = -1
  let known: number[] = []
  const finish = (): void => {
    if (known.length === 0 || seconds === 0) return
    const value = isFinest ? (known.at(-1) as number) : aggregate(header.method, known, known.length)
    slots.push({ seconds, value })
  }
  for (let index = run.start; index < run.end; index++) {
    const at = Math.floor((run.timesMs[index] as number) / 1_000)
    const slot = at - (at % stepSeconds)
    if (slot !== seconds) {
      finish()
      seconds = slot
      known = []
    }
    known.push(run.values[index] as number)
  }
  finish()
  return slots
}
