import { readSync } from 'node:fs'
import { INDEX_TRAILER_BYTES, indexRecordBytes, readIndexRecord, type StoredIndex } from './run-index.ts'
import { allocateRecordMemory, checkRecord, createRecordView, MAX_RECORD_BYTES } from './record.ts'
import { scanSegment } from './scan-segment.ts'
import { SEGMENT_HEADER_BYTES, type Mark } from './segment-file.ts'
import { SeriesTable } from './series-table.ts'

/** A file that is open, and how much of it counts. */
export interface OpenSegment {
  readonly fd: number
  readonly mark: Mark
  readonly lengthBytes: number
}

export interface SealedIndex extends StoredIndex {
  /** Where the index record begins: the end of the dictionary. */
  readonly indexOffset: number
}

/** The index that a full segment ends with; undefined: it has none, or one that is not whole. */
export function readSealedIndex({ fd, mark, lengthBytes }: OpenSegment): SealedIndex | undefined {
  const trailer = Buffer.alloc(INDEX_TRAILER_BYTES)
  const trailerOffset = lengthBytes - INDEX_TRAILER_BYTES
  if (trailerOffset < SEGMENT_HEADER_BYTES) return undefined
  if (readSync(fd, trailer, 0, INDEX_TRAILER_BYTES, trailerOffset) !== INDEX_TRAILER_BYTES) return undefined
  const recordBytes = indexRecordBytes(trailer)
  if (recordBytes === undefined || recordBytes > Math.min(lengthBytes, MAX_RECORD_BYTES)) return undefined

  const memory = allocateRecordMemory(recordBytes)
  const indexOffset = lengthBytes - recordBytes
  if (readSync(fd, memory.bytes, 0, recordBytes, indexOffset) !== recordBytes) return undefined
  const view = createRecordView()
  if (checkRecord(view, memory, { offset: 0, available: recordBytes }, mark) !== 'whole') return undefined
  const stored = readIndexRecord(view)
  return stored === undefined ? undefined : { ...stored, indexOffset }
}

/** The series of a full segment; undefined: its dictionary is damaged. */
export function readSealedTable(segment: OpenSegment, sealed: SealedIndex): SeriesTable | undefined {
  const table = new SeriesTable()
  const { gaps, goodEndBytes } = scanSegment({
    fd: segment.fd,
    mark: segment.mark,
    startBytes: sealed.dictionary.offsetBytes,
    endBytes: sealed.indexOffset,
    nextOrdinal: sealed.dictionary.ordinal,
    visit: (record) => table.add(record),
  })
  return gaps.length === 0 && goodEndBytes === sealed.indexOffset ? table : undefined
}
