import { listBlocks, withoutCovered, type BlockNumbers } from '../block/block-file.ts'
import type { Aggregate } from '../tier/aggregates.ts'
import { listColumns, type TierColumn } from '../tier/tier-directory.ts'
import type { FileContents, TierContents } from './damage.ts'

/** What each tier holds; `read` says it of a file. */
export function readTiers(
  tiersPath: string,
  read: (blocksPath: string, numbers: BlockNumbers, aggregate: Aggregate) => FileContents,
): TierContents[] {
  const byStep = Map.groupBy(listColumns(tiersPath), ({ stepMs }) => stepMs)
  return [...byStep].map(([stepMs, columns]) => tierOf(stepMs, columns, read))
}

function tierOf(
  stepMs: number,
  columns: readonly TierColumn[],
  read: (blocksPath: string, numbers: BlockNumbers, aggregate: Aggregate) => FileContents,
): TierContents {
  const files: FileContents[] = []
  let slotCount = 0
  for (const { aggregate, blocksPath } of columns) {
    for (const numbers of withoutCovered(listBlocks(blocksPath).blocks).current) {
      const contents = read(blocksPath, numbers, aggregate)
      files.push(contents)
      if (aggregate === 'count') slotCount += contents.pointCount
    }
  }
  return {
    stepMs,
    slotCount,
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    oldestMs: files.reduce((oldest, file) => Math.min(oldest, file.oldestMs), Number.POSITIVE_INFINITY),
    newestMs: files.reduce((newest, file) => Math.max(newest, file.newestMs), Number.NEGATIVE_INFINITY),
  }
}
