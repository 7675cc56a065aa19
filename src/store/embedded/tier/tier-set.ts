import type { Log } from '../../../telemetry/log.ts'
import type { RuleBookSource } from '../../rules/index.ts'
import { chooseMerge } from '../block/choose-merge.ts'
import type { Packer } from '../block/packer.ts'
import { describeBlock, type RecoveredBlock } from '../block/recover-blocks.ts'
import { removeFile, type FileSystem } from '../file-system.ts'
import type { PublishedState } from '../published-state.ts'
import type { StoredFile } from '../stored-file.ts'
import { AGGREGATES, type Aggregate } from './aggregates.ts'
import { columnPath, listTiers, tierStatePath } from './tier-directory.ts'
import { dueFolding } from './due-folding.ts'
import type { TierPlan } from './plan-tiers.ts'
import { Tier } from './tier.ts'

export interface TierSetOptions {
  readonly blocksPath: string
  readonly tiersPath: string
  readonly files: FileSystem
  readonly log: Log
  readonly state: PublishedState
  readonly packer: Packer
  /** Sees the blocks that there are when the store is opened: what series the tiers have. */
  readonly onBlock: (block: RecoveredBlock) => void
}

/** What is below the tiers. */
export interface RawFiles {
  /** Blocks and segments, ascending. */
  readonly files: readonly StoredFile[]
  readonly keptFromMs: number
  readonly isUnpackable: (file: StoredFile) => boolean
}

const DAY_MS = 86_400_000
const SHORTEST_BLOCK_MS = 31 * DAY_MS

/**
 * The tiers of a store: sees that what has become old enough is rolled up into them, that their blocks are merged as they age, and
 * that those that are too old go.
 */
export class TierSet {
  readonly #options: TierSetOptions
  readonly #tiers: Tier[]
  #plan: TierPlan = { tiers: [], rawRetentionMs: 0, totalRetentionMs: 0 }
  #rules: RuleBookSource = { defaultRetentions: [] }
  /** Paths of files that stay as they are. */
  readonly #unmergeable = new Set<string>()

  constructor(options: TierSetOptions) {
    this.#options = options
    this.#tiers = listTiers(options.tiersPath).map((stepMs) =>
      Tier.open({ ...options, stepMs }, options.onBlock),
    )
  }

  /** Files of all tiers. */
  get all(): readonly StoredFile[] {
    return this.#tiers.flatMap((tier) => tier.all)
  }

  /** Files that say how far each tier is. */
  get statePaths(): readonly string[] {
    return this.#tiers.filter(({ state }) => state.folding > 0).map(({ path }) => tierStatePath(path))
  }

  /** Segments up to this one have been rolled up wherever they are to be. */
  get foldedThrough(): number {
    return this.#planned().reduce((least, { state }) => Math.min(least, state.foldedThrough), Infinity)
  }

  /** Numbers of segments that a folding ended at. */
  get boundaries(): readonly number[] {
    return this.#tiers.map(({ state }) => state.foldedThrough)
  }

  /** Times before this one have. */
  get horizonMs(): number {
    return this.#planned().reduce((least, { state }) => Math.min(least, state.horizonMs), Infinity)
  }

  /** What is to be kept from now on. `rules` are those that the plan was made of. */
  setPlan(plan: TierPlan, rules: RuleBookSource): void {
    this.#plan = plan
    this.#rules = rules
    for (const { stepMs } of plan.tiers) {
      if (this.#tiers.some((tier) => tier.stepMs === stepMs)) continue
      this.#tiers.push(Tier.open({ ...this.#options, stepMs }))
    }
    this.#tiers.sort((a, b) => a.stepMs - b.stepMs)
  }

  /** Rolls up what is due in one tier. False: there was nothing to do. Rejects with what the system says. */
  async foldNext(raw: RawFiles, nowMs: number): Promise<boolean> {
    const rawCompleteFromMs = (raw.files[0]?.first ?? 1) > 1 ? raw.keptFromMs : Number.NEGATIVE_INFINITY
    for (const planned of this.#plan.tiers) {
      const tier = this.#tier(planned.stepMs)
      const finer = this.#tiers.filter(({ stepMs }) => stepMs < planned.stepMs)
      const { state } = tier
      const due = dueFolding({
        planned,
        state,
        raw: raw.files,
        oldestFinerMs: oldestOf(finer.flatMap((one) => one.columns.count)),
        nowMs,
        rawKeptFromMs: raw.keptFromMs,
        isUnpackable: raw.isUnpackable,
      })
      if (due === undefined) continue
      const after = {
        ...due,
        folding: state.folding + 1,
        completeFromMs: state.folding === 0 ? rawCompleteFromMs : state.completeFromMs,
      }
      const { blocksPath, packer } = this.#options
      const outcome = await packer.fold({
        blocksPath,
        raw: raw.files.filter(({ kind, last }) => kind === 'block' && last <= after.foldedThrough),
        rawCompleteFromMs,
        tier: tier.asFiles,
        finer: finer.map((one) => one.asFiles),
        after,
        rules: this.#rules,
      })
      tier.folded(outcome, after)
      this.#options.state.replace()
      return true
    }
    return false
  }

  /** Merges some blocks of one tier. False: there was nothing to do. */
  async mergeNext(): Promise<boolean> {
    for (const tier of this.#tiers) {
      const longestMs = Math.max(SHORTEST_BLOCK_MS, this.#retentionOf(tier) / 8)
      for (const aggregate of AGGREGATES) {
        const blocks = chooseMerge(tier.columns[aggregate], {
          longestMs,
          isMergeable: ({ path }) => !this.#unmergeable.has(path),
        })
        if (blocks === undefined) continue
        await this.#merge(tier, aggregate, blocks)
        return true
      }
    }
    return false
  }

  /** Lets go of what is past its retention. */
  drop(nowMs: number): void {
    for (const tier of this.#tiers) {
      const keptFromMs = nowMs - this.#retentionOf(tier)
      if (!(keptFromMs > 0)) continue
      this.#remove(tier.takeExpired(keptFromMs))
    }
  }

  async #merge(tier: Tier, aggregate: Aggregate, blocks: readonly StoredFile[]): Promise<void> {
    const blocksPath = columnPath(tier.path, aggregate)
    const isFirst = blocks[0] === tier.columns[aggregate][0]
    const outcome = await this.#options.packer.merge({ blocksPath, blocks, isFirst })
    if (outcome.kind === 'kept') {
      for (const { path } of blocks) this.#unmergeable.add(path)
      return
    }
    // Meanwhile all of them may have become too old to be kept.
    const isKept = tier.columns[aggregate].some((file) => blocks.includes(file))
    const merged = outcome.kind === 'merged' ? describeBlock(outcome.block) : undefined
    tier.replace(aggregate, blocks, isKept ? merged : undefined)
    this.#options.state.replace()
    this.#remove([
      ...blocks.map(({ path }) => path),
      ...(isKept || merged === undefined ? [] : [merged.path]),
    ])
  }

  #planned(): Tier[] {
    return this.#plan.tiers.map(({ stepMs }) => this.#tier(stepMs))
  }

  #tier(wantedMs: number): Tier {
    const tier = this.#tiers.find(({ stepMs }) => stepMs === wantedMs)
    if (tier === undefined) throw new Error(`BUG: there is no tier of ${wantedMs} ms`)
    return tier
  }

  /** One that no rule speaks of any more is kept as long as anything is. */
  #retentionOf({ stepMs }: Tier): number {
    const planned = this.#plan.tiers.find((one) => one.stepMs === stepMs)
    return planned?.retentionMs ?? this.#plan.totalRetentionMs
  }

  #remove(paths: readonly string[]): void {
    const { files, log } = this.#options
    for (const path of paths) {
      const reason = removeFile(files, path)
      if (reason !== undefined)
        log.warn({ path, reason }, 'a file of the store that is not needed could not be removed')
    }
    if (paths.length > 0) this.#options.state.replace()
  }
}

function oldestOf(files: readonly StoredFile[]): number {
  return files.reduce((oldest, { oldestMs }) => Math.min(oldest, oldestMs), Number.POSITIVE_INFINITY)
}
