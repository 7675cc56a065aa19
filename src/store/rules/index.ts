export type { AggregationRule } from './aggregation-rules.ts'
export { readRuleBook, type RuleBookPaths } from './read-rule-book.ts'
export {
  CARBON_DEFAULT_RETENTIONS,
  createRuleBook,
  keptAsTheyCome,
  type RuleBook,
  type RuleBookSource,
  type RuleOrigins,
  WHISPER_DEFAULT_AGGREGATION,
} from './rule-book.ts'
export { createSeriesLevels, type SeriesLevel, type SeriesLevels } from './series-levels.ts'
export type { RuleFile, RuleOrigin } from './rule-file.ts'
