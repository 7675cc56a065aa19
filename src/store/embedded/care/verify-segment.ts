import { closeSync, fstatSync, openSync } from 'node:fs'
import { HeadWriter } from '../head/head-writer.ts'
import { replaySegment } from '../replay-segment.ts'
import { readSegmentHeader, SEGMENT_HEADER_BYTES, segmentPath } from '../segment-file.ts'
import { pointsOf } from '../size/head-sizes.ts'
import type { Damage, FileContents } from './damage.ts'
import type { NoteSeries } from './prefix-sizes.ts'

/** Reads every record of a segment. A series has as much of the file as it has of the points. */
export function verifySegment(logPath: string, number: number, note: NoteSeries): FileContents {
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
      const points = pointsOf(head.pages, slot)
      note(key, points, (bytes * points) / Math.max(1, head.pointCount))
      seriesCount += 1
    }
    const { pointCount, oldestMs, newestMs } = head
    return { path, kind: 'segment', bytes, pointCount, seriesCount, oldestMs, newestMs, damages }
  } finally {
    closeSync(fd)
  }
}
