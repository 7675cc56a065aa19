import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { SizeOfFile } from '../../sizes.ts'
import type { ReadableBlock } from '../block/readable-block.ts'
import { dataPaths } from '../data-directory.ts'
import { systemCodeOf } from '../file-system.ts'
import type { ReadableHead } from '../head/readable-head.ts'
import { segmentPath } from '../segment-file.ts'
import type { Aggregate } from '../tier/aggregates.ts'
import { BlockSizes } from './block-sizes.ts'
import { addHeadSizes } from './head-sizes.ts'
import type { SizeTotals } from './size-totals.ts'

/** What there is of a store at one moment. */
export interface StoreParts {
  readonly blocks: Iterable<ReadableBlock>
  readonly tierBlocks: Iterable<ReadableBlock>
  readonly heads: readonly ReadableHead[]
}

/** What series take up in all files of a store. Of blocks it is remembered, as long as they are there. */
export class StoreSizes {
  readonly #logPath: string
  readonly #known = new WeakMap<ReadableBlock, BlockSizes>()

  constructor(blocksPath: string) {
    this.#logPath = dataPaths(dirname(blocksPath)).logPath
  }

  /** Yields now and then, in as many points as could have been read meanwhile. */
  *add(
    prefix: string,
    { blocks, tierBlocks, heads }: StoreParts,
    totals: SizeTotals,
  ): Generator<number, void> {
    for (const block of blocks)
      for (const _ of this.#of(block).add(prefix, totals.takePoints)) yield POINTS_PER_STEP
    for (const block of tierBlocks) {
      const take = isOfCounts(block) ? totals.takeSlots : totals.takeBytes
      for (const _ of this.#of(block).add(prefix, take)) yield POINTS_PER_STEP
    }
    for (const head of heads) {
      const question = { prefix, take: totals.takePoints }
      for (const _ of addHeadSizes(head, this.#bytesOf(head), question)) yield POINTS_PER_STEP
    }
  }

  #of(block: ReadableBlock): BlockSizes {
    const known = this.#known.get(block) ?? new BlockSizes(block)
    this.#known.set(block, known)
    return known
  }

  /** Of its segment of the log. */
  #bytesOf({ number }: ReadableHead): number {
    try {
      return statSync(segmentPath(this.#logPath, number)).size
    } catch (error) {
      // It has become a block meanwhile.
      if (systemCodeOf(error) === 'ENOENT') return 0
      throw error
    }
  }
}

export function sizesOfFiles(
  blocks: Iterable<ReadableBlock>,
  tierBlocks: Iterable<ReadableBlock>,
): SizeOfFile[] {
  const sizeOf = (block: ReadableBlock, stepMs: number, hasPoints: boolean): SizeOfFile[] => {
    const { root } = block
    if (root === undefined) return []
    const { pointCount, oldestMs, newestMs } = root
    return [{ stepMs, points: hasPoints ? pointCount : 0, bytes: block.lengthBytes, oldestMs, newestMs }]
  }
  return [
    ...Array.from(blocks).flatMap((block) => sizeOf(block, 0, true)),
    ...Array.from(tierBlocks).flatMap((block) => sizeOf(block, stepMsOf(block), isOfCounts(block))),
  ]
}

/** `tiers/60000ms/count/…` */
function stepMsOf({ path }: ReadableBlock): number {
  return Number.parseInt(basename(dirname(dirname(path))), 10)
}

function isOfCounts({ path }: ReadableBlock): boolean {
  return basename(dirname(path)) === ('count' satisfies Aggregate)
}

/** A page takes about as long as so many points. */
const POINTS_PER_STEP = 16_384
