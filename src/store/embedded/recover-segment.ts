import { appendFileSync, closeSync, fstatSync, readSync } from 'node:fs'
import { reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { RunIndex } from './run-index.ts'
import { nameForDamaged, type FileSystem } from './file-system.ts'
import { describeSegment } from './log-writer.ts'
import type { StoredFile } from './stored-file.ts'
import { scanSegment, type Gap } from './scan-segment.ts'
import { readSealedIndex, readSealedTable, type OpenSegment } from './sealed-segment.ts'
import { findMark, readSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-file.ts'
import { SegmentWriter } from './segment-writer.ts'
import { SeriesTable } from './series-table.ts'

export interface SegmentToRecover {
  readonly number: number
  readonly path: string
  readonly files: FileSystem
  readonly log: Log
  /** Only the last segment of the log can go on; the others are sealed if they were not. */
  readonly isLast: boolean
}

export interface RecoveredSegment {
  readonly description: StoredFile
  readonly index: RunIndex
  readonly table: SeriesTable
  /** There, if the log can go on in this segment: it has no index yet and no damage. */
  readonly writer: SegmentWriter | undefined
}

/**
 * Makes one segment fit for use. A full one is known by its index. Any other is read through:
 *
 *   | good records | gap | good records | torn tail |
 *                    ^ reported           ^ moved to <number>.log.damaged, cut off
 *
 * undefined: nothing in the file can be read; it is put aside.
 */
export function recoverSegment(segment: SegmentToRecover): RecoveredSegment | undefined {
  const { path, files, log, number } = segment
  const fd = files.openSync(path, 'r+')
  let isKept = false
  try {
    const lengthBytes = fstatSync(fd).size
    if (lengthBytes < SEGMENT_HEADER_BYTES) {
      files.unlinkSync(path)
      log.warn({ path }, 'a segment of the log was begun and never written to; it was removed')
      return undefined
    }
    const mark = findMark(fd, number, path)
    const open = mark === undefined ? undefined : { fd, mark, lengthBytes }
    const recovered =
      open === undefined ? undefined : (recoverSealed(segment, open) ?? recoverByScan(segment, open))
    if (recovered === undefined) putAside(segment, lengthBytes)
    isKept = recovered?.writer !== undefined
    return recovered
  } finally {
    if (!isKept) closeSync(fd)
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

function recoverSealed({ number, path }: SegmentToRecover, open: OpenSegment): RecoveredSegment | undefined {
  const sealed = readSealedIndex(open)
  const table = sealed === undefined ? undefined : readSealedTable(open, sealed)
  if (sealed === undefined || table === undefined) return undefined
  const { index } = sealed
  const description = describeSegment({ number, path, lengthBytes: open.lengthBytes, index })
  return { description, index, table, writer: undefined }
}

function recoverByScan(segment: SegmentToRecover, open: OpenSegment): RecoveredSegment | undefined {
  const { number, path, files, log, isLast } = segment
  const index = new RunIndex()
  const table = new SeriesTable()
  const { goodEndBytes, nextOrdinal, gaps } = scanSegment({
    ...open,
    startBytes: SEGMENT_HEADER_BYTES,
    endBytes: open.lengthBytes,
    nextOrdinal: 0,
    visit(record) {
      index.add(record)
      table.add(record)
    },
  })
  const header = readSegmentHeader(open.fd, path)
  // Without a header the mark is a guess, and without a record the guess was wrong.
  if (header === undefined && nextOrdinal === 0) return undefined
  if (!isLast)
    log.warn({ path }, 'a full segment of the log had no index, as after a crash; it was read through')
  for (const gap of gaps) reportGap(log, path, gap)
  if (header === undefined)
    log.error({ path }, 'the header of a segment is damaged; its records are read without it')
  const isCut = cutTail(segment, open, goodEndBytes)

  const writer = new SegmentWriter(files, {
    number,
    path,
    fd: open.fd,
    mark: open.mark,
    createdMs: header?.createdMs ?? 0,
    lengthBytes: goodEndBytes,
    nextOrdinal,
    index,
    table,
  })
  const isWhole = isCut && gaps.length === 0 && header !== undefined
  if (isWhole && isLast) return { description: describeSegment(writer), index, table, writer }
  if (isCut && nextOrdinal > 0) sealAsItIs(writer, log)
  return { description: describeSegment(writer), index, table, writer: undefined }
}

/** Cuts off what no record can be found in. It is kept beside, in case somebody can make something of it. */
function cutTail({ path, files, log }: SegmentToRecover, open: OpenSegment, goodEndBytes: number): boolean {
  const tailBytes = open.lengthBytes - goodEndBytes
  if (tailBytes <= 0) return true
  const keptAt = `${path}.damaged`
  try {
    const tail = Buffer.alloc(tailBytes)
    const length = readSync(open.fd, tail, 0, tailBytes, goodEndBytes)
    appendFileSync(keptAt, tail.subarray(0, length))
    files.ftruncateSync(open.fd, goodEndBytes)
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

/** Spares the next start the reading. If it cannot be done, that is all that is lost. */
function sealAsItIs(writer: SegmentWriter, log: Log): void {
  try {
    writer.seal()
  } catch (error) {
    log.warn(
      { path: writer.path, reason: reasonOf(error) },
      'a segment of the log could not be given its index',
    )
  }
}

function reportGap(log: Log, path: string, { offsetBytes, lengthBytes, lostRecords }: Gap): void {
  log.error(
    { path, offset: offsetBytes, bytes: lengthBytes, lostRecords },
    'a place in the log is damaged; the records there are lost, those around it are not',
  )
}
