import { fstatSync } from 'node:fs'
import type { TimeRange } from '../../model/time-range.ts'
import { RunIndex } from './run-index.ts'
import type { OpenFiles } from './open-files.ts'
import type { RecordView } from './record.ts'
import { scanSegment, type Gap, type ScanMemory } from './scan-segment.ts'
import { readSealedIndex, readSealedTable, type OpenSegment, type SealedIndex } from './sealed-segment.ts'
import { findMark, SEGMENT_HEADER_BYTES, segmentPath, type Mark } from './segment-file.ts'
import { SeriesTable } from './series-table.ts'

export interface SegmentContext {
  readonly logPath: string
  readonly files: OpenFiles
  readonly memory: ScanMemory
  onDamage(path: string, gap: Gap): void
}

/** Contiguous records that are read together. */
export interface Stretch {
  readonly offsetBytes: number
  readonly lengthBytes: number
  readonly firstOrdinal: number
}

/**
 * One segment as a reader knows it. A full one tells by its index where its times are; one without an index is read
 * through once, and from then on only what was added. What is known stays; the series of a full segment can be
 * forgotten and are read again when they are needed.
 */
export class ReadableSegment {
  readonly number: number
  readonly path: string
  readonly #context: SegmentContext
  #mark: Mark | undefined
  #sealed: SealedIndex | undefined
  #index = new RunIndex()
  #table: SeriesTable | undefined
  #knownBytes = 0
  #nextOrdinal = 0
  #isComplete = false

  constructor(number: number, context: SegmentContext) {
    this.number = number
    this.path = segmentPath(context.logPath, number)
    this.#context = context
  }

  /** Series held in memory that could be forgotten. */
  get forgettableSeries(): number {
    return this.#sealed === undefined ? 0 : (this.#table?.rows.length ?? 0)
  }

  forgetSeries(): void {
    if (this.#sealed !== undefined) this.#table = undefined
  }

  /** Learns what was written since, up to this many bytes; undefined: to the end, which will not move any more. */
  refresh(goodBytes: number | undefined): void {
    if (this.#isComplete) return
    const fd = this.#context.files.open(this.path)
    const endBytes = goodBytes ?? fstatSync(fd).size
    this.#mark ??= findMark(fd, this.number, this.path)
    if (this.#mark !== undefined)
      this.#learn({ fd, mark: this.#mark, lengthBytes: endBytes }, goodBytes === undefined)
    this.#isComplete = goodBytes === undefined
  }

  #learn(segment: OpenSegment, isFull: boolean): void {
    this.#sealed = isFull ? readSealedIndex(segment) : undefined
    if (this.#sealed !== undefined) {
      // What was learnt while the segment was being written is not all of it, and is not needed any more.
      this.#index = this.#sealed.index
      this.#table = undefined
      return
    }
    const table = (this.#table ??= new SeriesTable())
    const outcome = scanSegment({
      ...segment,
      startBytes: Math.max(this.#knownBytes, SEGMENT_HEADER_BYTES),
      endBytes: segment.lengthBytes,
      nextOrdinal: this.#nextOrdinal,
      memory: this.#context.memory,
      visit: (record) => {
        this.#index.add(record)
        table.add(record)
      },
    })
    for (const gap of outcome.gaps) this.#context.onDamage(this.path, gap)
    this.#knownBytes = outcome.goodEndBytes
    this.#nextOrdinal = outcome.nextOrdinal
  }

  /** The series of this segment; undefined: they cannot be read. */
  table(): SeriesTable | undefined {
    if (this.#table === undefined && this.#sealed !== undefined && this.#mark !== undefined) {
      const fd = this.#context.files.open(this.path)
      const segment = { fd, mark: this.#mark, lengthBytes: this.#sealed.indexOffset }
      this.#table = readSealedTable(segment, this.#sealed) ?? this.#tableFromRecords(segment)
    }
    return this.#table
  }

  /** What has to be read for this range, in order, in stretches of about `stretchBytes`. */
  stretchesIn({ startMs, endMs }: TimeRange, stretchBytes: number): Stretch[] {
    const stretches: { offsetBytes: number; lengthBytes: number; firstOrdinal: number }[] = []
    for (const run of this.#index.runs) {
      if (run.newestMs < startMs || run.oldestMs >= endMs) continue
      const last = stretches.at(-1)
      if (
        last !== undefined &&
        last.offsetBytes + last.lengthBytes === run.offsetBytes &&
        last.lengthBytes < stretchBytes
      ) {
        last.lengthBytes += run.lengthBytes
      } else {
        const { offsetBytes, lengthBytes, firstOrdinal } = run
        stretches.push({ offsetBytes, lengthBytes, firstOrdinal })
      }
    }
    return stretches
  }

  /** Reads the records of a stretch. */
  readStretch(stretch: Stretch, visit: (record: RecordView) => void): void {
    const fd = this.#context.files.open(this.path)
    if (this.#mark === undefined) return
    const endBytes = stretch.offsetBytes + stretch.lengthBytes
    const outcome = scanSegment({
      fd,
      mark: this.#mark,
      startBytes: stretch.offsetBytes,
      endBytes,
      nextOrdinal: stretch.firstOrdinal,
      memory: this.#context.memory,
      visit,
    })
    for (const gap of outcome.gaps) this.#context.onDamage(this.path, gap)
    if (outcome.goodEndBytes < endBytes) {
      const lengthBytes = endBytes - outcome.goodEndBytes
      this.#context.onDamage(this.path, { offsetBytes: outcome.goodEndBytes, lengthBytes, lostRecords: 1 })
    }
  }

  /** The long way round a damaged dictionary: the series records say the same. */
  #tableFromRecords(segment: OpenSegment): SeriesTable {
    const table = new SeriesTable()
    scanSegment({
      ...segment,
      startBytes: SEGMENT_HEADER_BYTES,
      endBytes: segment.lengthBytes,
      nextOrdinal: 0,
      memory: this.#context.memory,
      visit: (record) => table.add(record),
    })
    return table
  }
}
