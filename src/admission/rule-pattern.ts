import {
  type CapturingPattern,
  compileCapturingPattern,
  compileNamePattern,
  type NamePattern,
} from '../lib/name-pattern.ts'
import type { Refuse, RuleProblem, RuleVerb } from './rule.ts'
import type { Template } from '../lib/template.ts'

export type RulePattern = NamePattern & Pick<CapturingPattern, 'capture'>

interface PatternSource {
  readonly verb: RuleVerb
  readonly text: string
  /** What is filled in with what the pattern takes out of a name. */
  readonly templates: readonly { readonly path: RuleProblem['path']; readonly template: Template }[]
}

/** The pattern of a rule. Where no template has holes nothing is taken out of names, and then any pattern will do. */
export function compileRulePattern(
  { verb, text, templates }: PatternSource,
  refuse: Refuse,
): RulePattern | undefined {
  if (templates.every(({ template }) => template.holes.length === 0)) {
    const compiled = compileNamePattern(text)
    if (!compiled.isCompiled) {
      refuse([verb], `a simpler pattern: this one ${compiled.limit}`)
      return undefined
    }
    const { pattern } = compiled
    return { ...pattern, capture: (nodes) => (pattern.matches(nodes) ? [] : undefined) }
  }

  const compiled = compileCapturingPattern(text)
  if (!compiled.isCompiled) {
    refuse([verb], `a pattern whose parts can be told apart: this one ${compiled.limit}`)
    return undefined
  }
  const { captureCount } = compiled.pattern
  for (const { path, template } of templates) {
    if (template.holes.every((hole) => hole >= 1 && hole <= captureCount)) continue
    refuse(path, captureCount === 0 ? `no $1: ${verb} has no wildcard` : `${holesTo(captureCount)} at most`)
  }
  return compiled.pattern
}

function holesTo(captureCount: number): string {
  return captureCount === 1 ? '$1' : `$1 to $${captureCount}`
}
