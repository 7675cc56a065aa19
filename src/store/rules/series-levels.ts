import type { Clock } from '../../lib/clock.ts'
import type { AggregationMethod } from '../../model/aggregation-method.ts'
import type { Retention } from '../../model/retention.ts'
import type { Rollup, SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { SlotRollup } from '../engine.ts'
import type { AggregationRule } from './aggregation-rules.ts'
import type { RuleBook } from './rule-book.ts'

/** From where a series is read, for a window that begins at some time. */
export interface SeriesLevel {
  readonly stepSeconds: number
  /** Steps of the tiers that make it up, ascending; none: points as they came. */
  readonly tierStepsMs: readonly number[]
  /** How points become one of this step. */
  readonly rollup: SlotRollup
  /** A slot of fewer points has no value. */
  readonly fewestPoints: number | undefined
  /** As many as make up a slot. */
  readonly pointsPerSlot: number
  /** Nothing that is older is kept. */
  readonly keptFromSeconds: number
}

/** Which level of a series answers. */
export interface SeriesLevels {
  /** As whisper chooses: the finest that is kept as far back as the window begins, or else the coarsest. */
  levelOf(identity: SeriesIdentity, fromSeconds: number): SeriesLevel
  /** All levels, from the finest to the coarsest. */
  allOf(identity: SeriesIdentity): readonly (SeriesLevel & { readonly retentionSeconds: number })[]
}

/** So many series' rules are remembered: to look them up costs a regular expression each. */
const MOST_REMEMBERED = 100_000

/** Levels of series with the same rules and the same rollup are the same object as long as the second lasts. */
export function createSeriesLevels(rules: RuleBook, clock: Pick<Clock, 'nowMs'>): SeriesLevels {
  const rulesOf = rememberRules(rules)
  return {
    levelOf(identity, fromSeconds) {
      const nowMs = clock.nowMs()
      const found = rulesOf(identity.key)
      const ageSeconds = nowMs / 1_000 - fromSeconds
      const index = found.retentions.findIndex(({ retentionSeconds }) => retentionSeconds >= ageSeconds)
      const levels = levelsOf(found, identity.rollup, Math.floor(nowMs / 1_000))
      return levels[index < 0 ? levels.length - 1 : index] as SeriesLevel
    },
    allOf(identity) {
      const found = rulesOf(identity.key)
      const levels = levelsOf(found, identity.rollup, Math.floor(clock.nowMs() / 1_000))
      return found.retentions.map(({ retentionSeconds }, index) => ({
        ...(levels[index] as SeriesLevel),
        retentionSeconds,
      }))
    },
  }
}

/** What rules say of a series, and what came of it for each rollup. */
interface RulesOfSeries {
  /** Never empty. */
  readonly retentions: readonly Retention[]
  readonly aggregation: AggregationRule
  readonly levels: Map<Rollup, readonly SeriesLevel[]>
  levelsAtSeconds: number
}

/** Series with the same rules have the same object. */
function rememberRules(rules: RuleBook): (key: SeriesKey) => RulesOfSeries {
  const known = new Map<readonly Retention[], Map<AggregationRule, RulesOfSeries>>()
  const look = (key: SeriesKey): RulesOfSeries => {
    const retentions = rules.retentionsFor(key)
    const aggregation = rules.aggregationFor(key)
    const ofRetentions = known.get(retentions) ?? new Map<AggregationRule, RulesOfSeries>()
    known.set(retentions, ofRetentions)
    const found = ofRetentions.get(aggregation) ?? {
      retentions,
      aggregation,
      levels: new Map(),
      levelsAtSeconds: 0,
    }
    ofRetentions.set(aggregation, found)
    return found
  }
  if (rules.isUniform) {
    const all = look('')
    return () => all
  }
  const bySeries = new Map<SeriesKey, RulesOfSeries>()
  return (key) => {
    let found = bySeries.get(key)
    if (found !== undefined) return found
    if (bySeries.size >= MOST_REMEMBERED) bySeries.clear()
    found = look(key)
    bySeries.set(key, found)
    return found
  }
}

function levelsOf(rules: RulesOfSeries, rollup: Rollup, nowSeconds: number): readonly SeriesLevel[] {
  if (rules.levelsAtSeconds !== nowSeconds) {
    rules.levels.clear()
    rules.levelsAtSeconds = nowSeconds
  }
  let levels = rules.levels.get(rollup)
  if (levels === undefined) {
    levels = rules.retentions.map((_, index) => levelAt(rules, index, { rollup, nowSeconds }))
    rules.levels.set(rollup, levels)
  }
  return levels
}

function levelAt(
  { retentions, aggregation }: RulesOfSeries,
  index: number,
  { rollup, nowSeconds }: { readonly rollup: Rollup; readonly nowSeconds: number },
): SeriesLevel {
  const [finest, level, coarsest] = [retentions[0], retentions[index], retentions.at(-1)]
  if (finest === undefined || level === undefined || coarsest === undefined)
    throw new Error('BUG: a series has no retention')
  const { method, xFilesFactor = 0 } = aggregation
  const pointsPerSlot = level.stepSeconds / finest.stepSeconds
  return {
    stepSeconds: level.stepSeconds,
    tierStepsMs: retentions.slice(1, index + 1).map(({ stepSeconds }) => stepSeconds * 1_000),
    rollup: method === undefined ? rollup : ROLLUP_OF[method],
    fewestPoints: index > 0 && xFilesFactor > 0 ? Math.ceil(xFilesFactor * pointsPerSlot) : undefined,
    pointsPerSlot,
    keptFromSeconds: nowSeconds - coarsest.retentionSeconds,
  }
}

/** How a method merges points; it is told apart from a series' own rollup by name alone. */
export const ROLLUP_OF: Readonly<Record<AggregationMethod, SlotRollup>> = {
  average: 'mean',
  avg_zero: 'avg_zero',
  sum: 'sum',
  last: 'last',
  max: 'max',
  min: 'min',
  absmax: 'absmax',
  absmin: 'absmin',
}
