import type { Tag } from '../model/series-key.ts'
import type { AdmittedType } from './admitted-type.ts'

/** A name and its tags, on their way through the rules. */
export interface Candidate {
  readonly nodes: readonly string[]
  readonly tags: readonly Tag[]
}

/** What a rule makes of a candidate: refused, changed, or the same object; undefined if the rule does not match. */
export type Outcome = Candidate | 'refused' | undefined

export interface Rule {
  /** The key of its options that holds its pattern. */
  readonly verb: RuleVerb
  readonly kind: RuleKind
  readonly isForSomeTypes: boolean
  apply(candidate: Candidate, type: AdmittedType): Outcome
}

/** Of each kind the first rule that matches counts. */
export type RuleKind = 'verdict' | 'rename' | 'tags'

export const RULE_VERBS = ['include', 'exclude', 'rename', 'match'] as const
export type RuleVerb = (typeof RULE_VERBS)[number]

/** What is wrong with a rule as it is written. */
export interface RuleProblem {
  /** From the rule on. */
  readonly path: readonly (string | number)[]
  /** Completes the sentence "found …, wanted …". */
  readonly wanted: string
}

/** Reports a problem. */
export type Refuse = (path: RuleProblem['path'], wanted: string) => void
