import { readSync } from 'node:fs'
import {
  allocateRecordMemory,
  checkRecord,
  createRecordView,
  RECORD_HEADER_BYTES,
  type RecordMemory,
  type RecordView,
} from './record.ts'
import type { Mark } from './segment-file.ts'

/**
 * Reads the records of a part of a segment in order, and finds its way over damage: where no whole record begins, the
 * next place is sought where one does. A record that the file holds twice counts once.
 *
 *   | record 0 | record 1 | dama//ged | record 3 | record 4 | tor
 *    visited    visited    ^ gap       visited    visited    ^ goodEndBytes
 */
export interface ScanOptions {
  readonly fd: number
  readonly mark: Mark
  /** Where a record begins, or should. */
  readonly startBytes: number
  readonly endBytes: number
  /** The ordinal that the first record has at least. */
  readonly nextOrdinal: number
  /** The view is used again for the next record. */
  visit(record: RecordView): void
}

export interface ScanOutcome {
  /** End of the last whole record, or `startBytes`. What is behind it has no record in it. */
  readonly goodEndBytes: number
  readonly nextOrdinal: number
  readonly gaps: readonly Gap[]
}

/** Bytes between two records, or before the first, that are no record of this place. */
export interface Gap {
  readonly offsetBytes: number
  readonly lengthBytes: number
  /** Records that stood there, by the ordinals around it. 0: bytes too many. */
  readonly lostRecords: number
}

const CHUNK_BYTES = 1_024 * 1_024

/** The window of a file that is in memory. Grows when a record does not fit. */
class ScanMemory {
  memory: RecordMemory = allocateRecordMemory(CHUNK_BYTES)
  startBytes = 0
  lengthBytes = 0

  fill(fd: number, startBytes: number, lengthBytes: number): void {
    if (lengthBytes > this.memory.bytes.length) this.memory = allocateRecordMemory(lengthBytes)
    this.startBytes = startBytes
    this.lengthBytes = 0
    while (this.lengthBytes < lengthBytes) {
      const count = readSync(
        fd,
        this.memory.bytes,
        this.lengthBytes,
        lengthBytes - this.lengthBytes,
        startBytes + this.lengthBytes,
      )
      if (count === 0) return
      this.lengthBytes += count
    }
  }
}

export function scanSegment(options: ScanOptions): ScanOutcome {
  const scan = new Scan(options)
  const gaps: Gap[] = []
  let { startBytes: position, nextOrdinal } = options
  let goodEndBytes = position
  while (position < options.endBytes) {
    let view = scan.recordAt(position)
    let found = position
    if (view === undefined || view.ordinal < nextOrdinal) {
      // A record already seen is stepped over whole; anything else byte by byte.
      const from = view === undefined ? position + 1 : position + view.recordBytes
      const next = scan.findRecord(from, nextOrdinal)
      if (next === undefined) break
      view = next
      found = next.fileOffset
    }
    if (found > position || view.ordinal > nextOrdinal) {
      gaps.push({
        offsetBytes: position,
        lengthBytes: found - position,
        lostRecords: view.ordinal - nextOrdinal,
      })
    }
    options.visit(view)
    nextOrdinal = view.ordinal + 1
    position = found + view.recordBytes
    goodEndBytes = position
  }
  return { goodEndBytes, nextOrdinal, gaps }
}

class Scan {
  readonly #options: Pick<ScanOptions, 'fd' | 'mark' | 'endBytes'>
  readonly #window: ScanMemory
  readonly #view = createRecordView()

  constructor(options: Pick<ScanOptions, 'fd' | 'mark' | 'endBytes'>) {
    this.#options = options
    this.#window = new ScanMemory()
  }

  /** The record that begins here, if it is whole. */
  recordAt(position: number): RecordView | undefined {
    const { fd, mark, endBytes } = this.#options
    const window = this.#window
    for (let wanted = Math.min(CHUNK_BYTES, endBytes - position); ; ) {
      const offset = position - window.startBytes
      // Columns are read where they lie, so a record has to begin at a multiple of 8 in memory. Behind inserted
      // bytes it does not, until it is read again as the first of its window.
      const isHere = offset >= 0 && offset < window.lengthBytes && offset % 8 === 0
      if (isHere) {
        const check = checkRecord(this.#view, window.memory, { offset, available: window.lengthBytes }, mark)
        if (check === 'damaged') return undefined
        if (check === 'whole') {
          this.#view.fileOffset = position
          return this.#view
        }
        // It goes on behind the window: that is read from here, as far as the record says it goes.
        wanted = Math.max(Math.min(CHUNK_BYTES, endBytes - position), this.#view.recordBytes)
        if (wanted > endBytes - position) return undefined
        if (offset === 0 && wanted <= window.lengthBytes) return undefined
      }
      const hadBytes = isHere && offset === 0 ? window.lengthBytes : -1
      window.fill(fd, position, wanted)
      // The file is shorter than it was said to be.
      if (window.lengthBytes <= Math.max(hadBytes, RECORD_HEADER_BYTES - 1)) return undefined
    }
  }

  /** The first whole record at `from` or behind it that is not older than `nextOrdinal`. */
  findRecord(from: number, nextOrdinal: number): RecordView | undefined {
    const { fd, mark, endBytes } = this.#options
    const markBytes = Buffer.alloc(8)
    markBytes.writeUInt32LE(mark.low, 0)
    markBytes.writeUInt32LE(mark.high, 4)
    const search = Buffer.alloc(CHUNK_BYTES)
    let position = from
    while (position + RECORD_HEADER_BYTES <= endBytes) {
      const length = readSync(fd, search, 0, Math.min(CHUNK_BYTES, endBytes - position), position)
      if (length < markBytes.length) return undefined
      let index = search.subarray(0, length).indexOf(markBytes)
      for (; index >= 0; index = search.subarray(0, length).indexOf(markBytes, index + 1)) {
        const view = this.recordAt(position + index)
        if (view !== undefined && view.ordinal >= nextOrdinal) return view
      }
      // A mark may lie across the border of two chunks.
      position += length - markBytes.length + 1
    }
    return undefined
  }
}
