import type { StoredFile } from '../stored-file.ts'
import type { PlannedTier } from './plan-tiers.ts'
import type { TierState } from './tier-directory.ts'

/** Points that come so much later than their time still come before their slots are folded. */
const LATENESS_MS = 1_200_000
const LONGEST_BETWEEN_MS = 6 * 3_600_000
/** Of the level below, at most: what is to be folded has to be there. */
const SHARE_OF_RETENTION = 1 / 8
/** A store that was without tiers, or off for long, is folded in steps: of so much of the time between two foldings, if it has more points than that. */
const MOST_AT_ONCE = 8
const POINTS_AT_ONCE = 33_554_432
/** So many blocks with late points are folded together. */
const LATE_BLOCKS = 4

export interface FoldingFacts {
  readonly planned: PlannedTier
  readonly state: TierState
  /** Blocks and segments, ascending. */
  readonly raw: readonly StoredFile[]
  /** Time of the oldest value of any finer tier; Infinity: there is none. */
  readonly oldestFinerMs: number
  readonly nowMs: number
  /** What is older is to go as soon as it is folded. */
  readonly rawKeptFromMs: number
  readonly isUnpackable: (file: StoredFile) => boolean
}

/** How far a tier is to be folded now; undefined: not at all. */
export function dueFolding(facts: FoldingFacts): Pick<TierState, 'foldedThrough' | 'horizonMs'> | undefined {
  const { planned, state, raw, nowMs } = facts
  const { stepMs } = planned
  const packed = blocksInFront(facts)
  const foldedThrough = Math.max(state.foldedThrough, packed.at(-1)?.last ?? 0)
  const betweenMs = Math.max(
    stepMs,
    Math.min(LONGEST_BETWEEN_MS, planned.belowRetentionMs * SHARE_OF_RETENTION),
  )
  const startMs = Math.max(state.horizonMs, Math.min(facts.oldestFinerMs, oldestOf(packed)))
  const points = packed.reduce((sum, { pointCount }) => sum + pointCount, 0)
  const longestMs = points > POINTS_AT_ONCE ? betweenMs * MOST_AT_ONCE : Number.POSITIVE_INFINITY
  const possibleMs = Math.min(nowMs - LATENESS_MS, startMs + longestMs)
  const horizonMs = Math.max(state.horizonMs, Math.floor(possibleMs / stepMs) * stepMs)
  if (Number.isFinite(startMs) && horizonMs - startMs >= betweenMs) return { foldedThrough, horizonMs }
  const late = raw.filter(
    (file) =>
      file.kind === 'block' &&
      file.last > state.foldedThrough &&
      file.last <= foldedThrough &&
      (file.oldestMs < state.horizonMs || file.hasDeletes),
  )
  const isPressing = late.some(({ newestMs }) => newestMs < facts.rawKeptFromMs)
  if (late.length < LATE_BLOCKS && !isPressing) return undefined
  return { foldedThrough, horizonMs: state.horizonMs }
}

/** The blocks before the first segment that is still to become one. */
function blocksInFront({ raw, isUnpackable }: FoldingFacts): readonly StoredFile[] {
  const end = raw.findIndex((file) => file.kind === 'segment' && !isUnpackable(file))
  return raw.slice(0, end < 0 ? raw.length : end).filter(({ kind }) => kind === 'block')
}

function oldestOf(files: readonly StoredFile[]): number {
  return files.reduce((oldest, { oldestMs }) => Math.min(oldest, oldestMs), Number.POSITIVE_INFINITY)
}
