import { closeSync, openSync, statSync } from 'node:fs'
import { scheduler } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../telemetry/log.ts'
import type { TreeCatalog } from '../tree-catalog.ts'
import type { FileSystem } from './file-system.ts'
import type { SealedSegment } from './log-writer.ts'
import { columnsOf } from './payloads.ts'
import { recoverSegment, type RecoveredSegment } from './recover-segment.ts'
import { readRecord } from './scan-segment.ts'
import { findMark, listSegments, segmentPath } from './segment-file.ts'
import { createSegment, type SegmentWriter } from './segment-writer.ts'

export interface RecoveryOptions {
  readonly logPath: string
  readonly files: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly catalog: TreeCatalog
  readonly onProgress?: ((progress: RecoveryProgress) => void) | undefined
}

export interface RecoveryProgress {
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface RecoveredLog {
  readonly sealed: readonly SealedSegment[]
  readonly current: SegmentWriter
}

/** Opens the log whatever state it was left in, and fills the catalog from it. */
export async function recoverLog(options: RecoveryOptions): Promise<RecoveredLog> {
  const { logPath, files, clock, log, catalog } = options
  const listing = listSegments(logPath)
  for (const name of listing.strangers)
    log.warn({ name, logPath }, 'a stranger in the log directory is left alone')
  const sizes = listing.numbers.map((number) => statSync(segmentPath(logPath, number)).size)
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0)
  let doneBytes = 0

  const sealed: SealedSegment[] = []
  let current: SegmentWriter | undefined
  for (const [position, number] of listing.numbers.entries()) {
    const path = segmentPath(logPath, number)
    const isLast = number === listing.highestNumber
    const recovered = recoverSegment({ number, path, files, log, isLast })
    if (recovered !== undefined) {
      noteInCatalog(catalog, recovered)
      if (recovered.writer === undefined) sealed.push(recovered.description)
      else current = recovered.writer
    }
    doneBytes += sizes[position] ?? 0
    options.onProgress?.({ doneBytes, totalBytes })
    await scheduler.yield()
  }
  const number = listing.highestNumber + 1
  current ??= createSegment(files, { number, path: segmentPath(logPath, number), createdMs: clock.nowMs() })
  return { sealed, current }
}

/**
 * Segments come in order. What a segment deleted is taken from what the ones before it said; its own table has
 * taken it into account already.
 */
function noteInCatalog(catalog: TreeCatalog, segment: RecoveredSegment): void {
  if (segment.index.deleteOffsets.length > 0) forgetDeleted(catalog, segment)
  for (const row of segment.table.rows) {
    if (row === undefined || Number.isNaN(row.firstSeenMs)) continue
    catalog.touch(row.identity, row.firstSeenMs)
    catalog.touch(row.identity, row.lastSeenMs)
  }
}

function forgetDeleted(catalog: TreeCatalog, { description, index, table }: RecoveredSegment): void {
  const fd = openSync(description.path, 'r')
  try {
    const mark = findMark(fd, description.number, description.path)
    if (mark === undefined) return
    for (const offset of index.deleteOffsets) {
      const record = readRecord({ fd, mark, startBytes: offset, endBytes: description.lengthBytes })
      const columns = record === undefined ? undefined : columnsOf(record)
      if (columns === undefined) continue
      for (let entry = 0; entry < columns.count; entry++) {
        const key = table.rows[columns.memory.words[columns.firstNumber + entry] ?? 0]?.identity.key
        const known = key === undefined ? undefined : catalog.get(key)
        if (key === undefined || known === undefined) continue
        const isAllGone = known.firstSeenMs >= columns.startMs && known.lastSeenMs < columns.endMs
        if (isAllGone) catalog.remove([key])
      }
    }
  } finally {
    closeSync(fd)
  }
}
