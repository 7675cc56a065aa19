import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncDirectory, systemCodeOf, writeFully, type FileSystem } from '../file-system.ts'
import { AGGREGATES, type Aggregate } from './aggregates.ts'

/**
 * Where tiers are:
 *
 *   tiers/
 *     60000ms/       one tier: slots of this many milliseconds
 *       state        how far it is: JSON, one line
 *       count/       blocks of each aggregate, as in blocks/; a block's numbers are those of the foldings it stands for
 *       sum/ min/ max/ last/
 */
export function tierPath(tiersPath: string, stepMs: number): string {
  return join(tiersPath, `${stepMs}ms`)
}

export function columnPath(path: string, aggregate: Aggregate): string {
  return join(path, aggregate)
}

/** Where the blocks of all tiers are, tier by tier. */
export function listColumns(tiersPath: string): TierColumn[] {
  return listTiers(tiersPath).flatMap((stepMs) =>
    AGGREGATES.map((aggregate) => ({
      stepMs,
      aggregate,
      blocksPath: columnPath(tierPath(tiersPath, stepMs), aggregate),
    })).filter(({ blocksPath }) => existsSync(blocksPath)),
  )
}

export interface TierColumn {
  readonly stepMs: number
  readonly aggregate: Aggregate
  readonly blocksPath: string
}

/** The steps of all tiers that there are, ascending. */
export function listTiers(tiersPath: string): number[] {
  if (!existsSync(tiersPath)) return []
  return readdirSync(tiersPath)
    .flatMap((name) => {
      const [, stepMs] = /^([1-9]\d{0,12})ms$/.exec(name) ?? []
      return stepMs === undefined ? [] : [Number(stepMs)]
    })
    .sort((a, b) => a - b)
}

/** How far a tier is. Written after the blocks that it speaks of. */
export interface TierState {
  /** Of the newest block of each aggregate; 0: nothing was folded yet. */
  readonly folding: number
  /** What segments up to this one said of times before the horizon is in the tier. */
  readonly foldedThrough: number
  /** Slots before this time are in the tier. */
  readonly horizonMs: number
  /** Every slot from here on has all that ever came for it. */
  readonly completeFromMs: number
}

/** Nothing was folded. */
export const UNFOLDED: TierState = {
  folding: 0,
  foldedThrough: 0,
  horizonMs: Number.NEGATIVE_INFINITY,
  completeFromMs: Number.NEGATIVE_INFINITY,
}

export function tierStatePath(path: string): string {
  return join(path, 'state')
}

/** undefined: there is none. 'damaged': it cannot be made out. */
export function readTierState(path: string): TierState | undefined | 'damaged' {
  try {
    return parseState(readFileSync(tierStatePath(path), 'utf8')) ?? 'damaged'
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Written beside and renamed: a crash leaves the old or the new one. */
export function writeTierState(files: FileSystem, path: string, state: TierState): void {
  const statePath = tierStatePath(path)
  const temporaryPath = `${statePath}.new`
  const line = JSON.stringify({ ...state, ...timesAsText(state) })
  const fd = files.openSync(temporaryPath, 'w')
  try {
    writeFully(files, fd, Buffer.from(`${line}\n`), 0)
    files.fsyncSync(fd)
  } finally {
    files.closeSync(fd)
  }
  files.renameSync(temporaryPath, statePath)
  syncDirectory(files, dirname(statePath))
}

/** JSON has no infinity. */
function timesAsText({ horizonMs, completeFromMs }: TierState): Record<string, number | null> {
  const orNull = (timeMs: number): number | null => (Number.isFinite(timeMs) ? timeMs : null)
  return { horizonMs: orNull(horizonMs), completeFromMs: orNull(completeFromMs) }
}

function parseState(text: string): TierState | undefined {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof read !== 'object' || read === null) return undefined
  const { folding, foldedThrough, horizonMs, completeFromMs } = read as Record<string, unknown>
  const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
  const isTime = (value: unknown): value is number | null => value === null || Number.isFinite(value)
  if (!isWhole(folding) || !isWhole(foldedThrough) || !isTime(horizonMs) || !isTime(completeFromMs))
    return undefined
  return {
    folding,
    foldedThrough,
    horizonMs: horizonMs ?? Number.NEGATIVE_INFINITY,
    completeFromMs: completeFromMs ?? Number.NEGATIVE_INFINITY,
  }
}
