export { RuleComparison } from './compare-rules.ts'
export type * from './rules-report.ts'
export { changeText, durationText, retentionsText, wayText } from './rules-text.ts'
export type { AggregationRule } from './aggregation-rules.ts'
export { readRuleBook, type RuleBookPaths } from './read-rule-book.ts'
export {
  CARBON_DEFAULT_RETENTIONS,
  createRuleBook,
  keptAsTheyCome,
  type RuleBook,
  type RuleOrigins,
  WHISPER_DEFAULT_AGGREGATION,
} from './rule-book.ts'
export { createSeriesLevels, type SeriesLevel, type SeriesLevels } from './series-levels.ts'
export type { RuleBookSource, RuleFile, RuleOrigin } from './rule-book-source.ts'
