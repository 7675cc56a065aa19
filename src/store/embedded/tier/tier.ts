import { makeDirectory } from '../../../lib/make-directory.ts'
import type { Log } from '../../../telemetry/log.ts'
import type { BlockNumbers } from '../block/block-file.ts'
import { describeBlock, recoverBlocks, type RecoveredBlock } from '../block/recover-blocks.ts'
import { syncDirectory, type FileSystem } from '../file-system.ts'
import type { StoredFile } from '../stored-file.ts'
import { AGGREGATES, type Aggregate } from './aggregates.ts'
import type { FoldOutcome, TierFiles } from './fold-tier.ts'
import {
  columnPath,
  readTierState,
  tierPath,
  UNFOLDED,
  writeTierState,
  type TierState,
} from './tier-directory.ts'

export interface TierPlace {
  readonly tiersPath: string
  readonly stepMs: number
  readonly files: FileSystem
  readonly log: Log
}

/** One tier as its writer knows it: how far it is, and its blocks. */
export class Tier {
  readonly stepMs: number
  readonly path: string
  readonly #files: FileSystem
  #state: TierState
  readonly #columns: Record<Aggregate, StoredFile[]>

  private constructor(
    { tiersPath, stepMs, files }: TierPlace,
    state: TierState,
    columns: Record<Aggregate, StoredFile[]>,
  ) {
    this.stepMs = stepMs
    this.path = tierPath(tiersPath, stepMs)
    this.#files = files
    this.#state = state
    this.#columns = columns
  }

  /**
   * Opens a tier whatever state a crash left it in, or makes it. `onBlock` sees the blocks of one of its aggregates: what series it has.
   */
  static open(place: TierPlace, onBlock: (block: RecoveredBlock) => void = () => {}): Tier {
    const { files, log } = place
    const path = tierPath(place.tiersPath, place.stepMs)
    makeDirectory(path)
    const found = readTierState(path)
    const columns = { count: [], sum: [], min: [], max: [], last: [] } as Record<Aggregate, StoredFile[]>
    let highest = 0
    let newestMs = Number.NEGATIVE_INFINITY
    for (const aggregate of AGGREGATES) {
      const blocksPath = columnPath(path, aggregate)
      makeDirectory(blocksPath)
      const recovered = recoverBlocks({ blocksPath, files, log })
      try {
        for (const one of recovered.blocks) {
          columns[aggregate].push(one.file)
          newestMs = Math.max(newestMs, one.file.newestMs)
          if (aggregate === 'count') onBlock(one)
        }
      } finally {
        recovered.close()
      }
      highest = Math.max(highest, recovered.highestNumber)
    }
    syncDirectory(files, path)
    if (found === 'damaged')
      log.error(
        { path },
        'how far a tier is cannot be made out; what its blocks hold counts, and is gone over again',
      )
    const lost: TierState = { ...UNFOLDED, folding: highest, horizonMs: newestMs + place.stepMs }
    const state = found === undefined ? UNFOLDED : found === 'damaged' ? lost : found
    return new Tier(place, state, columns)
  }

  get state(): TierState {
    return this.#state
  }

  get columns(): Readonly<Record<Aggregate, readonly StoredFile[]>> {
    return this.#columns
  }

  get all(): readonly StoredFile[] {
    return AGGREGATES.flatMap((aggregate) => this.#columns[aggregate])
  }

  /** For a folding, which runs elsewhere. */
  get asFiles(): TierFiles {
    const { path, stepMs, state } = this
    const blocks = {} as Record<Aggregate, readonly BlockNumbers[]>
    for (const aggregate of AGGREGATES)
      blocks[aggregate] = this.#columns[aggregate].map(({ first, last }) => ({ first, last }))
    return { path, stepMs, state, blocks }
  }

  /** The blocks of a folding are in their places. Throws what the system says; then the folding is to be done again. */
  folded(outcome: FoldOutcome, after: TierState): void {
    writeTierState(this.#files, this.path, after)
    this.#state = after
    for (const aggregate of AGGREGATES) {
      const block = outcome[aggregate]
      if (block !== undefined) this.#columns[aggregate].push(describeBlock(block))
    }
  }

  replace(aggregate: Aggregate, old: readonly StoredFile[], block: StoredFile | undefined): void {
    const column = this.#columns[aggregate]
    const place = column.findIndex((file) => old.includes(file))
    const rest = column.filter((file) => !old.includes(file))
    if (block !== undefined) rest.splice(Math.max(0, place), 0, block)
    this.#columns[aggregate] = rest
  }

  /** Takes blocks out that hold nothing as new as this, and answers their paths. */
  takeExpired(keptFromMs: number): string[] {
    const expired: string[] = []
    for (const aggregate of AGGREGATES) {
      const kept: StoredFile[] = []
      for (const file of this.#columns[aggregate]) {
        const isNeeded = file.newestMs >= keptFromMs || (file.hasDeletes && kept.length > 0)
        if (isNeeded) kept.push(file)
        else expired.push(file.path)
      }
      this.#columns[aggregate] = kept
    }
    if (expired.length > 0 && keptFromMs > this.#state.completeFromMs) {
      const state = { ...this.#state, completeFromMs: keptFromMs }
      writeTierState(this.#files, this.path, state)
      this.#state = state
    }
    return expired
  }
}
