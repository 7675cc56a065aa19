import { appendFileSync, closeSync, fstatSync, readSync } from 'node:fs'
import { reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { nameForDamaged, type FileSystem } from './file-system.ts'
import type { HeadSet } from './head/head-set.ts'
import type { HeadWriter } from './head/head-writer.ts'
import { replaySegment } from './replay-segment.ts'
import type { Gap } from './scan-segment.ts'
import { SEGMENT_HEADER_BYTES } from './segment-file.ts'
import { describeSegment, type StoredFile } from './stored-file.ts'

export interface SegmentToRecover {
  readonly number: number
  readonly path: string
  readonly files: FileSystem
  readonly log: Log
  readonly heads: HeadSet
  /** How many bytes of it have been gone through. */
  readonly onProgress: (doneBytes: number) => void
}

export interface RecoveredSegment {
  readonly file: StoredFile
  readonly head: HeadWriter
}

/**
 * Fills a head with what a segment says.
 *
 *   | good records | gap | good records | torn tail |
 *                    ^ reported           ^ moved to <number>.log.damaged, cut off
 *
 * undefined: nothing in the file can be read, and it is put aside, or nothing is in it, and it is removed.
 */
export function recoverSegment(segment: SegmentToRecover): RecoveredSegment | undefined {
  const { path, files, log, number, heads, onProgress } = segment
  const fd = files.openSync(path, 'r+')
  try {
    const { size } = fstatSync(fd)
    if (size < SEGMENT_HEADER_BYTES) {
      files.unlinkSync(path)
      log.warn({ path }, 'a segment of the log was begun and never written to; it was removed')
      return undefined
    }
    const head = heads.begin(number)
    const replayed = replaySegment({ fd, number, path, head, onProgress })
    if (replayed === undefined) {
      heads.drop(number)
      putAside(segment, size)
      return undefined
    }
    const { gaps, isHeaderWhole, goodEndBytes, recordCount } = replayed
    for (const gap of gaps) reportGap(log, path, gap)
    if (!isHeaderWhole)
      log.error({ path }, 'the header of a segment is damaged; its records are read without it')
    const isCut = cutTail(segment, fd, { goodEndBytes, lengthBytes: size })
    if (recordCount === 0 && isCut) {
      heads.drop(number)
      files.unlinkSync(path)
      return undefined
    }
    const isDamaged = gaps.length > 0 || !isHeaderWhole || !isCut
    return {
      head,
      file: { ...describeSegment({ number, path, head, lengthBytes: goodEndBytes }), isDamaged },
    }
  } finally {
    closeSync(fd)
  }
}

/** What is nothing to this store must not be taken for a segment that a block stands for, and be removed as such. */
function putAside({ path, files, log }: SegmentToRecover, bytes: number): void {
  const keptAt = nameForDamaged(files, path)
  try {
    files.renameSync(path, keptAt)
    log.error({ path, bytes, keptAt }, 'a file in the log is no segment of it; it was put aside')
  } catch (error) {
    log.error(
      { path, bytes, reason: reasonOf(error) },
      'a file in the log is no segment of it; what it holds is not read',
    )
  }
}

/** Cuts off what no record can be found in. It is kept beside, in case somebody can make something of it. */
function cutTail(
  { path, files, log }: SegmentToRecover,
  fd: number,
  { goodEndBytes, lengthBytes }: { goodEndBytes: number; lengthBytes: number },
): boolean {
  const tailBytes = lengthBytes - goodEndBytes
  if (tailBytes <= 0) return true
  const keptAt = `${path}.damaged`
  try {
    const tail = Buffer.alloc(tailBytes)
    const length = readSync(fd, tail, 0, tailBytes, goodEndBytes)
    appendFileSync(keptAt, tail.subarray(0, length))
    files.ftruncateSync(fd, goodEndBytes)
    log.warn(
      { path, offset: goodEndBytes, bytes: tailBytes, keptAt },
      'the log ended in the middle of a record, as after a crash; the end was cut off',
    )
    return true
  } catch (error) {
    log.warn(
      { path, offset: goodEndBytes, bytes: tailBytes, reason: reasonOf(error) },
      'the log ends in the middle of a record, and the end could not be cut off',
    )
    return false
  }
}

function reportGap(log: Log, path: string, { offsetBytes, lengthBytes, lostRecords }: Gap): void {
  log.error(
    { path, offset: offsetBytes, bytes: lengthBytes, lostRecords },
    'a place in the log is damaged; the records there are lost, those around it are not',
  )
}
