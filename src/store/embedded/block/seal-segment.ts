import type { TimeRange } from '../../../model/time-range.ts'
import type { Chunk } from '../codec/chunk-group.ts'
import type { FileSystem } from '../file-system.ts'
import { columnsOf, type ColumnLayout } from '../payloads.ts'
import { RECORD_KIND, type RecordView } from '../record.ts'
import { ScanMemory, scanSegment } from '../scan-segment.ts'
import { findMark, SEGMENT_HEADER_BYTES, segmentPath, type Mark } from '../segment-file.ts'
import { SeriesTable } from '../series-table.ts'
import { inOrder } from './in-order.ts'
import { BlockWriter, type SeriesPoints, type WrittenBlock } from './block-writer.ts'

export interface SegmentToSeal {
  readonly logPath: string
  readonly blocksPath: string
  readonly number: number
  /** Nothing behind it counts. */
  readonly lengthBytes: number
  /** What cannot be read is left out, which somebody has asked for. */
  readonly isDamageLeftOut?: boolean
}

/**
 * `sealed`: the block says all that the segment said, is in its place and survives a power cut. `empty`: there was nothing
 * to say. `kept`: the segment has to stay, because places of it cannot be read and somebody may make more of them.
 */
export type SealOutcome =
  | { readonly kind: 'sealed'; readonly block: WrittenBlock }
  | { readonly kind: 'empty' }
  | { readonly kind: 'kept' }

/** Points held at once. One series alone may have more. */
const POINTS_PER_PASS = 2_097_152

/** Makes a block of a segment. Throws what the system says; then there is no block. */
export function sealSegment(files: FileSystem, segment: SegmentToSeal): SealOutcome {
  const path = segmentPath(segment.logPath, segment.number)
  const fd = files.openSync(path, 'r')
  try {
    const mark = findMark(fd, segment.number, path)
    if (mark === undefined) return { kind: 'kept' }
    const contents = new SegmentContents({ fd, mark, endBytes: segment.lengthBytes })
    if (!contents.learn() && segment.isDamageLeftOut !== true) return { kind: 'kept' }
    const numbers = contents.numbersByKey()
    if (numbers.length === 0) return { kind: 'empty' }
    return { kind: 'sealed', block: writeBlock(files, segment, contents, numbers) }
  } finally {
    files.closeSync(fd)
  }
}

function writeBlock(
  files: FileSystem,
  { number, blocksPath }: SegmentToSeal,
  contents: SegmentContents,
  numbers: readonly number[],
): WrittenBlock {
  const writer = new BlockWriter(files, {
    blocksPath,
    numbers: { first: number, last: number },
  })
  try {
    for (let next = 0; next < numbers.length; ) {
      const start = next
      for (let points = 0; next < numbers.length; next++) {
        points += contents.pointsOf(numbers[next] ?? 0)
        if (points > POINTS_PER_PASS && next > start) break
      }
      for (const series of contents.gather(numbers.slice(start, next))) writer.add(series)
    }
    return writer.finish(contents.newestFlushMs)
  } catch (error) {
    writer.abandon()
    throw error
  }
}

interface ReadableRecords {
  readonly fd: number
  readonly mark: Mark
  readonly endBytes: number
}

/** What a segment says, series by series. It is gone through once to count, and once for each lot of series. */
class SegmentContents {
  readonly #records: ReadableRecords
  readonly #memory = new ScanMemory()
  readonly #table = new SeriesTable()
  newestFlushMs = 0
  readonly #deletes = new Map<number, TimeRange[]>()
  /** Points of each series, by number. */
  #counts = new Uint32Array(1_024)

  constructor(records: ReadableRecords) {
    this.#records = records
  }

  pointsOf(number: number): number {
    return this.#counts[number] ?? 0
  }

  /** Those that have points or deletes. */
  numbersByKey(): number[] {
    const keys = this.#table.rows.map((row) => row?.identity.key)
    const numbers = [...keys.keys()].filter(
      (number) => keys[number] !== undefined && (this.pointsOf(number) > 0 || this.#deletes.has(number)),
    )
    return numbers.sort((a, b) => ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1))
  }

  /** False: something cannot be read. */
  learn(): boolean {
    return this.#scan((record) => {
      const { kind } = record
      if (kind === RECORD_KIND.series || kind === RECORD_KIND.dictionary) this.#table.add(record)
      const columns = columnsOf(record)
      if (columns === undefined) return
      const { words } = columns.memory
      const end = columns.firstNumber + columns.count
      if (kind === RECORD_KIND.delete) {
        for (let word = columns.firstNumber; word < end; word++) this.#noteDelete(words[word] ?? 0, columns)
        return
      }
      this.#reserveCounts()
      const counts = this.#counts
      for (let word = columns.firstNumber; word < end; word++) counts[words[word] ?? 0]!++
      if (kind === RECORD_KIND.flush) this.newestFlushMs = Math.max(this.newestFlushMs, columns.startMs)
    })
  }

  /** The points that these series end up with, in the order of the numbers. */
  gather(numbers: readonly number[]): SeriesPoints[] {
    const lots = new Lots(
      numbers.map((number) => this.pointsOf(number)),
      numbers,
      this.#table.rows.length,
    )
    this.#scan((record) => {
      const columns = columnsOf(record)
      if (columns === undefined) return
      if (record.kind === RECORD_KIND.flush) lots.addFlush(columns)
      else if (record.kind === RECORD_KIND.points) lots.addPoints(columns)
      else lots.forget(columns)
    })
    return numbers.flatMap((number, slot) => {
      const identity = this.#table.rows[number]?.identity
      return identity === undefined
        ? []
        : [{ identity, deletes: this.#deletes.get(number) ?? [], ...lots.finish(slot) }]
    })
  }

  /** False: something cannot be read. */
  #scan(visit: (record: RecordView) => void): boolean {
    const { gaps, goodEndBytes } = scanSegment({
      ...this.#records,
      startBytes: SEGMENT_HEADER_BYTES,
      nextOrdinal: 0,
      memory: this.#memory,
      visit,
    })
    return gaps.length === 0 && goodEndBytes === this.#records.endBytes
  }

  #noteDelete(number: number, { startMs, endMs }: ColumnLayout): void {
    const known = this.#deletes.get(number)
    if (known === undefined) this.#deletes.set(number, [{ startMs, endMs }])
    else known.push({ startMs, endMs })
  }

  #reserveCounts(): void {
    const needed = this.#table.rows.length
    if (needed <= this.#counts.length) return
    const grown = new Uint32Array(needed * 2)
    grown.set(this.#counts)
    this.#counts = grown
  }
}

/** The points of some series as they come, in the order of the log. */
class Lots {
  /** By number of the series; -1: it is none of these. */
  readonly #slots: Int32Array
  /** Where the points of each begin, and where the next one goes. */
  readonly #starts: Uint32Array
  readonly #ends: Uint32Array
  readonly #times: Float64Array
  readonly #values: Float64Array

  constructor(counts: readonly number[], numbers: readonly number[], numberCount: number) {
    this.#slots = new Int32Array(numberCount).fill(-1)
    for (const [slot, number] of numbers.entries()) this.#slots[number] = slot
    this.#starts = new Uint32Array(counts.length)
    let total = 0
    for (const [slot, count] of counts.entries()) {
      this.#starts[slot] = total
      total += count
    }
    this.#ends = this.#starts.slice()
    this.#times = new Float64Array(total)
    this.#values = new Float64Array(total)
  }

  addFlush({ memory, startMs, count, firstNumber, firstValue }: ColumnLayout): void {
    const { words, doubles } = memory
    for (let entry = 0; entry < count; entry++) {
      const slot = this.#slots[words[firstNumber + entry] ?? 0] ?? -1
      if (slot < 0) continue
      const place = this.#ends[slot]!++
      this.#times[place] = startMs
      this.#values[place] = doubles[firstValue + entry] ?? 0
    }
  }

  addPoints({ memory, count, firstNumber, firstTime, firstValue }: ColumnLayout): void {
    const { words, doubles } = memory
    for (let entry = 0; entry < count; entry++) {
      const slot = this.#slots[words[firstNumber + entry] ?? 0] ?? -1
      if (slot < 0) continue
      const place = this.#ends[slot]!++
      this.#times[place] = doubles[firstTime + entry] ?? 0
      this.#values[place] = doubles[firstValue + entry] ?? 0
    }
  }

  forget({ memory, startMs, endMs, count, firstNumber }: ColumnLayout): void {
    for (let entry = 0; entry < count; entry++) {
      const slot = this.#slots[memory.words[firstNumber + entry] ?? 0] ?? -1
      if (slot < 0) continue
      const end = this.#ends[slot] ?? 0
      let kept = this.#starts[slot] ?? 0
      for (let place = kept; place < end; place++) {
        const timeMs = this.#times[place] ?? 0
        if (timeMs >= startMs && timeMs < endMs) continue
        this.#times[kept] = timeMs
        this.#values[kept++] = this.#values[place] ?? 0
      }
      this.#ends[slot] = kept
    }
  }

  /** Ascending in time; of two with one time the later one. */
  finish(slot: number): Chunk {
    const timesMs = this.#times.subarray(this.#starts[slot], this.#ends[slot])
    const values = this.#values.subarray(this.#starts[slot], this.#ends[slot])
    return inOrder({ timesMs, values })
  }
}
