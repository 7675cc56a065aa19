import type { AdmittedType } from './admitted-type.ts'
import { compileTagChange } from './change-tags.ts'
import { compileRename } from './rename.ts'
import { compileRulePattern } from './rule-pattern.ts'
import type { IntakeRuleOptions } from './rule-shape.ts'
import {
  type Candidate,
  type Outcome,
  type Refuse,
  type Rule,
  RULE_VERBS,
  type RuleKind,
  type RuleProblem,
  type RuleVerb,
} from './rule.ts'
import { compileTextPattern, type TextPattern } from '../lib/text-pattern.ts'

export type CompiledRule =
  | { readonly isCompiled: true; readonly rule: Rule }
  | { readonly isCompiled: false; readonly problems: readonly RuleProblem[] }

/** Makes a rule of its options, or says everything that is wrong with them. */
export function compileRule(options: IntakeRuleOptions): CompiledRule {
  const problems: RuleProblem[] = []
  const refuse: Refuse = (path, wanted) => problems.push({ path, wanted })
  const [verb, ...others] = RULE_VERBS.filter((candidate) => options[candidate] !== undefined)
  if (verb === undefined || others.length > 0) {
    refuse([], `just one of the keys ${RULE_VERBS.join(', ')}`)
    return { isCompiled: false, problems }
  }
  for (const { key, owner } of BELONGING) {
    if (options[key] !== undefined && verb !== owner) refuse([key], `no such key here: it goes with ${owner}`)
  }
  const isInScope = compileScope(options, refuse)
  const act = compileAction(verb, options, refuse)
  if (problems.length > 0) return { isCompiled: false, problems }
  const rule: Rule = {
    verb,
    kind: KINDS[verb],
    isForSomeTypes: options.types !== undefined,
    apply: (candidate, type) => (isInScope(candidate, type) ? act(candidate) : undefined),
  }
  return { isCompiled: true, rule }
}

const KINDS: Readonly<Record<RuleVerb, RuleKind>> = {
  include: 'verdict',
  exclude: 'verdict',
  rename: 'rename',
  match: 'tags',
}

const BELONGING = [
  { key: 'to', owner: 'rename' },
  { key: 'add_tags', owner: 'match' },
  { key: 'drop_tags', owner: 'match' },
] as const

function compileAction(
  verb: RuleVerb,
  options: IntakeRuleOptions,
  refuse: Refuse,
): (candidate: Candidate) => Outcome {
  switch (verb) {
    case 'include':
    case 'exclude': {
      const pattern = compileRulePattern({ verb, text: options[verb] ?? '', templates: [] }, refuse)
      return (candidate) => {
        if (pattern?.matches(candidate.nodes) !== true) return undefined
        return verb === 'exclude' ? 'refused' : candidate
      }
    }
    case 'rename':
      return compileRename(options, refuse)
    case 'match':
      return compileTagChange(options, refuse)
  }
}

/** Whether a candidate is of the types and has the tags that the rule is for. */
function compileScope(
  { types, tags = [] }: IntakeRuleOptions,
  refuse: Refuse,
): (candidate: Candidate, type: AdmittedType) => boolean {
  const wantedTypes = types && new Set<AdmittedType>(types)
  const wantedTags: { readonly key: string; readonly pattern: TextPattern | 'no tag' }[] = []
  for (const [key, text] of tags) {
    const compiled = compileTextPattern(text)
    if (compiled.isCompiled) wantedTags.push({ key, pattern: text === '' ? 'no tag' : compiled.pattern })
    else refuse(['tags', key], `a simpler pattern: this one ${compiled.limit}`)
  }
  return (candidate, type) => {
    if (wantedTypes?.has(type) === false) return false
    return wantedTags.every(({ key, pattern }) => {
      const value = candidate.tags.find(([candidateKey]) => candidateKey === key)?.[1]
      if (pattern === 'no tag') return value === undefined
      return value !== undefined && pattern.matches(value)
    })
  }
}
