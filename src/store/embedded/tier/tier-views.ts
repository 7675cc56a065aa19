import { existsSync } from 'node:fs'
import { listBlocks, withoutCovered } from '../block/block-file.ts'
import { ReadableBlock, type BlockContext } from '../block/readable-block.ts'
import { sourceOfBlock, type PointSource } from '../point-source.ts'
import { AGGREGATES, type Aggregate } from './aggregates.ts'
import type { TierView } from './levels.ts'
import { columnPath, listTiers, readTierState, tierPath, type TierState } from './tier-directory.ts'

/** The tiers that there are, as a reader sees them. The blocks that it knew before stay known. */
export class TierViews {
  readonly #tiersPath: string
  readonly #context: Omit<BlockContext, 'blocksPath'>
  #blocks = new Map<string, ReadableBlock>()
  #views: readonly TierView[] = []

  constructor(tiersPath: string, context: Omit<BlockContext, 'blocksPath'>) {
    this.#tiersPath = tiersPath
    this.#context = context
  }

  get all(): readonly TierView[] {
    return this.#views
  }

  /** Of all tiers and aggregates, in no order. */
  get blocks(): Iterable<ReadableBlock> {
    return this.#blocks.values()
  }

  /** From the finest to the coarsest: those of these steps that there are. */
  ofSteps(stepsMs: readonly number[]): readonly TierView[] {
    return this.#views.filter(({ stepMs }) => stepsMs.includes(stepMs))
  }

  /** Looks at the directories again. What a tier's state speaks of is there when the state is. */
  list(): void {
    const blocks = new Map<string, ReadableBlock>()
    this.#views = listTiers(this.#tiersPath).flatMap((stepMs) => {
      const path = tierPath(this.#tiersPath, stepMs)
      const state = readTierState(path)
      if (state === undefined || state === 'damaged') return []
      return [viewOf(stepMs, state, (aggregate) => this.#column(columnPath(path, aggregate), blocks))]
    })
    for (const path of this.#blocks.keys()) if (!blocks.has(path)) this.#context.files.close(path)
    this.#blocks = blocks
  }

  #column(blocksPath: string, blocks: Map<string, ReadableBlock>): readonly PointSource[] {
    if (!existsSync(blocksPath)) return []
    const { current } = withoutCovered(listBlocks(blocksPath).blocks)
    const context = { ...this.#context, blocksPath }
    return current.map((numbers) => {
      const fresh = new ReadableBlock(numbers, context)
      const block = this.#blocks.get(fresh.path) ?? fresh
      blocks.set(block.path, block)
      return sourceOfBlock(block)
    })
  }
}

export function viewOf(
  stepMs: number,
  state: TierState,
  column: (aggregate: Aggregate) => readonly PointSource[],
): TierView {
  const columns = new Map(AGGREGATES.map((aggregate) => [aggregate, column(aggregate)]))
  return { stepMs, ...state, column: (aggregate) => columns.get(aggregate) ?? [] }
}
