import type { TimeRange } from '../../model/time-range.ts'
import { columnsOf, findNumber, type ColumnLayout } from './payloads.ts'
import { RECORD_KIND, type RecordView } from './record.ts'
import type { PointReceiver } from './series-receivers.ts'

/** The series wanted from one segment: their numbers there, and who takes their points. */
export interface WantedSeries {
  readonly numbers: Uint32Array
  readonly receivers: readonly PointReceiver[]
  /**
   * Where each was in the record before. Flushes hold the same series in the same places most of the time, and looking
   * there first makes finding one a single comparison.
   */
  readonly hints: Uint32Array
}

/** Hands what a record says about the wanted series in the range to their receivers. */
export function spreadRecord(record: RecordView, wanted: WantedSeries, range: TimeRange): void {
  const columns = columnsOf(record)
  if (columns === undefined) return
  switch (record.kind) {
    case RECORD_KIND.flush:
      if (columns.startMs >= range.startMs && columns.startMs < range.endMs) spreadFlush(columns, wanted)
      break
    case RECORD_KIND.points:
      if (columns.endMs >= range.startMs && columns.startMs < range.endMs)
        spreadPoints(columns, wanted, range)
      break
    case RECORD_KIND.delete:
      if (columns.endMs > range.startMs && columns.startMs < range.endMs) spreadDelete(columns, wanted)
      break
  }
}

function spreadFlush(columns: ColumnLayout, { numbers, receivers, hints }: WantedSeries): void {
  const { words, doubles } = columns.memory
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] ?? 0
    let position = hints[index] ?? 0
    if (position >= columns.count || words[columns.firstNumber + position] !== number) {
      position = findNumber(columns, number)
      if (position < 0) continue
      hints[index] = position
    }
    receivers[index]?.receive(columns.startMs, doubles[columns.firstValue + position] ?? 0)
  }
}

function spreadPoints(columns: ColumnLayout, { numbers, receivers }: WantedSeries, range: TimeRange): void {
  const { words, doubles } = columns.memory
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] ?? 0
    const first = findNumber(columns, number)
    if (first < 0) continue
    for (let entry = first; entry < columns.count; entry++) {
      if (words[columns.firstNumber + entry] !== number) break
      const timeMs = doubles[columns.firstTime + entry] ?? 0
      if (timeMs < range.startMs || timeMs >= range.endMs) continue
      receivers[index]?.receive(timeMs, doubles[columns.firstValue + entry] ?? 0)
    }
  }
}

function spreadDelete(columns: ColumnLayout, { numbers, receivers }: WantedSeries): void {
  for (let index = 0; index < numbers.length; index++) {
    if (findNumber(columns, numbers[index] ?? 0) < 0) continue
    receivers[index]?.forget(columns.startMs, columns.endMs)
  }
}
