import { closeSync, fstatSync, openSync } from 'node:fs'
import type { SeriesKey } from '../../../model/series-key.ts'
import { RunIndex } from '../run-index.ts'
import { scanSegment } from '../scan-segment.ts'
import { findMark, readSegmentHeader, SEGMENT_HEADER_BYTES, segmentPath } from '../segment-file.ts'
import { SeriesTable } from '../series-table.ts'
import type { Damage, FileContents } from './damage.ts'

/** Reads every record of a segment. */
export function verifySegment(logPath: string, number: number, keys: Set<SeriesKey>): FileContents {
  const path = segmentPath(logPath, number)
  const fd = openSync(path, 'r')
  try {
    const bytes = fstatSync(fd).size
    const damages: Damage[] = []
    const report = (offsetBytes: number, lengthBytes: number, what: string): void => {
      damages.push({ path, offsetBytes, lengthBytes, what })
    }
    if (readSegmentHeader(fd, path) === undefined) report(0, SEGMENT_HEADER_BYTES, 'the header')
    const mark = findMark(fd, number, path)
    const index = new RunIndex()
    const table = new SeriesTable()
    if (mark !== undefined) {
      const { gaps, goodEndBytes } = scanSegment({
        fd,
        mark,
        startBytes: SEGMENT_HEADER_BYTES,
        endBytes: bytes,
        nextOrdinal: 0,
        visit(record) {
          index.add(record)
          table.add(record)
        },
      })
      for (const gap of gaps) report(gap.offsetBytes, gap.lengthBytes, `${gap.lostRecords} records`)
      if (goodEndBytes < bytes) report(goodEndBytes, bytes - goodEndBytes, 'an end that is no whole record')
    }
    let seriesCount = 0
    for (const row of table.rows) {
      if (row === undefined) continue
      keys.add(row.identity.key)
      seriesCount += 1
    }
    const { pointCount, oldestMs, newestMs } = index
    return { path, kind: 'segment', bytes, pointCount, seriesCount, oldestMs, newestMs, damages }
  } finally {
    closeSync(fd)
  }
}
