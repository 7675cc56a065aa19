import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { columnsOf, readSeriesRecord } from './payloads.ts'
import type { RecordBuilder } from './record-builder.ts'
import { RECORD_HEADER_BYTES, RECORD_KIND, type RecordView } from './record.ts'
import { readSeriesEntries, writeSeriesEntry } from './series-entry.ts'

/**
 * The series of one segment: their numbers there, and when each was first and last seen in it. Learnt record by
 * record; a full segment closes with it in dictionary records, so that starting need not read the points:
 *
 *   payload of a dictionary record
 *     0  count        u32
 *     4  0            u32
 *     8  first seen   f64[count]   NaN: it has no points here (any more)
 *        last seen    f64[count]
 *        entries      as in a series record
 */
export interface TableRow {
  identity: SeriesIdentity
  firstSeenMs: number
  lastSeenMs: number
}

export class SeriesTable {
  /** By number. Numbers are given without gaps, but damage may have taken some. */
  readonly rows: (TableRow | undefined)[] = []
  readonly #numbers = new Map<SeriesKey, number>()

  numberOf(key: SeriesKey): number | undefined {
    return this.#numbers.get(key)
  }

  add(record: RecordView): void {
    switch (record.kind) {
      case RECORD_KIND.series:
        for (const { number, identity } of readSeriesRecord(record)) this.#introduce(number, identity)
        break
      case RECORD_KIND.flush:
      case RECORD_KIND.points:
        this.#see(record)
        break
      case RECORD_KIND.delete:
        this.#forget(record)
        break
      case RECORD_KIND.dictionary:
        this.#restore(record)
        break
    }
  }

  #introduce(number: number, identity: SeriesIdentity): TableRow {
    // A number far beyond the others can only come from a file that Kymo did not write.
    if (number > this.rows.length + MOST_NUMBERS_SKIPPED) return newRow(identity)
    const known = this.rows[number]
    if (known !== undefined) {
      known.identity = identity
      return known
    }
    const row = newRow(identity)
    while (this.rows.length < number) this.rows.push(undefined)
    this.rows[number] = row
    this.#numbers.set(identity.key, number)
    return row
  }

  #see(record: RecordView): void {
    const columns = columnsOf(record)
    if (columns === undefined) return
    const { words, doubles } = columns.memory
    const isFlush = record.kind === RECORD_KIND.flush
    for (let entry = 0; entry < columns.count; entry++) {
      const row = this.rows[words[columns.firstNumber + entry] ?? 0]
      if (row === undefined) continue
      const timeMs = isFlush ? columns.startMs : (doubles[columns.firstTime + entry] ?? 0)
      // Written so that NaN, never seen, gives way.
      if (!(row.firstSeenMs <= timeMs)) row.firstSeenMs = timeMs
      if (!(row.lastSeenMs >= timeMs)) row.lastSeenMs = timeMs
    }
  }

  /** A delete that spans all of a series makes it unseen; one that takes a part leaves the times as they are. */
  #forget(record: RecordView): void {
    const columns = columnsOf(record)
    if (columns === undefined) return
    for (let entry = 0; entry < columns.count; entry++) {
      const row = this.rows[columns.memory.words[columns.firstNumber + entry] ?? 0]
      if (row === undefined || row.firstSeenMs < columns.startMs || row.lastSeenMs >= columns.endMs) continue
      row.firstSeenMs = Number.NaN
      row.lastSeenMs = Number.NaN
    }
  }

  #restore(record: RecordView): void {
    const { words, doubles } = record.memory
    const count = words[record.payloadOffset / 4] ?? 0
    const firstSeen = record.payloadOffset / 8 + 1
    const entriesOffset = record.payloadOffset + 8 + count * 16
    if (entriesOffset > record.payloadOffset + record.payloadBytes) return
    for (const [position, { number, identity }] of readSeriesEntries(
      record,
      entriesOffset,
      count,
    ).entries()) {
      const row = this.#introduce(number, identity)
      row.firstSeenMs = doubles[firstSeen + position] ?? Number.NaN
      row.lastSeenMs = doubles[firstSeen + count + position] ?? Number.NaN
    }
  }
}

/** More series than any segment has room for. */
const MOST_NUMBERS_SKIPPED = 2_000_000
const DICTIONARY_RECORD_BYTES = 1_024 * 1_024

export function writeDictionaryRecords(builder: RecordBuilder, table: SeriesTable): void {
  const rows = [...table.rows.entries()].flatMap(([number, row]) =>
    row === undefined ? [] : [{ number, ...row }],
  )
  for (let next = 0; next < rows.length; ) {
    const group: (typeof rows)[number][] = []
    for (let bytes = 0; bytes < DICTIONARY_RECORD_BYTES && next < rows.length; next++) {
      const row = rows[next]
      if (row === undefined) break
      group.push(row)
      bytes += RECORD_HEADER_BYTES + 2 * (row.identity.key.length + row.identity.metricKey.length)
    }
    builder.begin(RECORD_KIND.dictionary)
    builder.word(group.length)
    builder.word(0)
    builder.doubles(Float64Array.from(group, (row) => row.firstSeenMs))
    builder.doubles(Float64Array.from(group, (row) => row.lastSeenMs))
    for (const row of group) writeSeriesEntry(builder, row)
    builder.end()
  }
}

function newRow(identity: SeriesIdentity): TableRow {
  return { identity, firstSeenMs: Number.NaN, lastSeenMs: Number.NaN }
}
