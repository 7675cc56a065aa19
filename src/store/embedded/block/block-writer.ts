import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import { ByteWriter } from '../codec/byte-writer.ts'
import { encodeGroup, type Chunk } from '../codec/chunk-group.ts'
import type { Effort } from '../codec/packed-bytes.ts'
import { syncDirectory, writeFully, type FileSystem } from '../file-system.ts'
import {
  blockPath,
  encodeBlockHeader,
  encodeSectionHeader,
  encodeTrailer,
  SECTION,
  SECTION_HEADER_BYTES,
  UNFINISHED_SUFFIX,
  type BlockNumbers,
  type SectionPlace,
} from './block-file.ts'
import { encodeRoot, type BlockTotals, type GroupEntry, type PageEntry } from './block-root.ts'
import { encodePage, SERIES_PER_PAGE, type ChunkEntry, type PageSeries } from './series-page.ts'

/** Points that are packed together. */
const POINTS_PER_GROUP = 8_192
const CHUNKS_PER_GROUP = 1_024
/** A longer chunk is alone: whoever wants it unpacks nothing else, and it hardly takes more. */
const LONGEST_SHARED_POINTS = 2_048
/** Of one series, at most: longer ones hardly take less, and who wants a little of them unpacks up to there. */
const POINTS_PER_CHUNK = 4_096
/** Gathered before they are written. */
const BYTES_PER_WRITE = 1_024 * 1_024

export interface SeriesPoints extends Chunk {
  readonly identity: SeriesIdentity
  readonly deletes: readonly TimeRange[]
}

export interface NewBlock {
  readonly blocksPath: string
  readonly numbers: BlockNumbers
  /** Left out: thorough. */
  readonly effort?: Effort
}

export interface WrittenBlock extends BlockTotals, BlockNumbers {
  readonly path: string
  readonly lengthBytes: number
}

/**
 * Writes a block beside its place and puts it there when it is whole and safe: a crash leaves all of it or a file that
 * the next start removes. What a method throws is the system's; call `abandon` then.
 */
export class BlockWriter {
  readonly #files: FileSystem
  readonly #blocksPath: string
  readonly #numbers: BlockNumbers
  readonly #effort: Effort
  readonly #path: string
  readonly #fd: number
  readonly #pending = new ByteWriter()
  #writtenBytes = 0
  /** Series next to each other, chunk by chunk: the first chunks of all are one group, the second ones the next. */
  #bundle: { readonly chunks: readonly Chunk[]; readonly entries: ChunkEntry[] }[] = []
  #bundlePoints = 0
  #room: Chunk = { timesMs: new Float64Array(0), values: new Float64Array(0) }
  #roomUsed = 0
  #groups: GroupEntry[] = []
  #series: PageSeries[] = []
  #isClosed = false

  constructor(files: FileSystem, { blocksPath, numbers, effort = 'thorough' }: NewBlock) {
    this.#files = files
    this.#blocksPath = blocksPath
    this.#numbers = numbers
    this.#effort = effort
    this.#path = blockPath(blocksPath, numbers)
    this.#fd = files.openSync(`${this.#path}${UNFINISHED_SUFFIX}`, 'w')
    this.#pending.append(encodeBlockHeader(numbers))
  }

  /**
   * Columns for so many points, at least 1, for the next series to be added with: memory that is used again when what it holds is written. Whoever has columns of
   * his own need not ask.
   */
  room(count: number): Chunk {
    this.#makeRoomInBundle(pointsPerChunk(count))
    if (this.#roomUsed + count > this.#room.timesMs.length) {
      const points = Math.max(count, 2 * POINTS_PER_GROUP)
      this.#room = { timesMs: new Float64Array(points), values: new Float64Array(points) }
      this.#roomUsed = 0
    }
    const [start, end] = [this.#roomUsed, this.#roomUsed + count]
    this.#roomUsed = end
    return {
      timesMs: this.#room.timesMs.subarray(start, end),
      values: this.#room.values.subarray(start, end),
    }
  }

  /**
   * Adds a series, behind those whose keys are less. Its points ascend in time, one per time, and belong to the writer from
   * now on.
   */
  add({ identity, deletes, timesMs, values }: SeriesPoints): void {
    const chunks: Chunk[] = []
    const count = timesMs.length
    const points = pointsPerChunk(count)
    for (let start = 0; start < count; start += points) {
      const end = Math.min(count, start + points)
      chunks.push({ timesMs: timesMs.subarray(start, end), values: values.subarray(start, end) })
    }
    const entries: ChunkEntry[] = []
    this.#series.push({ identity, deletes, chunks: entries })
    if (chunks.length === 0) return
    this.#makeRoomInBundle(points)
    this.#bundle.push({ chunks, entries })
    this.#bundlePoints += points
    if (points > LONGEST_SHARED_POINTS) this.#endBundle()
  }

  /** Completes the block. Nothing can be added any more. */
  finish(newestFlushMs: number): WrittenBlock {
    this.#endBundle()
    const pages = this.#writePages()
    const totals = this.#totals(newestFlushMs)
    const root = this.#section(SECTION.root, encodeRoot({ ...totals, groups: this.#groups, pages }))
    this.#pending.append(encodeTrailer(root.offsetBytes))
    this.#write()
    this.#files.fsyncSync(this.#fd)
    this.#isClosed = true
    this.#files.closeSync(this.#fd)
    this.#files.renameSync(`${this.#path}${UNFINISHED_SUFFIX}`, this.#path)
    syncDirectory(this.#files, this.#blocksPath)
    return { ...totals, ...this.#numbers, path: this.#path, lengthBytes: this.#writtenBytes }
  }

  /** Removes what was written. Safe to call after whatever `finish` threw: a block in its place stays. */
  abandon(): void {
    try {
      if (!this.#isClosed) this.#files.closeSync(this.#fd)
      this.#files.unlinkSync(`${this.#path}${UNFINISHED_SUFFIX}`)
    } catch {
      // Then the next start removes it.
    }
  }

  /** Ends the bundle if chunks of so many points are not to be in it. */
  #makeRoomInBundle(points: number): void {
    const isLong = points > LONGEST_SHARED_POINTS
    const isFull = this.#bundlePoints + points > POINTS_PER_GROUP || this.#bundle.length >= CHUNKS_PER_GROUP
    if (isLong || isFull) this.#endBundle()
  }

  #endBundle(): void {
    const longest = this.#bundle.reduce((most, { chunks }) => Math.max(most, chunks.length), 0)
    for (let index = 0; index < longest; index++) {
      const group: Chunk[] = []
      for (const { chunks, entries } of this.#bundle) {
        const chunk = chunks[index]
        if (chunk === undefined) continue
        entries.push({
          group: this.#groups.length,
          place: group.length,
          pointCount: chunk.timesMs.length,
          oldestMs: chunk.timesMs[0] ?? 0,
          newestMs: chunk.timesMs.at(-1) ?? 0,
        })
        group.push(chunk)
      }
      this.#writeGroup(group)
    }
    this.#bundle = []
    this.#bundlePoints = 0
    this.#roomUsed = 0
  }

  #writeGroup(group: readonly Chunk[]): void {
    let oldestMs = Number.POSITIVE_INFINITY
    let newestMs = Number.NEGATIVE_INFINITY
    for (const { timesMs } of group) {
      oldestMs = Math.min(oldestMs, timesMs[0] ?? oldestMs)
      newestMs = Math.max(newestMs, timesMs.at(-1) ?? newestMs)
    }
    // What came as much at once is history, and may not be packed again.
    const isLong = (group[0]?.values.length ?? 0) > LONGEST_SHARED_POINTS
    const effort = isLong ? 'thorough' : this.#effort
    this.#groups.push({
      place: this.#section(SECTION.group, encodeGroup(group, effort)),
      chunkCount: group.length,
      pointCount: group.reduce((sum, { timesMs }) => sum + timesMs.length, 0),
      oldestMs,
      newestMs,
    })
  }

  #writePages(): PageEntry[] {
    const pages: PageEntry[] = []
    for (let start = 0; start < this.#series.length; start += SERIES_PER_PAGE) {
      const series = this.#series.slice(start, start + SERIES_PER_PAGE)
      pages.push({
        place: this.#section(SECTION.page, encodePage(series)),
        firstKey: series[0]?.identity.key ?? '',
        seriesCount: series.length,
      })
    }
    return pages
  }

  #totals(newestFlushMs: number): BlockTotals {
    return {
      newestFlushMs,
      pointCount: this.#groups.reduce((sum, group) => sum + group.pointCount, 0),
      oldestMs: this.#groups.reduce(
        (oldest, group) => Math.min(oldest, group.oldestMs),
        Number.POSITIVE_INFINITY,
      ),
      newestMs: this.#groups.reduce(
        (newest, group) => Math.max(newest, group.newestMs),
        Number.NEGATIVE_INFINITY,
      ),
      deleteCount: this.#series.reduce((sum, { deletes }) => sum + deletes.length, 0),
    }
  }

  #section(kind: number, payload: Uint8Array): SectionPlace {
    const offsetBytes = this.#writtenBytes + this.#pending.length
    this.#pending.append(encodeSectionHeader(kind, payload))
    this.#pending.append(payload)
    if (this.#pending.length >= BYTES_PER_WRITE) this.#write()
    return { offsetBytes, lengthBytes: SECTION_HEADER_BYTES + payload.length }
  }

  #write(): void {
    writeFully(this.#files, this.#fd, this.#pending.bytes, this.#writtenBytes)
    this.#writtenBytes += this.#pending.length
    this.#pending.clear()
  }
}

/** Of about the same size: a short chunk at the end would be packed badly. */
function pointsPerChunk(count: number): number {
  return count === 0 ? 0 : Math.ceil(count / Math.ceil(count / POINTS_PER_CHUNK))
}
