import type { SeriesKey } from '../../../model/series-key.ts'
import { listBlocks, withoutCovered } from '../block/block-file.ts'
import { openDataDirectory, openingFailure, requireDataDirectory } from '../data-directory.ts'
import { listSegments } from '../segment-file.ts'
import type { FileContents } from './damage.ts'
import { repairBlock, repairSegment } from './repair.ts'
import { verifyBlock } from './verify-block.ts'
import { verifySegment } from './verify-segment.ts'

export interface StoreReport {
  /** In the order of the log. */
  readonly files: readonly FileContents[]
  readonly seriesCount: number
  readonly pointCount: number
  readonly bytes: number
  /** Damaged files that were put aside, by the paths they have now. */
  readonly quarantined: readonly string[]
}

export interface VerifyOptions {
  /** The data directory. */
  readonly path: string
  /** Puts damaged files aside, and makes blocks of what can be read of them. */
  readonly repairs: boolean
  readonly onFile?: (contents: FileContents) => void
}

/**
 * Reads every byte of the points in a data directory that no Kymo is using. Throws the KymoErrors of opening one:
 * `data-in-use`, `data-unopenable`, `data-version`.
 */
export function verifyStore({ path, repairs, onFile }: VerifyOptions): StoreReport {
  requireDataDirectory(path)
  const directory = openDataDirectory(path)
  try {
    const { logPath, blocksPath } = directory
    const keys = new Set<SeriesKey>()
    const files: FileContents[] = []
    const quarantined: string[] = []
    const note = (contents: FileContents, repair: () => string): void => {
      files.push(contents)
      onFile?.(contents)
      if (repairs && contents.damages.length > 0) quarantined.push(repair())
    }
    const blocks = withoutCovered(listBlocks(blocksPath).blocks).current
    for (const numbers of blocks)
      note(verifyBlock(blocksPath, numbers, keys), () => repairBlock(blocksPath, numbers))
    for (const number of listSegments(logPath).numbers) {
      if (blocks.some(({ first, last }) => first <= number && number <= last)) continue
      note(verifySegment(logPath, number, keys), () => repairSegment(directory, number))
    }
    return {
      files,
      quarantined,
      seriesCount: keys.size,
      pointCount: files.reduce((sum, { pointCount }) => sum + pointCount, 0),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  } catch (error) {
    throw openingFailure(path, error)
  } finally {
    directory.close()
  }
}
