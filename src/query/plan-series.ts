import type { SlotRollup } from '../store/engine.ts'
import type { SeriesLevel } from '../store/rules/index.ts'
import type { FetchWindow } from './fetch-window.ts'
import { fetchWindow } from './fetch-window.ts'
import type { Consolidation } from './query-series.ts'
import type { QueryWindow } from './query-window.ts'

/** What is asked of the store for a series, and the slots that it fills. */
export interface SeriesPlan {
  /** The same for equal ones. */
  readonly name: string
  readonly window: FetchWindow
  /** From the oldest to the newest; steps are multiples of the window's. */
  readonly parts: readonly SeriesPart[]
}

/** A part of the window that one level of the series answers. */
export interface SeriesPart {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly stepSeconds: number
  /** undefined: points as they came, by the series' own rollup. */
  readonly level: SeriesLevel | undefined
}

/**
 * As whisper: from the finest level that reaches as far back as the window begins, all of it. Stitched, which is asked for by `all` levels, from the
 * finest to the coarsest: each part of it from the finest level that has it, in slots of the finest of these.
 */
export function planSeries(
  found: SeriesLevel | undefined,
  window: QueryWindow,
  all?: readonly RetainedLevel[],
): SeriesPlan {
  const { summedSeconds } = window
  if (summedSeconds !== undefined) return planSums(found, { ...window, summedSeconds })
  if (found === undefined) return planOf(fetchWindow(window), undefined)
  const level = consolidated(found, window.consolidation)
  const fromSeconds = Math.max(window.fromSeconds, level.keptFromSeconds)
  const plain = planOf(fetchWindow({ ...window, fromSeconds, stepSeconds: level.stepSeconds }), level)
  return all === undefined ? plain : stitched(plain, { ...window, fromSeconds }, all)
}

/** As the series' own rollup would have it, whatever rules say of the slots of tiers. */
function planSums(
  found: SeriesLevel | undefined,
  window: QueryWindow & { readonly summedSeconds: number },
): SeriesPlan {
  const { untilSeconds, summedSeconds } = window
  const storedSeconds = found?.stepSeconds ?? window.stepSeconds
  const stepSeconds = Math.ceil(summedSeconds / storedSeconds) * storedSeconds
  const keptFromSeconds = Math.max(window.fromSeconds, found?.keptFromSeconds ?? window.fromSeconds)
  const fromSeconds = Math.floor(keptFromSeconds / stepSeconds) * stepSeconds - 1
  const level = found && { ...found, rollup: 'sum' as const, fewestPoints: undefined }
  return planOf(fetchWindow({ fromSeconds, untilSeconds, stepSeconds }), level)
}

type RetainedLevel = SeriesLevel & { readonly retentionSeconds: number }

function planOf(window: FetchWindow, level: SeriesLevel | undefined): SeriesPlan {
  const { startSeconds, endSeconds, stepSeconds } = window
  const parts = [{ startSeconds, endSeconds, stepSeconds, level }]
  return { name: parts.map(nameOf).join(), window, parts }
}

function nameOf({ startSeconds, endSeconds, stepSeconds, level }: SeriesPart): string {
  const how =
    level === undefined
      ? ''
      : `${level.tierStepsMs.join(':')} ${level.rollup} ${level.fewestPoints ?? ''} ${level.pointsPerSlot}`
  return `${startSeconds}-${endSeconds}/${stepSeconds} ${how}`
}

function stitched(plain: SeriesPlan, window: QueryWindow, all: readonly RetainedLevel[]): SeriesPlan {
  const coarsest = all.at(-1)
  if (coarsest === undefined) return plain
  const nowSeconds = coarsest.keptFromSeconds + coarsest.retentionSeconds
  const [finest, ...older] = all.filter(
    ({ retentionSeconds }) => nowSeconds - retentionSeconds < window.untilSeconds,
  )
  if (finest === undefined) return plain
  const { startSeconds, endSeconds, ...whole } = fetchWindow({ ...window, stepSeconds: finest.stepSeconds })
  const parts: SeriesPart[] = []
  let partEndSeconds = endSeconds
  for (const level of [finest, ...older]) {
    if (partEndSeconds <= startSeconds) break
    const { stepSeconds, retentionSeconds } = level
    // From where on all of a slot of the next level is kept by this one.
    const nextStepSeconds = older.find((next) => next.stepSeconds > stepSeconds)?.stepSeconds
    const reach = nowSeconds - retentionSeconds
    const fromSeconds =
      nextStepSeconds === undefined ? startSeconds : Math.ceil(reach / nextStepSeconds) * nextStepSeconds
    const partStartSeconds = Math.max(startSeconds, fromSeconds)
    if (partStartSeconds < partEndSeconds) {
      parts.unshift({
        startSeconds: partStartSeconds,
        endSeconds: partEndSeconds,
        stepSeconds,
        level: consolidated(level, window.consolidation),
      })
      partEndSeconds = partStartSeconds
    }
  }
  return { name: parts.map(nameOf).join(), window: { startSeconds, endSeconds, ...whole }, parts }
}

/** What makes slots of a tier is what makes fewer points of many, where the query says so. */
function consolidated<Level extends SeriesLevel>(
  level: Level,
  consolidation: Consolidation | undefined,
): Level {
  if (consolidation === undefined || level.tierStepsMs.length === 0) return level
  return { ...level, rollup: ROLLUPS[consolidation] ?? level.rollup }
}

const ROLLUPS: Partial<Readonly<Record<Consolidation, SlotRollup>>> = {
  avg_zero: 'avg_zero',
  average: 'mean',
  sum: 'sum',
  max: 'max',
  min: 'min',
  last: 'last',
}
