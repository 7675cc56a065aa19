import type { Retention } from '../../model/retention.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { type AggregationRule, readAggregationRules } from './aggregation-rules.ts'
import { findRule, type Rule } from './rule-file.ts'
import type { RuleBookSource, RuleOrigin } from './rule-book-source.ts'
import { rulesInvalid } from './rule-problem.ts'
import { readSchemaRules } from './schema-rules.ts'

/**
 * How long and how fine each series is kept, and how its values become those of a coarser step. Rules are carbon's: the first
 * whose regular expression is found anywhere in the key (name and tags) is the series'. Looking one up takes time in
 * proportion to rules and key: remember what came of it.
 */
export interface RuleBook {
  /** The finest first, never empty. Each is made of whole steps of the one before, and kept longer. */
  retentionsFor(seriesKey: SeriesKey): readonly Retention[]
  /** What no rule says is left out: then the type of the series decides, or whisper's defaults do. */
  aggregationFor(seriesKey: SeriesKey): AggregationRule
  /** What any series may have: those of every rule, and the default. */
  readonly allRetentions: readonly (readonly Retention[])[]
  /** All series are kept alike: there is no rule. */
  readonly isUniform: boolean
  /** Which rules are the series'; undefined: none, the defaults are. */
  originsFor(seriesKey: SeriesKey): RuleOrigins
  /** In the order in which they are tried. */
  readonly schemaRules: readonly Rule<readonly Retention[]>[]
  readonly aggregationRules: readonly Rule<AggregationRule>[]
  /** Of a series that no rule of schemas matches. */
  readonly defaultRetentions: readonly Retention[]
  /** Whole sentences about what was read and changes nothing. */
  readonly warnings: readonly string[]
}

export interface RuleOrigins {
  readonly retentions: RuleOrigin | undefined
  readonly aggregation: RuleOrigin | undefined
}

/** Points as they come for so long, and nothing of them after that. */
export function keptAsTheyCome(retentionMs: number): RuleBookSource {
  return { defaultRetentions: [{ stepSeconds: 10, retentionSeconds: retentionMs / 1_000 }] }
}

/** What carbon gives a series that no rule matches: minutes for a week. */
export const CARBON_DEFAULT_RETENTIONS: readonly Retention[] = [
  { stepSeconds: 60, retentionSeconds: 7 * 86_400 },
]

/** What whisper does where no rule says it. */
export const WHISPER_DEFAULT_AGGREGATION = {
  method: 'average',
  xFilesFactor: 0.5,
} as const satisfies AggregationRule

/** Throws the KymoError `rules-invalid`, with every problem of both files. */
export function createRuleBook({ schemas, aggregations, defaultRetentions }: RuleBookSource): RuleBook {
  const schemaRules = schemas === undefined ? NOTHING : readSchemaRules(schemas)
  const aggregationRules = aggregations === undefined ? NOTHING : readAggregationRules(aggregations)
  const problems = [...schemaRules.problems, ...aggregationRules.problems]
  if (problems.length > 0) throw rulesInvalid(problems)
  return {
    retentionsFor: (key) => findRule(schemaRules.rules, key)?.says ?? defaultRetentions,
    aggregationFor: (key) => findRule(aggregationRules.rules, key)?.says ?? NOTHING_SAID,
    allRetentions: [...schemaRules.rules.map(({ says }) => says), defaultRetentions],
    isUniform: schemaRules.rules.length + aggregationRules.rules.length === 0,
    originsFor: (key) => ({
      retentions: findRule(schemaRules.rules, key)?.origin,
      aggregation: findRule(aggregationRules.rules, key)?.origin,
    }),
    schemaRules: schemaRules.rules,
    aggregationRules: aggregationRules.rules,
    defaultRetentions,
    warnings: [...schemaRules.warnings, ...aggregationRules.warnings],
  }
}

const NOTHING = { rules: [], problems: [], warnings: [] } as const
const NOTHING_SAID: AggregationRule = {}
