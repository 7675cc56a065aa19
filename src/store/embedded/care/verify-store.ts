import type { SeriesKey } from '../../../model/series-key.ts'
import { listBlocks, withoutCovered, type BlockNumbers } from '../block/block-file.ts'
import { openDataDirectory, openingFailure, requireDataDirectory } from '../data-directory.ts'
import { listSegments } from '../segment-file.ts'
import type { FileContents, TierContents } from './damage.ts'
import { readTiers } from './read-tiers.ts'
import { repairBlock, repairSegment } from './repair.ts'
import { verifyBlock } from './verify-block.ts'
import { verifySegment } from './verify-segment.ts'

export interface StoreReport {
  /** In the order of the log. */
  readonly files: readonly FileContents[]
  readonly tiers: readonly TierContents[]
  readonly seriesCount: number
  /** As they came. */
  readonly pointCount: number
  /** Of files that hold points as they came. */
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
    const { logPath, blocksPath, tiersPath } = directory
    const keys = new Set<SeriesKey>()
    const files: FileContents[] = []
    const quarantined: string[] = []
    const note = (contents: FileContents, repair: () => string): FileContents => {
      onFile?.(contents)
      if (repairs && contents.damages.length > 0) quarantined.push(repair())
      return contents
    }
    const noteBlock = (path: string, numbers: BlockNumbers): FileContents =>
      note(verifyBlock(path, numbers, keys), () => repairBlock(path, numbers))
    const blocks = withoutCovered(listBlocks(blocksPath).blocks).current
    for (const numbers of blocks) files.push(noteBlock(blocksPath, numbers))
    for (const number of listSegments(logPath).numbers) {
      if (blocks.some(({ first, last }) => first <= number && number <= last)) continue
      files.push(
        note(
          verifySegment(logPath, number, (key) => void keys.add(key)),
          () => repairSegment(directory, number),
        ),
      )
    }
    const tiers = readTiers(tiersPath, noteBlock)
    return {
      files,
      tiers,
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
