import { columnsOf } from './payloads.ts'
import type { RecordBuilder } from './record-builder.ts'
import { RECORD_HEADER_BYTES, RECORD_KIND, type RecordView } from './record.ts'

/**
 * Where in a segment which times are: one entry per run, which is a run of records of about 256 KiB. The writer
 * learns it record by record, readers while they scan; a full segment ends with it:
 *
 *   payload of the index record
 *     0  oldest, newest, newest flush, points   4 x f64   oldest > newest: no points
 *    32  dictionary offset, dictionary ordinal  2 x f64   where the dictionary records begin
 *    48  runs, deletes                          2 x u32
 *    56  per run: offset, bytes, oldest, newest, first ordinal   5 x f64
 *        per delete record: offset              f64
 *        bytes of this record with its header   u32       so that it is found from the end of the file
 *        'KIDX'                                 u32
 */
export interface Run {
  readonly offsetBytes: number
  lengthBytes: number
  /** Of points and the ranges of deletes. A run of series alone has `oldestMs` > `newestMs`. */
  oldestMs: number
  newestMs: number
  readonly firstOrdinal: number
}

const RUN_BYTES = 256 * 1_024

export class RunIndex {
  readonly runs: Run[] = []
  /** Where the delete records begin, in order. */
  readonly deleteOffsets: number[] = []
  oldestMs = Number.POSITIVE_INFINITY
  newestMs = Number.NEGATIVE_INFINITY
  newestFlushMs = 0
  pointCount = 0

  /** Records are added in the order they have in the file. */
  add(record: RecordView): void {
    const run = this.#runFor(record)
    run.lengthBytes += record.recordBytes
    const columns = columnsOf(record)
    if (columns === undefined) return
    if (columns.startMs < run.oldestMs) run.oldestMs = columns.startMs
    if (columns.endMs > run.newestMs) run.newestMs = columns.endMs
    if (record.kind === RECORD_KIND.delete) {
      this.deleteOffsets.push(record.fileOffset)
      return
    }
    this.pointCount += columns.count
    if (columns.startMs < this.oldestMs) this.oldestMs = columns.startMs
    if (columns.endMs > this.newestMs) this.newestMs = columns.endMs
    if (record.kind === RECORD_KIND.flush && columns.endMs > this.newestFlushMs) {
      this.newestFlushMs = columns.endMs
    }
  }

  /** Damage between two records ends a run: what a run spans can be read through. */
  #runFor(record: RecordView): Run {
    const last = this.runs.at(-1)
    if (
      last !== undefined &&
      last.offsetBytes + last.lengthBytes === record.fileOffset &&
      last.lengthBytes + record.recordBytes <= RUN_BYTES
    ) {
      return last
    }
    const run: Run = {
      offsetBytes: record.fileOffset,
      lengthBytes: 0,
      oldestMs: Number.POSITIVE_INFINITY,
      newestMs: Number.NEGATIVE_INFINITY,
      firstOrdinal: record.ordinal,
    }
    this.runs.push(run)
    return run
  }
}

export const INDEX_TRAILER_BYTES = 8
const TRAILER_MAGIC = 0x58444b49

/** Where the dictionary records of a full segment begin, and the ordinal of the first. */
export interface DictionaryPlace {
  readonly offsetBytes: number
  readonly ordinal: number
}

export function writeIndexRecord(builder: RecordBuilder, index: RunIndex, dictionary: DictionaryPlace): void {
  builder.begin(RECORD_KIND.index)
  builder.double(index.oldestMs)
  builder.double(index.newestMs)
  builder.double(index.newestFlushMs)
  builder.double(index.pointCount)
  builder.double(dictionary.offsetBytes)
  builder.double(dictionary.ordinal)
  builder.word(index.runs.length)
  builder.word(index.deleteOffsets.length)
  for (const run of index.runs) {
    builder.double(run.offsetBytes)
    builder.double(run.lengthBytes)
    builder.double(run.oldestMs)
    builder.double(run.newestMs)
    builder.double(run.firstOrdinal)
  }
  for (const offset of index.deleteOffsets) builder.double(offset)
  builder.word(builder.recordBytes + INDEX_TRAILER_BYTES)
  builder.word(TRAILER_MAGIC)
  builder.end()
}

/** How long the index record is that ends with this trailer; undefined: no trailer. */
export function indexRecordBytes(trailer: Buffer): number | undefined {
  if (trailer.length < INDEX_TRAILER_BYTES || trailer.readUInt32LE(4) !== TRAILER_MAGIC) return undefined
  const recordBytes = trailer.readUInt32LE(0)
  return recordBytes % 8 === 0 && recordBytes > RECORD_HEADER_BYTES ? recordBytes : undefined
}

export interface StoredIndex {
  readonly index: RunIndex
  readonly dictionary: DictionaryPlace
}

export function readIndexRecord(record: RecordView): StoredIndex | undefined {
  if (record.kind !== RECORD_KIND.index) return undefined
  const { doubles, words } = record.memory
  let next = record.payloadOffset / 8
  const double = (): number => doubles[next++] ?? 0
  const index = new RunIndex()
  index.oldestMs = double()
  index.newestMs = double()
  index.newestFlushMs = double()
  index.pointCount = double()
  const dictionary = { offsetBytes: double(), ordinal: double() }
  const runCount = words[next * 2] ?? 0
  const deleteCount = words[next * 2 + 1] ?? 0
  next++
  if (56 + runCount * 40 + deleteCount * 8 + INDEX_TRAILER_BYTES !== record.payloadBytes) return undefined
  for (let run = 0; run < runCount; run++) {
    index.runs.push({
      offsetBytes: double(),
      lengthBytes: double(),
      oldestMs: double(),
      newestMs: double(),
      firstOrdinal: double(),
    })
  }
  for (let count = 0; count < deleteCount; count++) index.deleteOffsets.push(double())
  return { index, dictionary }
}
