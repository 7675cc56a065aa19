import { crc32 } from 'node:zlib'
import { reasonOf } from '../../../telemetry/errors.ts'
import type { Parcel } from '../queue.ts'
import { ParcelDecoder } from './parcel-codec.ts'
import {
  decodeRecordHeader,
  findHeaderProblem,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  SEGMENT_HEADER_BYTES,
} from './segment-format.ts'
import { readFully, type SpoolFiles } from './spool-files.ts'

export interface SegmentRecord {
  readonly points: number
  /** Where the next record begins. */
  readonly endOffset: number
  /** undefined: it is damaged. */
  readonly parcel: Parcel | undefined
  readonly problem?: string
}

/** Reads a segment record by record. Throws what the system says. */
export class SegmentReader {
  readonly #files: SpoolFiles
  readonly #fd: number
  readonly decoder: ParcelDecoder

  /** `before`: the decoder of the segment before. */
  constructor(files: SpoolFiles, path: string, before?: ParcelDecoder) {
    this.#files = files
    this.#fd = files.openSync(path, 'r')
    this.decoder = new ParcelDecoder(before)
  }

  /** The record at `offset`, which is there: `survey` has found its header. */
  read(offset: number): SegmentRecord {
    const header = this.#headerAt(offset)
    if (header === undefined) throw new Error('it has changed meanwhile')
    const endOffset = offset + RECORD_HEADER_BYTES + header.payloadBytes
    try {
      const parcel = this.decoder.decode({ ...header, payload: this.#payloadOf(header, offset) })
      return { points: header.points, endOffset, parcel }
    } catch (error) {
      return { points: header.points, endOffset, parcel: undefined, problem: reasonOf(error) }
    }
  }

  /** Takes up the series that records before `offset` introduce. */
  learnUntil(offset: number): void {
    let at = SEGMENT_HEADER_BYTES
    while (at < offset) {
      const header = this.#headerAt(at)
      if (header === undefined) return
      try {
        if (header.introducesSeries) this.decoder.skip({ ...header, payload: this.#payloadOf(header, at) })
      } catch {
        // Records that need it say so themselves.
      }
      at += RECORD_HEADER_BYTES + header.payloadBytes
    }
  }

  close(): void {
    this.#files.closeSync(this.#fd)
  }

  #headerAt(offset: number): RecordHeader | undefined {
    const bytes = readFully(this.#files, this.#fd, RECORD_HEADER_BYTES, offset)
    return bytes && decodeRecordHeader(bytes)
  }

  #payloadOf({ payloadBytes, payloadCrc }: RecordHeader, offset: number): Buffer {
    const payload = readFully(this.#files, this.#fd, payloadBytes, offset + RECORD_HEADER_BYTES)
    if (payload === undefined) throw new Error('the file ends before')
    if (crc32(payload) !== payloadCrc) throw new Error('its checksum is wrong')
    return payload
  }
}

export interface SegmentSurvey {
  /** Where its whole records end; 0: it is no segment. */
  readonly endOffset: number
  /** In the records from `fromOffset` on. */
  readonly points: number
  /** What is wrong with the bytes behind. */
  readonly problem: string | undefined
}

/** Walks from header to header, so that what waits is known before it is read. Throws what the system says. */
export function surveySegment(
  files: SpoolFiles,
  path: string,
  { number, fromOffset }: { readonly number: number; readonly fromOffset: number },
): SegmentSurvey {
  const fd = files.openSync(path, 'r')
  try {
    const { size } = files.fstatSync(fd)
    const problem = findHeaderProblem(readFully(files, fd, SEGMENT_HEADER_BYTES, 0), number)
    if (problem !== undefined) return { endOffset: 0, points: 0, problem }
    let points = 0
    let offset = SEGMENT_HEADER_BYTES
    while (offset < size) {
      const bytes = readFully(files, fd, RECORD_HEADER_BYTES, offset)
      if (bytes === undefined) return { endOffset: offset, points, problem: 'it ends within a record' }
      const header = decodeRecordHeader(bytes)
      if (header === undefined) return { endOffset: offset, points, problem: 'there is no record' }
      const endOffset = offset + RECORD_HEADER_BYTES + header.payloadBytes
      if (endOffset > size) return { endOffset: offset, points, problem: 'it ends within a record' }
      if (offset >= fromOffset) points += header.points
      offset = endOffset
    }
    return { endOffset: offset, points, problem: undefined }
  } finally {
    files.closeSync(fd)
  }
}
