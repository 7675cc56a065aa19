/** What is let in, under which name, and how much of it. */
export {
  createIntakeRules,
  type IntakeExplanation,
  type IntakeRules,
  type IntakeStep,
} from './intake-rules.ts'
export type { RuleVerb } from './rule.ts'
export { ADMITTED_TYPES, type AdmittedType } from './admitted-type.ts'
export { createSeriesLimits, type CoveringLimit, type SeriesLimits } from './series-limits.ts'
