import { closeSync, fstatSync, openSync } from 'node:fs'
import type { SeriesKey } from '../../../model/series-key.ts'
import { HeadWriter } from '../head/head-writer.ts'
import { replaySegment } from '../replay-segment.ts'
import { readSegmentHeader, SEGMENT_HEADER_BYTES, segmentPath } from '../segment-file.ts'
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
    const head = new HeadWriter({ number, seed: 0 })
    const replayed = replaySegment({ fd, number, path, head })
    for (const gap of replayed?.gaps ?? [])
      report(gap.offsetBytes, gap.lengthBytes, `${gap.lostRecords} records`)
    const goodEndBytes = replayed?.goodEndBytes ?? bytes
    if (goodEndBytes < bytes) report(goodEndBytes, bytes - goodEndBytes, 'an end that is no whole record')
    let seriesCount = 0
    for (let slot = 0; slot < head.slotCount; slot++) {
      const key = head.identityOf(slot)?.key
      if (key === undefined) continue
      keys.add(key)
      seriesCount += 1
    }
    const { pointCount, oldestMs, newestMs } = head
    return { path, kind: 'segment', bytes, pointCount, seriesCount, oldestMs, newestMs, damages }
  } finally {
    closeSync(fd)
  }
}
