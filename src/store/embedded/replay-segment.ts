import { fstatSync } from 'node:fs'
import type { HeadWriter } from './head/head-writer.ts'
import { columnsOf, readSeriesRecord } from './payloads.ts'
import { RECORD_KIND, type RecordView } from './record.ts'
import { scanSegment, type Gap } from './scan-segment.ts'
import { findMark, readSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-file.ts'

export interface SegmentToReplay {
  readonly fd: number
  readonly number: number
  readonly path: string
  /** Of this segment, and empty. */
  readonly head: HeadWriter
  /** How many bytes of the file have been gone through. */
  readonly onProgress?: (doneBytes: number) => void
}

export interface ReplayedSegment {
  /** End of the last whole record. What is behind it has no record in it. */
  readonly goodEndBytes: number
  readonly recordCount: number
  readonly gaps: readonly Gap[]
  readonly isHeaderWhole: boolean
}

/** More series than any segment has room for. A number so far beyond the others can only be in a file that Kymo did not write. */
const MOST_NUMBERS_SKIPPED = 2_000_000

/** Fills a head with all that a segment says, and can be read. undefined: the file is no segment of this number. */
export function replaySegment(segment: SegmentToReplay): ReplayedSegment | undefined {
  const { fd, number, path, head } = segment
  const lengthBytes = fstatSync(fd).size
  const mark = findMark(fd, number, path)
  if (mark === undefined) return undefined
  const { goodEndBytes, nextOrdinal, gaps } = scanSegment({
    fd,
    mark,
    startBytes: SEGMENT_HEADER_BYTES,
    endBytes: lengthBytes,
    nextOrdinal: 0,
    visit(record) {
      replayRecord(head, record)
      segment.onProgress?.(record.fileOffset + record.recordBytes)
    },
  })
  const isHeaderWhole = readSegmentHeader(fd, path) !== undefined
  // Without a header the mark is a guess, and without a record the guess was wrong.
  if (!isHeaderWhole && nextOrdinal === 0) return undefined
  return { goodEndBytes, recordCount: nextOrdinal, gaps, isHeaderWhole }
}

function replayRecord(head: HeadWriter, record: RecordView): void {
  if (record.kind === RECORD_KIND.series) {
    for (const { number, identity } of readSeriesRecord(record))
      if (number <= head.slotCount + MOST_NUMBERS_SKIPPED) head.introduce(number, identity)
    return
  }
  const columns = columnsOf(record)
  if (columns === undefined) return
  const { startMs, endMs, count, firstNumber, firstTime, firstValue } = columns
  const { words, doubles } = columns.memory
  const numbers = words.subarray(firstNumber, firstNumber + count)
  const values = doubles.subarray(firstValue, firstValue + count)
  if (record.kind === RECORD_KIND.delete)
    for (const number of numbers) head.delete(number, { startMs, endMs })
  else if (record.kind === RECORD_KIND.flush) head.appendFlush({ numbers, values }, startMs)
  else head.appendPoints({ numbers, timesMs: doubles.subarray(firstTime, firstTime + count), values })
}
