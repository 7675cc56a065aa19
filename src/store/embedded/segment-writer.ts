import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { syncDirectory, writeFully, type FileSystem } from './file-system.ts'
import type { HeadSet } from './head/head-set.ts'
import type { HeadWriter } from './head/head-writer.ts'
import type { RecordBuilder } from './record-builder.ts'
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentPath, type Mark } from './segment-file.ts'
import { SeriesSlots } from './series-slots.ts'

interface NewSegment {
  readonly number: number
  readonly path: string
  readonly createdMs: number
  /** Of this segment, and empty. */
  readonly head: HeadWriter
}

/** The segment at the end of the log: its file, and the head that holds the same for readers. */
export class SegmentWriter {
  readonly number: number
  readonly path: string
  readonly head: HeadWriter
  readonly slots: SeriesSlots
  readonly #files: FileSystem
  readonly #fd: number
  readonly #mark: Mark
  #lengthBytes = SEGMENT_HEADER_BYTES
  #nextOrdinal = 0
  #isBroken = false
  #isClosed = false

  constructor(files: FileSystem, { number, path, head }: NewSegment, file: { fd: number; mark: Mark }) {
    this.number = number
    this.path = path
    this.head = head
    this.slots = new SeriesSlots(head)
    this.#files = files
    this.#fd = file.fd
    this.#mark = file.mark
  }

  /** All of it is whole records. */
  get lengthBytes(): number {
    return this.#lengthBytes
  }

  get isEmpty(): boolean {
    return this.#nextOrdinal === 0
  }

  /** Bytes that were written half could not be taken back: nothing can follow them. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Nothing more is to be written here. */
  abandon(): void {
    this.#isBroken = true
  }

  /** The records that are put into the builder from here on are for this segment. */
  startRecords(builder: RecordBuilder): void {
    builder.restart(this.#mark, this.#nextOrdinal)
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
    this.#lengthBytes += bytes.length
    this.#nextOrdinal = builder.nextOrdinal
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
}

export interface SegmentToBegin {
  readonly files: FileSystem
  readonly heads: HeadSet
  readonly logPath: string
  readonly number: number
  readonly createdMs: number
}

/** The next segment of the log, and its head. */
export function beginSegment({ files, heads, logPath, number, createdMs }: SegmentToBegin): SegmentWriter {
  const head = heads.begin(number)
  try {
    return createSegment(files, { number, path: segmentPath(logPath, number), createdMs, head })
  } catch (error) {
    heads.drop(number)
    throw error
  }
}

/** Makes the file and its place in the directory durable, so that no record is ever in a file that a crash takes away. */
function createSegment(files: FileSystem, segment: NewSegment): SegmentWriter {
  const { number, path, createdMs } = segment
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
  return new SegmentWriter(files, segment, { fd, mark })
}
