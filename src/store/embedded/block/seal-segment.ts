import type { TimeRange } from '../../../model/time-range.ts'
import { BlockIndex } from '../block-index.ts'
import type { FileSystem } from '../file-system.ts'
import { columnsOf, type ColumnLayout } from '../payloads.ts'
import { RECORD_KIND, type RecordView } from '../record.ts'
import { ScanMemory, scanSegment } from '../scan-segment.ts'
import { findMark, SEGMENT_HEADER_BYTES, segmentPath, type Mark } from '../segment-file.ts'
import { SeriesTable } from '../series-table.ts'
import { BlockWriter, type SeriesPoints, type WrittenBlock } from './block-writer.ts'

export interface SegmentToSeal {
  readonly logPath: string
  readonly blocksPath: string
  readonly number: number
  /** Nothing behind it counts. */
  readonly lengthBytes: number
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
const POINTS_PER_PASS = 1_048_576

/** Makes a block of a segment. Throws what the system says; then there is no block. */
export function sealSegment(files: FileSystem, segment: SegmentToSeal): SealOutcome {
  const path = segmentPath(segment.logPath, segment.number)
  const fd = files.openSync(path, 'r')
  try {
    const mark = findMark(fd, segment.number, path)
    const contents =
      mark === undefined ? undefined : readContents({ fd, mark, endBytes: segment.lengthBytes })
    if (contents === undefined) return { kind: 'kept' }
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
  const writer = new BlockWriter(files, blocksPath, { first: number, last: number })
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

/** undefined: not all of the segment can be read. */
function readContents(records: ReadableRecords): SegmentContents | undefined {
  const contents = new SegmentContents(records)
  return contents.learn() ? contents : undefined
}

/** What a segment says, series by series. It is gone through once to count, and once for each lot of series. */
class SegmentContents {
  readonly #records: ReadableRecords
  readonly #memory = new ScanMemory()
  readonly #table = new SeriesTable()
  readonly #index = new BlockIndex()
  readonly #deletes = new Map<number, TimeRange[]>()
  /** Points of each series, by number. */
  #counts = new Uint32Array(1_024)

  constructor(records: ReadableRecords) {
    this.#records = records
  }

  get newestFlushMs(): number {
    return this.#index.newestFlushMs
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

  learn(): boolean {
    return this.#scan((record) => {
      this.#index.add(record)
      this.#table.add(record)
      const columns = columnsOf(record)
      if (columns === undefined) return
      for (let entry = 0; entry < columns.count; entry++) {
        const number = columns.memory.words[columns.firstNumber + entry] ?? 0
        if (record.kind === RECORD_KIND.delete) this.#noteDelete(number, columns)
        else this.#count(number)
      }
    })
  }

  /** The points that these series end up with, in the order of the numbers. */
  gather(numbers: readonly number[]): SeriesPoints[] {
    const slots = new Int32Array(this.#table.rows.length).fill(-1)
    const lots = numbers.map((number, slot) => {
      slots[number] = slot
      return new Lot(this.pointsOf(number))
    })
    this.#scan((record) => {
      const columns = columnsOf(record)
      if (columns === undefined) return
      const { words, doubles } = columns.memory
      for (let entry = 0; entry < columns.count; entry++) {
        const lot = lots[slots[words[columns.firstNumber + entry] ?? 0] ?? -1]
        if (lot === undefined) continue
        if (record.kind === RECORD_KIND.delete) lot.forget(columns.startMs, columns.endMs)
        else {
          const isFlush = record.kind === RECORD_KIND.flush
          const timeMs = isFlush ? columns.startMs : (doubles[columns.firstTime + entry] ?? 0)
          lot.add(timeMs, doubles[columns.firstValue + entry] ?? 0)
        }
      }
    })
    return numbers.flatMap((number, slot) => {
      const identity = this.#table.rows[number]?.identity
      const lot = lots[slot]
      if (identity === undefined || lot === undefined) return []
      return [{ identity, deletes: this.#deletes.get(number) ?? [], ...lot.finish() }]
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

  #count(number: number): void {
    if (number >= this.#counts.length) {
      if (number >= this.#table.rows.length) return
      const grown = new Uint32Array(this.#table.rows.length * 2)
      grown.set(this.#counts)
      this.#counts = grown
    }
    this.#counts[number] = (this.#counts[number] ?? 0) + 1
  }
}

/** The points of one series as they come, in the order of the log. */
class Lot {
  #times: Float64Array
  #values: Float64Array
  #count = 0
  #isAscending = true

  constructor(mostPoints: number) {
    this.#times = new Float64Array(mostPoints)
    this.#values = new Float64Array(mostPoints)
  }

  add(timeMs: number, value: number): void {
    if (this.#count > 0 && timeMs <= (this.#times[this.#count - 1] ?? 0)) this.#isAscending = false
    this.#times[this.#count] = timeMs
    this.#values[this.#count++] = value
  }

  forget(startMs: number, endMs: number): void {
    let kept = 0
    for (let index = 0; index < this.#count; index++) {
      const timeMs = this.#times[index] ?? 0
      if (timeMs >= startMs && timeMs < endMs) continue
      this.#times[kept] = timeMs
      this.#values[kept++] = this.#values[index] ?? 0
    }
    this.#count = kept
  }

  /** Ascending in time; of two with one time the later one. */
  finish(): { timesMs: Float64Array; values: Float64Array } {
    const timesMs = this.#times.subarray(0, this.#count)
    const values = this.#values.subarray(0, this.#count)
    if (this.#isAscending) return { timesMs, values }
    const order = Uint32Array.from(timesMs.keys()).sort(
      (a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || a - b,
    )
    const last = order.filter((place, index) => timesMs[place] !== timesMs[order[index + 1] ?? -1])
    return {
      timesMs: Float64Array.from(last, (place) => timesMs[place] ?? 0),
      values: Float64Array.from(last, (place) => values[place] ?? 0),
    }
  }
}
