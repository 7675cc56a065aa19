import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { RunIndex, writeIndexRecord } from './run-index.ts'
import { syncDirectory, writeFully, type FileSystem } from './file-system.ts'
import { RecordBuilder } from './record-builder.ts'
import { checkRecord, createRecordView } from './record.ts'
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, type Mark } from './segment-file.ts'
import { SeriesTable, writeDictionaryRecords } from './series-table.ts'

export interface SegmentState {
  readonly number: number
  readonly path: string
  readonly fd: number
  readonly mark: Mark
  readonly createdMs: number
  /** All of it is whole records. */
  readonly lengthBytes: number
  readonly nextOrdinal: number
  readonly index: RunIndex
  readonly table: SeriesTable
}

/** The segment at the end of the log. What it knows about its records it has learnt from their bytes, as a reader would. */
export class SegmentWriter {
  readonly number: number
  readonly path: string
  readonly createdMs: number
  readonly index: RunIndex
  readonly table: SeriesTable
  readonly #files: FileSystem
  readonly #fd: number
  readonly #mark: Mark
  #lengthBytes: number
  #nextOrdinal: number
  #isBroken = false
  #isClosed = false

  constructor(files: FileSystem, state: SegmentState) {
    this.number = state.number
    this.path = state.path
    this.createdMs = state.createdMs
    this.index = state.index
    this.table = state.table
    this.#files = files
    this.#fd = state.fd
    this.#mark = state.mark
    this.#lengthBytes = state.lengthBytes
    this.#nextOrdinal = state.nextOrdinal
  }

  get lengthBytes(): number {
    return this.#lengthBytes
  }

  /** Bytes that were written half could not be taken back: nothing can follow them. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Nothing more is to be written here. */
  abandon(): void {
    this.#isBroken = true
  }

  startRecords(): RecordBuilder {
    return new RecordBuilder(this.#mark, this.#nextOrdinal)
  }

  /** Writes all records of the builder, or, when it throws, none. */
  commit(builder: RecordBuilder): void {
    const { bytes } = builder
    try {
      writeFully(this.#files, this.#fd, bytes, this.#lengthBytes)
    } catch (error) {
      this.#cutBack()
      throw error
    }
    this.#learn(builder)
    this.#lengthBytes += bytes.length
    this.#nextOrdinal = builder.nextOrdinal
  }

  /** Ends the segment with what spares readers and the next start from reading it through. */
  seal(): void {
    const builder = this.startRecords()
    const dictionary = { offsetBytes: this.#lengthBytes, ordinal: this.#nextOrdinal }
    writeDictionaryRecords(builder, this.table)
    writeIndexRecord(builder, this.index, dictionary)
    const { bytes } = builder
    try {
      writeFully(this.#files, this.#fd, bytes, this.#lengthBytes)
      this.#lengthBytes += bytes.length
    } catch (error) {
      this.#cutBack()
      throw error
    }
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#files.fdatasync(this.#fd, (error) => {
        if (error === null) resolve()
        else reject(error)
      })
    })
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#files.closeSync(this.#fd)
  }

  #cutBack(): void {
    try {
      this.#files.ftruncateSync(this.#fd, this.#lengthBytes)
    } catch {
      this.#isBroken = true
    }
  }

  #learn(builder: RecordBuilder): void {
    const view = createRecordView()
    const available = builder.bytes.length
    for (let offset = 0; offset < available; offset += view.recordBytes) {
      if (checkRecord(view, builder.memory, { offset, available }, this.#mark) !== 'whole') {
        throw new Error('BUG: a record was built that cannot be read')
      }
      view.fileOffset = this.#lengthBytes + offset
      this.index.add(view)
      this.table.add(view)
    }
  }
}

export interface NewSegment {
  readonly number: number
  readonly path: string
  readonly createdMs: number
}

/** Makes the file and its place in the directory durable, so that no record is ever in a file that a crash takes away. */
export function createSegment(files: FileSystem, { number, path, createdMs }: NewSegment): SegmentWriter {
  const random = randomBytes(8)
  const mark = { low: random.readUInt32LE(0), high: random.readUInt32LE(4) }
  const fd = files.openSync(path, 'wx+')
  try {
    writeFully(files, fd, encodeSegmentHeader({ number, createdMs, mark }), 0)
    files.fsyncSync(fd)
    syncDirectory(files, dirname(path))
  } catch (error) {
    files.closeSync(fd)
    files.unlinkSync(path)
    throw error
  }
  return new SegmentWriter(files, {
    number,
    path,
    fd,
    mark,
    createdMs,
    lengthBytes: SEGMENT_HEADER_BYTES,
    nextOrdinal: 0,
    index: new RunIndex(),
    table: new SeriesTable(),
  })
}
