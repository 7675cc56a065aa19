import type { AggregationMethod } from '../../model/aggregation-method.ts'
import { type Archive, archivesProblem, finestFirst, retentionSecondsOf } from './archive.ts'

/**
 * What stands at the beginning of a whisper file. All numbers are big-endian:
 *
 *   u32 method   u32 longest retention, s   f32 xFilesFactor   u32 count of archives
 *   per archive: u32 offset   u32 step, s   u32 points
 *   then the archives, finest first; per point: u32 time, s   f64 value
 */
export interface WhisperHeader {
  readonly method: AggregationMethod
  readonly maxRetentionSeconds: number
  readonly xFilesFactor: number
  /** Finest first. */
  readonly archives: readonly PlacedArchive[]
}

export interface PlacedArchive extends Archive {
  readonly offsetBytes: number
}

export const POINT_BYTES = 12
const METADATA_BYTES = 16
const ARCHIVE_BYTES = 12
/** Whisper has no limit; nobody has this many steps. */
const MOST_ARCHIVES = 64
/** As much of the beginning of a file as its header can take. */
export const MOST_HEADER_BYTES = METADATA_BYTES + MOST_ARCHIVES * ARCHIVE_BYTES

/** By their number in the file, from 1 on. */
const METHODS: readonly AggregationMethod[] = [
  'average',
  'sum',
  'last',
  'max',
  'min',
  'avg_zero',
  'absmax',
  'absmin',
]

/** What go-carbon begins its own kind of file with. */
const COMPRESSED_MAGIC = 'whisper_compressed'

/** `start` is the beginning of the file: all of it or `MOST_HEADER_BYTES`. Says in words what is wrong with it. */
export function decodeHeader(
  start: Uint8Array,
  fileBytes: number,
): WhisperHeader | { readonly problem: string } {
  if (fileBytes === 0) return { problem: 'it is empty' }
  if (Buffer.from(start.subarray(0, COMPRESSED_MAGIC.length)).toString('latin1') === COMPRESSED_MAGIC)
    return { problem: 'it is one of the compressed files of go-carbon, which only go-carbon reads' }
  if (start.length < METADATA_BYTES) return { problem: `it ends at byte ${fileBytes}, within the header` }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const type = view.getUint32(0)
  const method = METHODS[type - 1]
  const xFilesFactor = view.getFloat32(8)
  const count = view.getUint32(12)
  if (method === undefined)
    return { problem: `there is no aggregation method ${type}: this is no whisper file` }
  if (!(xFilesFactor >= 0 && xFilesFactor <= 1))
    return { problem: `its xFilesFactor is ${xFilesFactor}, which is not from 0 to 1` }
  if (count === 0 || count > MOST_ARCHIVES) return { problem: `it says that it has ${count} archives` }
  const headerBytes = METADATA_BYTES + count * ARCHIVE_BYTES
  if (start.length < headerBytes) return { problem: `it ends at byte ${fileBytes}, within the header` }
  const archives = Array.from({ length: count }, (_, index): PlacedArchive => {
    const at = METADATA_BYTES + index * ARCHIVE_BYTES
    return {
      offsetBytes: view.getUint32(at),
      stepSeconds: view.getUint32(at + 4),
      points: view.getUint32(at + 8),
    }
  })
  const maxRetentionSeconds = view.getUint32(4)
  const problem =
    archivesProblem(archives) ??
    placesProblem(archives, headerBytes, fileBytes) ??
    retentionProblem(archives, maxRetentionSeconds)
  if (problem !== undefined) return { problem }
  return { method, maxRetentionSeconds, xFilesFactor, archives }
}

export interface NewFile {
  /** In any order, without problems (`archivesProblem`). */
  readonly archives: readonly Archive[]
  readonly method: AggregationMethod
  readonly xFilesFactor: number
}

export interface EncodedHeader {
  readonly header: WhisperHeader
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The header and the archives, which are zeros in a new file. */
  readonly fileBytes: number
}

/** The header of a new file. A file of more than 4 GiB has no offsets. */
export function encodeHeader(file: NewFile): EncodedHeader | { readonly problem: string } {
  const problem = archivesProblem(file.archives)
  if (problem !== undefined) return { problem }
  const archives: PlacedArchive[] = []
  let offsetBytes = METADATA_BYTES + file.archives.length * ARCHIVE_BYTES
  const bytes = new Uint8Array(offsetBytes)
  for (const { stepSeconds, points } of finestFirst(file.archives)) {
    archives.push({ offsetBytes, stepSeconds, points })
    offsetBytes += points * POINT_BYTES
  }
  if (offsetBytes > 0xffff_ffff)
    return { problem: `it would be ${offsetBytes} bytes large; a whisper file has 4 GiB at most` }
  const maxRetentionSeconds = Math.max(...archives.map(retentionSecondsOf))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, METHODS.indexOf(file.method) + 1)
  view.setUint32(4, maxRetentionSeconds)
  view.setFloat32(8, file.xFilesFactor)
  view.setUint32(12, archives.length)
  for (const [index, archive] of archives.entries()) {
    const at = METADATA_BYTES + index * ARCHIVE_BYTES
    view.setUint32(at, archive.offsetBytes)
    view.setUint32(at + 4, archive.stepSeconds)
    view.setUint32(at + 8, archive.points)
  }
  // As it will be read back.
  const xFilesFactor = Math.fround(file.xFilesFactor)
  return {
    header: { method: file.method, maxRetentionSeconds, xFilesFactor, archives },
    bytes,
    fileBytes: offsetBytes,
  }
}

function placesProblem(
  archives: readonly PlacedArchive[],
  headerBytes: number,
  fileBytes: number,
): string | undefined {
  let free = headerBytes
  for (const { offsetBytes, points, stepSeconds } of archives) {
    if (offsetBytes < free)
      return `its archive of ${stepSeconds} s begins at byte ${offsetBytes}, within what is before it`
    free = offsetBytes + points * POINT_BYTES
    if (free > fileBytes)
      return `it ends at byte ${fileBytes}, and its archive of ${stepSeconds} s at byte ${free}`
  }
  return undefined
}

function retentionProblem(
  archives: readonly PlacedArchive[],
  maxRetentionSeconds: number,
): string | undefined {
  const longest = Math.max(...archives.map(retentionSecondsOf))
  if (longest === maxRetentionSeconds) return undefined
  return `it says that it reaches back ${maxRetentionSeconds} s, and its archives ${longest} s`
}
