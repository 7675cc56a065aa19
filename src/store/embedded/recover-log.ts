import { closeSync, openSync, statSync } from 'node:fs'
import { scheduler } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../telemetry/log.ts'
import type { TreeCatalog } from '../tree-catalog.ts'
import {
  forgetIfWithin,
  knownIdentity,
  noteBlockInCatalog,
  recoverBlocks,
  type RecoveredBlock,
} from './block/recover-blocks.ts'
import type { FileSystem } from './file-system.ts'
import { columnsOf } from './payloads.ts'
import { recoverSegment, type RecoveredSegment } from './recover-segment.ts'
import { readRecord } from './scan-segment.ts'
import { findMark, listSegments, segmentPath } from './segment-file.ts'
import type { StoredFile } from './stored-file.ts'
import { createSegment, type SegmentWriter } from './segment-writer.ts'

export interface RecoveryOptions {
  readonly logPath: string
  readonly blocksPath: string
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
  readonly stored: readonly StoredFile[]
  readonly current: SegmentWriter
}

/** Opens blocks and log whatever state they were left in, and fills the catalog from them. */
export async function recoverLog(options: RecoveryOptions): Promise<RecoveredLog> {
  const { logPath, files, clock, log, catalog } = options
  const recovered = recoverBlocks(options)
  try {
    const listing = listSegments(logPath)
    for (const name of listing.strangers)
      log.warn({ name, logPath }, 'a stranger in the log directory is left alone')
    const steps = stepsOf(recovered.blocks, listing.numbers, logPath)
    const totalBytes = steps.reduce((sum, step) => sum + step.bytes, 0)
    let doneBytes = 0
    if (totalBytes > 0) options.onProgress?.({ doneBytes, totalBytes })
    const stored: StoredFile[] = []
    let current: SegmentWriter | undefined
    for (const step of steps) {
      if ('block' in step) {
        noteBlockInCatalog(catalog, step.block.block)
        stored.push(step.block.file)
      } else if (step.isCovered) files.unlinkSync(step.path)
      else {
        const isLast = step.number === listing.highestNumber && step.number > recovered.highestNumber
        const segment = recoverSegment({ ...step, files, log, isLast })
        if (segment !== undefined) noteInCatalog(catalog, segment)
        if (segment?.writer === undefined)
          stored.push(...(segment === undefined ? [] : [segment.description]))
        else current = segment.writer
      }
      doneBytes += step.bytes
      options.onProgress?.({ doneBytes, totalBytes })
      await scheduler.yield()
    }
    const number = Math.max(listing.highestNumber, recovered.highestNumber) + 1
    current ??= createSegment(files, { number, path: segmentPath(logPath, number), createdMs: clock.nowMs() })
    return { stored, current }
  } finally {
    recovered.close()
  }
}

type Step =
  | { readonly first: number; readonly bytes: number; readonly block: RecoveredBlock }
  | {
      readonly first: number
      readonly bytes: number
      readonly number: number
      readonly path: string
      /** A block stands for it: a crash came before it was removed. */
      readonly isCovered: boolean
    }

/** Blocks and segments in the order of the log. */
function stepsOf(blocks: readonly RecoveredBlock[], numbers: readonly number[], logPath: string): Step[] {
  const steps: Step[] = blocks.map((block) => ({
    first: block.file.first,
    bytes: block.file.lengthBytes,
    block,
  }))
  for (const number of numbers) {
    const path = segmentPath(logPath, number)
    const isCovered = blocks.some(({ file }) => file.first <= number && number <= file.last)
    steps.push({ first: number, bytes: statSync(path).size, number, path, isCovered })
  }
  return steps.sort((a, b) => a.first - b.first)
}

/**
 * Segments come in order. What a segment deleted is taken from what the ones before it said; its own table has
 * taken it into account already.
 */
function noteInCatalog(catalog: TreeCatalog, segment: RecoveredSegment): void {
  if (segment.index.deleteOffsets.length > 0) forgetDeleted(catalog, segment)
  for (const row of segment.table.rows) {
    if (row === undefined || Number.isNaN(row.firstSeenMs)) continue
    const identity = knownIdentity(catalog, row.identity)
    catalog.touch(identity, row.firstSeenMs)
    catalog.touch(identity, row.lastSeenMs)
  }
}

function forgetDeleted(catalog: TreeCatalog, { description, index, table }: RecoveredSegment): void {
  const fd = openSync(description.path, 'r')
  try {
    const mark = findMark(fd, description.first, description.path)
    if (mark === undefined) return
    for (const offset of index.deleteOffsets) {
      const record = readRecord({ fd, mark, startBytes: offset, endBytes: description.lengthBytes })
      const columns = record === undefined ? undefined : columnsOf(record)
      if (columns === undefined) continue
      for (let entry = 0; entry < columns.count; entry++) {
        const key = table.rows[columns.memory.words[columns.firstNumber + entry] ?? 0]?.identity.key
        if (key !== undefined) forgetIfWithin(catalog, key, columns)
      }
    }
  } finally {
    closeSync(fd)
  }
}
