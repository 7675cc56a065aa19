import { type Parcel, pointsOf } from '../queue.ts'
import { ParcelEncoder } from './parcel-codec.ts'
import { encodeRecord, encodeSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-format.ts'
import { type SpoolFiles, writeFully } from './spool-files.ts'

/** A segment that is being written. Throws what the system says; then the segment ends behind the last whole record. */
export class SegmentWriter {
  readonly #files: SpoolFiles
  readonly #fd: number
  readonly #encoder = new ParcelEncoder()
  #bytes = SEGMENT_HEADER_BYTES

  constructor(files: SpoolFiles, path: string, number: number) {
    this.#files = files
    this.#fd = files.openSync(path, 'wx')
    try {
      writeFully(files, this.#fd, encodeSegmentHeader(number), 0)
    } catch (error) {
      files.closeSync(this.#fd)
      files.unlinkSync(path)
      throw error
    }
  }

  /** Length of the whole records, and of the header. */
  get bytes(): number {
    return this.#bytes
  }

  append(parcel: Parcel): void {
    const record = encodeRecord(this.#encoder.encode(parcel), pointsOf(parcel))
    try {
      writeFully(this.#files, this.#fd, record, this.#bytes)
    } catch (error) {
      this.#cutOff()
      throw error
    }
    this.#bytes += record.length
  }

  close(): void {
    this.#files.closeSync(this.#fd)
  }

  #cutOff(): void {
    try {
      this.#files.ftruncateSync(this.#fd, this.#bytes)
    } catch {
      // Half a record stays behind, which is noticed after the next start, and nothing is lost with it.
    }
  }
}
