import type { Clock } from '../../lib/clock.ts'
import type { AggregationMethod } from '../../model/aggregation-method.ts'
import type { Retention } from '../../model/retention.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
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

export function createSeriesLevels(rules: RuleBook, clock: Pick<Clock, 'nowMs'>): SeriesLevels {
  const remembered = new Map<SeriesKey, RulesOfSeries>()
  const rulesOf = (key: SeriesKey): RulesOfSeries => {
    let known = remembered.get(key)
    if (known !== undefined) return known
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    known = { retentions: rules.retentionsFor(key), aggregation: rules.aggregationFor(key) }
    remembered.set(key, known)
    return known
  }
  const levelAt = (identity: SeriesIdentity, found: RulesOfSeries, index: number): SeriesLevel => {
    const { retentions, aggregation } = found
    const nowSeconds = Math.floor(clock.nowMs() / 1_000)
    const [finest] = retentions
    const level = retentions[index] ?? finest
    if (finest === undefined || level === undefined) throw new Error('BUG: a series has no retention')
    const { method, xFilesFactor } = aggregation
    const isTier = index > 0
    return {
      stepSeconds: level.stepSeconds,
      tierStepsMs: retentions.slice(1, index + 1).map(({ stepSeconds }) => stepSeconds * 1_000),
      rollup: method === undefined ? identity.rollup : ROLLUP_OF[method],
      fewestPoints:
        isTier && xFilesFactor !== undefined && xFilesFactor > 0
          ? Math.ceil((xFilesFactor * level.stepSeconds) / finest.stepSeconds)
          : undefined,
      pointsPerSlot: level.stepSeconds / finest.stepSeconds,
      keptFromSeconds: nowSeconds - (retentions.at(-1) ?? level).retentionSeconds,
    }
  }
  return {
    levelOf(identity, fromSeconds) {
      const found = rulesOf(identity.key)
      const ageSeconds = clock.nowMs() / 1_000 - fromSeconds
      const index = found.retentions.findIndex(({ retentionSeconds }) => retentionSeconds >= ageSeconds)
      return levelAt(identity, found, index < 0 ? found.retentions.length - 1 : index)
    },
    allOf(identity) {
      const found = rulesOf(identity.key)
      return found.retentions.map(({ retentionSeconds }, index) => ({
        ...levelAt(identity, found, index),
        retentionSeconds,
      }))
    },
  }
}

interface RulesOfSeries {
  readonly retentions: readonly Retention[]
  readonly aggregation: AggregationRule
}

const ROLLUP_OF: Readonly<Record<AggregationMethod, SlotRollup>> = {
  average: 'mean',
  avg_zero: 'avg_zero',
  sum: 'sum',
  last: 'last',
  max: 'max',
  min: 'min',
  absmax: 'absmax',
  absmin: 'absmin',
}
