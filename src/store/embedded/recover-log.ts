import { statSync } from 'node:fs'
import { scheduler } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'
import { reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { CompactCatalog } from '../catalog/compact-catalog.ts'
import { noteBlockInCatalog, recoverBlocks, type RecoveredBlock } from './block/recover-blocks.ts'
import type { FileSystem } from './file-system.ts'
import type { DataDirectory } from './data-directory.ts'
import type { HeadSet } from './head/head-set.ts'
import { noteHeadInCatalog } from './note-head.ts'
import { recoverSegment } from './recover-segment.ts'
import { listSegments, segmentPath } from './segment-file.ts'
import type { StoredFiles } from './stored-files.ts'
import { beginSegment, type SegmentWriter } from './segment-writer.ts'

export interface RecoveryOptions {
  readonly directory: DataDirectory
  readonly files: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly catalog: CompactCatalog
  /** Filled from the log. */
  readonly heads: HeadSet
  /** Filled with what there is. */
  readonly stored: StoredFiles
  readonly onProgress?: ((progress: RecoveryProgress) => void) | undefined
}

export interface RecoveryProgress {
  readonly doneBytes: number
  readonly totalBytes: number
}

/** Segments held in memory while the next one is read. */
const MOST_WAITING_HEADS = 2
/** Between two steps of progress. */
const BYTES_PER_STEP = 16 * 1_024 * 1_024

/**
 * Opens blocks and log whatever state they were left in, and fills the catalog from them. What is in the log is then in heads,
 * one per segment, which are to become blocks. Answers the new segment that the log goes on in.
 */
export async function recoverLog(options: RecoveryOptions): Promise<SegmentWriter> {
  const { directory, files, clock, log, catalog, heads, stored } = options
  const { logPath, blocksPath } = directory
  const recovered = recoverBlocks({ blocksPath, files, log })
  try {
    const listing = listSegments(logPath)
    for (const name of listing.strangers)
      log.warn({ name, logPath }, 'a stranger in the log directory is left alone')
    const steps = stepsOf(recovered.blocks, listing.numbers, logPath)
    const totalBytes = steps.reduce((sum, step) => sum + step.bytes, 0)
    let doneBytes = 0
    if (totalBytes > 0) options.onProgress?.({ doneBytes, totalBytes })
    for (const step of steps) {
      if ('block' in step) {
        noteBlockInCatalog(catalog, step.block.block)
        stored.push(step.block.file)
      } else if (step.isCovered) files.unlinkSync(step.path)
      else {
        await packIfMany(options, stored)
        let toldBytes = BYTES_PER_STEP
        const onProgress = (segmentBytes: number): void => {
          if (segmentBytes < toldBytes) return
          toldBytes += BYTES_PER_STEP
          options.onProgress?.({ doneBytes: doneBytes + segmentBytes, totalBytes })
        }
        const segment = recoverSegment({ ...step, files, log, heads, onProgress })
        if (segment !== undefined) {
          noteHeadInCatalog(catalog, segment.head)
          stored.push(segment.file)
        }
      }
      doneBytes += step.bytes
      options.onProgress?.({ doneBytes, totalBytes })
      await scheduler.yield()
    }
    const number = Math.max(listing.highestNumber, recovered.highestNumber) + 1
    return beginSegment({ files, heads, logPath, number, createdMs: clock.nowMs() })
  } finally {
    recovered.close()
  }
}

/**
 * Heads are memory: of a log of many segments, as an earlier Kymo leaves it, the first are packed before the next are read. If that
 * cannot be done, they stay in memory.
 */
async function packIfMany({ log, directory }: RecoveryOptions, stored: StoredFiles): Promise<void> {
  const waiting = stored.all.filter(({ kind }) => kind === 'segment').length
  if (waiting < MOST_WAITING_HEADS) return
  try {
    await stored.sealOldest()
  } catch (error) {
    log.warn(
      { path: directory.path, reason: reasonOf(error) },
      'a segment of the log could not be packed while starting',
    )
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
