import type { RecordBuilder } from './record-builder.ts'
import { RECORD_KIND, type RecordMemory, type RecordView } from './record.ts'
import { readSeriesEntries, writeSeriesEntry, type SeriesEntry } from './series-entry.ts'

/**
 * What is inside the records that are written all day. Series go by the numbers of their segment, sorted ascending.
 * Columns are padded with zeros to a multiple of 8 bytes.
 *
 *   series   count u32, 0 u32, entries
 *   flush    time f64, count u32, 0 u32, numbers u32[], values f64[]
 *   points   oldest f64, newest f64, count u32, 0 u32, numbers u32[], times f64[], values f64[]
 *            sorted by number, then time; one number may repeat, with different times
 *   delete   start f64, end f64 (exclusive), count u32, 0 u32, numbers u32[]
 */
export interface Columns {
  readonly numbers: Uint32Array
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/** New series records are begun past this, so that none comes near the limit of a record. */
const SERIES_RECORD_BYTES = 1_024 * 1_024

export function writeSeriesRecords(builder: RecordBuilder, entries: readonly SeriesEntry[]): void {
  for (let next = 0; next < entries.length; ) {
    const first = next
    builder.begin(RECORD_KIND.series)
    const start = builder.length
    builder.word(0)
    builder.word(0)
    while (next < entries.length && builder.length - start < SERIES_RECORD_BYTES)
      writeSeriesEntry(builder, entries[next++] as SeriesEntry)
    builder.change(start, next - first)
    builder.end()
  }
}

export function readSeriesRecord(record: RecordView): SeriesEntry[] {
  const count = record.memory.words[record.payloadOffset / 4] ?? 0
  return readSeriesEntries(record, record.payloadOffset + 8, count)
}

/** Points of one record. More than this go into several, written at once. */
const POINTS_PER_RECORD = 1_048_576

export function writeFlushRecords(
  builder: RecordBuilder,
  timeMs: number,
  { numbers, values }: Pick<Columns, 'numbers' | 'values'>,
): void {
  for (let start = 0; start < numbers.length; start += POINTS_PER_RECORD) {
    const end = start + POINTS_PER_RECORD
    writeFlushRecord(builder, timeMs, numbers.subarray(start, end), values.subarray(start, end))
  }
}

export function writePointsRecords(builder: RecordBuilder, columns: Columns): void {
  for (let start = 0; start < columns.numbers.length; start += POINTS_PER_RECORD)
    writePointsRecord(builder, part(columns, start))
}

function part({ numbers, timesMs, values }: Columns, start: number): Columns {
  const end = start + POINTS_PER_RECORD
  return {
    numbers: numbers.subarray(start, end),
    timesMs: timesMs.subarray(start, end),
    values: values.subarray(start, end),
  }
}

function writeFlushRecord(
  builder: RecordBuilder,
  timeMs: number,
  numbers: Uint32Array,
  values: Float64Array,
): void {
  builder.begin(RECORD_KIND.flush)
  builder.double(timeMs)
  builder.word(numbers.length)
  builder.word(0)
  builder.words(numbers)
  builder.doubles(values)
  builder.end()
}

function writePointsRecord(builder: RecordBuilder, { numbers, timesMs, values }: Columns): void {
  let oldestMs = Number.POSITIVE_INFINITY
  let newestMs = Number.NEGATIVE_INFINITY
  for (let index = 0; index < timesMs.length; index++) {
    const timeMs = timesMs[index] as number
    if (timeMs < oldestMs) oldestMs = timeMs
    if (timeMs > newestMs) newestMs = timeMs
  }
  builder.begin(RECORD_KIND.points)
  builder.double(oldestMs)
  builder.double(newestMs)
  builder.word(numbers.length)
  builder.word(0)
  builder.words(numbers)
  builder.doubles(timesMs)
  builder.doubles(values)
  builder.end()
}

export function writeDeleteRecord(
  builder: RecordBuilder,
  { startMs, endMs, numbers }: { startMs: number; endMs: number; numbers: Uint32Array },
): void {
  builder.begin(RECORD_KIND.delete)
  builder.double(startMs)
  builder.double(endMs)
  builder.word(numbers.length)
  builder.word(0)
  builder.words(numbers)
  builder.end()
}

/** Where the columns of a record of points, or of a delete, begin. Indexes into the views of its memory. */
export interface ColumnLayout {
  readonly memory: RecordMemory
  /** Time of a flush; the oldest time of points; start of a delete. */
  readonly startMs: number
  /** The same for a flush; the newest time of points; end (exclusive) of a delete. */
  readonly endMs: number
  readonly count: number
  readonly firstNumber: number
  /** Of points only. */
  readonly firstTime: number
  /** Of points and a flush. */
  readonly firstValue: number
}

/** undefined: another kind of record, or one whose count cannot be. */
export function columnsOf(record: RecordView): ColumnLayout | undefined {
  const { memory, kind, payloadOffset } = record
  const head = payloadOffset / 8
  const isFlush = kind === RECORD_KIND.flush
  const columns = isFlush ? 1 : kind === RECORD_KIND.points ? 2 : kind === RECORD_KIND.delete ? 0 : undefined
  if (columns === undefined) return undefined
  const headDoubles = isFlush ? 1 : 2
  const count = memory.words[payloadOffset / 4 + headDoubles * 2] ?? 0
  const firstNumber = payloadOffset / 4 + headDoubles * 2 + 2
  const firstTime = head + headDoubles + 1 + Math.ceil(count / 2)
  if ((firstTime - head + columns * count) * 8 > record.payloadBytes) return undefined
  const startMs = memory.doubles[head] ?? 0
  return {
    memory,
    startMs,
    endMs: isFlush ? startMs : (memory.doubles[head + 1] ?? 0),
    count,
    firstNumber,
    firstTime,
    firstValue: isFlush ? firstTime : firstTime + count,
  }
}
