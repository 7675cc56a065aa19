import type { AggregationMethod } from '../../model/aggregation-method.ts'
import type { Retention } from '../../model/retention.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { SlotRollup } from '../engine.ts'
import type { RuleOrigin } from './rule-book-source.ts'

/** What rules do to the series that there are. */
export interface RulesReport {
  /** Looked at. */
  readonly series: number
  /** In the order in which they are tried; the default last. */
  readonly schemas: readonly SchemaUse[]
  readonly aggregations: readonly AggregationUse[]
  /** How many are kept otherwise than by the rules in force; null: there are none in force. */
  readonly changed: number | null
  /** Alike ones together, the most first. */
  readonly changes: readonly SeriesChange[]
}

export interface RuleUse {
  /** null: no rule matches. */
  readonly rule: (RuleOrigin & { readonly pattern: string }) | null
  readonly series: number
  /** Some of them. */
  readonly examples: readonly SeriesKey[]
}

export interface SchemaUse extends RuleUse {
  readonly retentions: readonly Retention[]
}

export interface AggregationUse extends RuleUse {
  readonly method: AggregationMethod | null
  readonly xFilesFactor: number | null
}

export interface SeriesChange {
  readonly before: WayOfKeeping
  readonly after: WayOfKeeping
  readonly series: number
  readonly examples: readonly SeriesKey[]
  /** What is not answered any more, at most. */
  readonly lost: readonly LostLevel[]
  /** Steps of tiers in which they are from now on, and which are not made of what was rolled up before. */
  readonly notMadeSteps: readonly number[]
}

export interface WayOfKeeping {
  readonly retentions: readonly Retention[]
  /** How points become one of a coarser step. */
  readonly rollup: SlotRollup
  readonly xFilesFactor: number
}

/** What a series had in a level and does not have any more: the first of all series, and how many slots of all there can be. */
export interface LostLevel {
  /** 0: points as they came, whatever their step. */
  readonly stepSeconds: number
  /** A slot for each step of the time that is lost; gaps are not known of. */
  readonly slots: number
  readonly fromMs: number
  readonly untilMs: number
}
