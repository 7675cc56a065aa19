import { rmSync } from 'node:fs'
import type { Retention } from '../../../model/retention.ts'
import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { SeriesKey } from '../../../model/series-key.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import { blockPath, type BlockNumbers } from '../block/block-file.ts'
import { BlockWriter, type WrittenBlock } from '../block/block-writer.ts'
import { lotsOf } from '../block/lots.ts'
import { PageCache, ReadableBlock, type BlockContext } from '../block/readable-block.ts'
import { GroupDecoder } from '../codec/chunk-group.ts'
import type { FileSystem } from '../file-system.ts'
import { OpenFiles } from '../open-files.ts'
import { sourceOfBlock } from '../point-source.ts'
import { AGGREGATES, isKeptOf, type Aggregate } from './aggregates.ts'
import { lateChanges, type LateChange } from './late-changes.ts'
import type { Levels, TierView } from './levels.ts'
import { foldedTier } from './read-tier.ts'
import { columnPath, type TierState } from './tier-directory.ts'
import { tierStepsOf } from './tier-steps.ts'
import { viewOf } from './tier-views.ts'

/** A tier and the blocks that it has. */
export interface TierFiles {
  readonly path: string
  readonly stepMs: number
  readonly state: TierState
  readonly blocks: Readonly<Record<Aggregate, readonly BlockNumbers[]>>
}

export interface TierToFold {
  readonly blocksPath: string
  /** All there are up to `after.foldedThrough`, ascending. */
  readonly raw: readonly BlockNumbers[]
  readonly rawCompleteFromMs: number
  readonly tier: TierFiles
  /** The finer ones, from the finest. */
  readonly finer: readonly TierFiles[]
  /** How far the tier is to be after this. */
  readonly after: TierState
}

/** How fine and how long a series is kept. */
export interface RetentionRules {
  retentionsFor(key: SeriesKey): readonly Retention[]
}

/** Per aggregate the block that is new in the tier; none, if there is nothing new. All are in their places and survive a power cut. */
export type FoldOutcome = Partial<Readonly<Record<Aggregate, WrittenBlock>>>

/**
 * Writes what has become of a tier since it was folded last: the slots up to its new horizon, and those before the old one that late
 * points or deletes touched. What is written is what a reader would have made of it. Throws what the system says.
 */
export function foldTier(files: FileSystem, job: TierToFold, rules: RetentionRules): FoldOutcome {
  const openFiles = new OpenFiles()
  const writers = new Map<Aggregate, BlockWriter>()
  try {
    const context = { files: openFiles, pages: new PageCache(), decoder: new GroupDecoder(), onDamage() {} }
    const fold = openFold(job, context)
    for (const aggregate of AGGREGATES) rmSync(newBlockPath(job, aggregate), { force: true })
    const write = (aggregate: Aggregate, points: Parameters<BlockWriter['add']>[0]): void => {
      let writer = writers.get(aggregate)
      if (writer === undefined) {
        const blocksPath = columnPath(job.tier.path, aggregate)
        const numbers = { first: job.after.folding, last: job.after.folding }
        writers.set(aggregate, (writer = new BlockWriter(files, { blocksPath, numbers })))
      }
      writer.add(points)
    }
    const tierStepMs = job.tier.stepMs
    for (const lot of lotsOf(seriesToFold(fold, job, rules))) {
      for (const { identity, change, newer } of foldLot(fold, job, lot)) {
        for (const [index, aggregate] of AGGREGATES.entries()) {
          if (!isKeptOf(identity, aggregate)) continue
          const points = pointsOf(index, { change, newer, startMs: fold.range.startMs, stepMs: tierStepMs })
          if (points.timesMs.length > 0 || points.deletes.length > 0)
            write(aggregate, { identity, ...points })
        }
      }
    }
    const outcome: Partial<Record<Aggregate, WrittenBlock>> = {}
    for (const [aggregate, writer] of writers) outcome[aggregate] = writer.finish(0)
    return outcome
  } catch (error) {
    for (const writer of writers.values()) writer.abandon()
    throw error
  } finally {
    openFiles.closeAll()
  }
}

function newBlockPath({ tier, after }: TierToFold, aggregate: Aggregate): string {
  return blockPath(columnPath(tier.path, aggregate), { first: after.folding, last: after.folding })
}

/** What is read for a folding. */
interface Fold {
  readonly blocks: readonly ReadableBlock[]
  readonly views: ReadonlyMap<number, TierView>
  /** Of finer tiers, to learn of what series they have something. */
  readonly finerBlocks: readonly ReadableBlock[]
  /** Slots that are new. */
  readonly range: TimeRange
  /** Slots that may have changed; undefined: none. */
  readonly lateRange: TimeRange | undefined
}

function openFold(
  { blocksPath, raw, tier, finer, after }: TierToFold,
  context: Omit<BlockContext, 'blocksPath'>,
): Fold {
  const open = (path: string, numbers: BlockNumbers): ReadableBlock =>
    new ReadableBlock(numbers, { ...context, blocksPath: path })
  const blocks = raw.map((numbers) => open(blocksPath, numbers))
  const views = new Map(
    [...finer, tier].map(({ path, stepMs, state, blocks: ofColumns }) => [
      stepMs,
      viewOf(stepMs, state, (aggregate) =>
        ofColumns[aggregate].map((numbers) => sourceOfBlock(open(columnPath(path, aggregate), numbers))),
      ),
    ]),
  )
  const countsOf = ({ path, blocks: ofColumns }: TierFiles): ReadableBlock[] =>
    ofColumns.count.map((numbers) => open(columnPath(path, 'count'), numbers))
  const finerBlocks = finer.flatMap(countsOf)
  const { stepMs } = tier
  const slotOf = (timeMs: number): number => Math.floor(timeMs / stepMs) * stepMs
  const oldestOf = (some: readonly ReadableBlock[]): number =>
    some.reduce((oldest, { root }) => Math.min(oldest, root?.oldestMs ?? oldest), Number.POSITIVE_INFINITY)
  const { horizonMs, foldedThrough } = tier.state
  const endMs = after.horizonMs
  const startMs = Math.min(endMs, Math.max(horizonMs, slotOf(oldestOf([...blocks, ...finerBlocks]))))
  const late = blocks.filter(({ numbers }) => numbers.last > foldedThrough)
  // A delete may reach back as far as there is anything.
  const hasDeletes = late.some(({ root }) => (root?.deleteCount ?? 0) > 0)
  const lateStartMs = slotOf(oldestOf(hasDeletes ? [...late, ...finerBlocks, ...countsOf(tier)] : late))
  const lateRange = lateStartMs < horizonMs ? { startMs: lateStartMs, endMs: horizonMs } : undefined
  return { blocks, views, finerBlocks, range: { startMs, endMs }, lateRange }
}

interface SeriesToFold {
  readonly identity: SeriesIdentity
  /** From the finest to the one that is folded. */
  readonly stepsMs: readonly number[]
  pointCount: number
}

/** By key. */
function seriesToFold(
  { blocks, finerBlocks, range, lateRange }: Fold,
  { tier }: TierToFold,
  rules: RetentionRules,
): SeriesToFold[] {
  const all = new Map<SeriesKey, SeriesToFold | undefined>()
  const isInside = (oldestMs: number, newestMs: number): boolean =>
    newestMs >= (lateRange?.startMs ?? range.startMs) && oldestMs < range.endMs
  for (const block of [...finerBlocks, ...blocks]) {
    const { root } = block
    if (root === undefined || (root.deleteCount === 0 && !isInside(root.oldestMs, root.newestMs))) continue
    for (const { identity, deletes, chunks } of block.allSeries()) {
      const inside = chunks.filter(({ oldestMs, newestMs }) => isInside(oldestMs, newestMs))
      if (inside.length === 0 && deletes.length === 0) continue
      let known = all.get(identity.key)
      if (known === undefined) {
        if (all.has(identity.key)) continue
        const stepsMs = tierStepsOf(rules.retentionsFor(identity.key), tier.stepMs)
        known = stepsMs.at(-1) === tier.stepMs ? { identity, stepsMs, pointCount: 0 } : undefined
        all.set(identity.key, known)
        if (known === undefined) continue
      }
      known.pointCount += inside.reduce((sum, { pointCount }) => sum + pointCount, 0)
    }
  }
  return [...all.values()]
    .filter((one) => one !== undefined)
    .sort((a, b) => (a.identity.key < b.identity.key ? -1 : 1))
}

interface FoldedSeries {
  readonly identity: SeriesIdentity
  readonly change: LateChange | undefined
  /** Per aggregate the slots that are new. */
  readonly newer: readonly Float64Array[]
}

/** Of each series in the lot, in its order. */
function foldLot(
  fold: Fold,
  { rawCompleteFromMs }: TierToFold,
  lot: readonly SeriesToFold[],
): FoldedSeries[] {
  const byPath = Map.groupBy(lot, ({ stepsMs }) => stepsMs.join())
  const folded = new Map<SeriesToFold, FoldedSeries>()
  const raw = { sources: fold.blocks.map(sourceOfBlock), completeFromMs: rawCompleteFromMs }
  for (const series of byPath.values()) {
    const tiers = (series[0]?.stepsMs ?? []).flatMap((stepMs) => fold.views.get(stepMs) ?? [])
    const levels: Levels = { raw, tiers }
    const keys = series.map(({ identity }) => identity.key)
    const tier = foldedTier(levels)
    const request = { keys, aggregates: AGGREGATES }
    const newer =
      fold.range.startMs < fold.range.endMs ? drain(tier.readBelow({ ...request, range: fold.range })) : []
    const changes =
      fold.lateRange === undefined
        ? undefined
        : drain(lateChanges(tier, { ...request, range: fold.lateRange }))
    for (const [place, one] of series.entries())
      folded.set(one, { identity: one.identity, change: changes?.get(place), newer: newer[place] ?? [] })
  }
  return lot.flatMap((one) => folded.get(one) ?? [])
}

interface Folded {
  readonly change: LateChange | undefined
  readonly newer: readonly Float64Array[]
  /** Of the first slot that is new. */
  readonly startMs: number
  readonly stepMs: number
}

/** One aggregate of a series as a block holds it. */
function pointsOf(
  index: number,
  { change, newer, startMs, stepMs }: Folded,
): { timesMs: Float64Array; values: Float64Array; deletes: readonly TimeRange[] } {
  const changed = change?.columns[index] ?? new Float64Array(0)
  const added = newer[index] ?? new Float64Array(0)
  const timesMs = new Float64Array(changed.length + added.length)
  const values = new Float64Array(timesMs.length)
  const deletes = [...(change?.deletes ?? [])]
  let count = 0
  const take = (timeMs: number, value: number): void => {
    timesMs[count] = timeMs
    values[count++] = value
  }
  for (const [place, value] of changed.entries()) {
    const slotMs = change?.slotsMs[place] ?? 0
    if (Number.isNaN(value)) deletes.push({ startMs: slotMs, endMs: slotMs + stepMs })
    else take(slotMs, value)
  }
  for (const [slot, value] of added.entries()) if (!Number.isNaN(value)) take(startMs + slot * stepMs, value)
  return { timesMs: timesMs.slice(0, count), values: values.slice(0, count), deletes }
}

function drain<Result>(steps: Generator<number, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
