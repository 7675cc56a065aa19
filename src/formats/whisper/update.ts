import { aggregate } from './aggregate.ts'
import { MOST_SECONDS, retentionSecondsOf } from './archive.ts'
import type { FileBytes } from './file-bytes.ts'
import type { PlacedArchive, WhisperHeader } from './header.ts'
import { readRing, type SlotPoint, writeRing } from './ring.ts'

/** An open file whose header was read. */
export interface WhisperFile {
  readonly header: WhisperHeader
  readonly file: FileBytes
}

/**
 * Writes one point as whisper's `update` does: into the finest archive that reaches back so far, and what follows from it into the
 * coarser ones. False: its time is later than now, or earlier than the file reaches; nothing is written then.
 */
export function update(whisper: WhisperFile, { seconds, value }: SlotPoint, nowSeconds: number): boolean {
  const { archives, maxRetentionSeconds } = whisper.header
  const ageSeconds = nowSeconds - seconds
  if (!(ageSeconds >= 0 && ageSeconds < maxRetentionSeconds) || !isStorable(seconds)) return false
  const index = archives.findIndex((archive) => retentionSecondsOf(archive) >= ageSeconds)
  const archive = archives[index] ?? (archives.at(-1) as PlacedArchive)
  const point = { seconds: floorTo(seconds, archive.stepSeconds), value }
  writeRing({ archive, file: whisper.file }, [point])
  propagate(whisper, archive, [point])
  return true
}

/**
 * Writes points as whisper's `update_many` does: each into the finest archive that reaches back so far, also those that are later than
 * now. Those that are too old are left out. Of points in one slot that with the latest time counts, of points with one time the
 * first. Returns how many were left out.
 */
export function updateMany(whisper: WhisperFile, points: readonly SlotPoint[], nowSeconds: number): number {
  const { archives } = whisper.header
  const newestFirst = points
    .filter(({ seconds }) => isStorable(seconds))
    .sort((a, b) => b.seconds - a.seconds)
  let leftOut = points.length - newestFirst.length
  const byArchive = archives.map((): SlotPoint[] => [])
  let index = 0
  for (const point of newestFirst) {
    const ageSeconds = nowSeconds - point.seconds
    while (index < archives.length && retentionSecondsOf(archives[index] as PlacedArchive) < ageSeconds)
      index++
    if (index === archives.length) leftOut++
    else byArchive[index]?.push(point)
  }
  for (const [place, archive] of archives.entries()) {
    const own = (byArchive[place] ?? []).reverse().map(({ seconds, value }) => ({
      seconds: floorTo(seconds, archive.stepSeconds),
      value,
    }))
    const slots = own.filter(({ seconds }, at) => own[at + 1]?.seconds !== seconds)
    if (slots.length === 0) continue
    writeRing({ archive, file: whisper.file }, slots)
    propagate(whisper, archive, slots)
  }
  return leftOut
}

/** Makes the coarser slots anew that the points lie in, archive by archive, until none has enough values below it. */
export function propagate(
  { header, file }: WhisperFile,
  from: PlacedArchive,
  points: readonly SlotPoint[],
): void {
  let finer = from
  for (const coarser of header.archives) {
    if (coarser.stepSeconds <= from.stepSeconds) continue
    const { stepSeconds } = coarser
    const starts = new Set(points.map(({ seconds }) => floorTo(seconds, stepSeconds)))
    let hasWritten = false
    for (const start of starts) {
      const value = coarseValue(header, { archive: finer, file }, { start, stepSeconds })
      if (value === undefined) continue
      writeRing({ archive: coarser, file }, [{ seconds: start, value }])
      hasWritten = true
    }
    if (!hasWritten) return
    finer = coarser
  }
}

/** undefined: too few of the finer slots have values. */
function coarseValue(
  { method, xFilesFactor }: WhisperHeader,
  finer: Parameters<typeof readRing>[0],
  { start, stepSeconds }: { readonly start: number; readonly stepSeconds: number },
): number | undefined {
  const slotCount = stepSeconds / finer.archive.stepSeconds
  const { count, values } = readRing(finer, start, start + stepSeconds)
  if (count === 0 || count / slotCount < xFilesFactor) return undefined
  return aggregate(method, [...values.subarray(0, count)], slotCount)
}

function floorTo(seconds: number, stepSeconds: number): number {
  return seconds - (seconds % stepSeconds)
}

/** 0 is how an empty slot is written. */
function isStorable(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds > 0 && seconds <= MOST_SECONDS
}
