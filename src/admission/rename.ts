import { dropEmptyNodes } from '../formats/drop-empty-nodes.ts'
import { isPlainText } from '../formats/plain-text.ts'
import { compileRulePattern } from './rule-pattern.ts'
import type { IntakeRuleOptions } from './rule-shape.ts'
import type { Candidate, Outcome, Refuse } from './rule.ts'
import { parseTemplate } from '../lib/template.ts'

/** No line is longer. Only a template that says one hole over and over makes a name longer than those it is made of. */
const MOST_NAME_CHARACTERS = 65_535

/**
 * A new name, made from the old. It is as sane as the two it is made of: what is taken out of a name was sane already,
 * the rest is checked here, and nodes that come out empty are dropped. Where nothing would be left of a name, or too
 * much come of it, the rule does not match.
 */
export function compileRename(
  { rename = '', to }: IntakeRuleOptions,
  refuse: Refuse,
): (candidate: Candidate) => Outcome {
  if (to === undefined) refuse(['to'], 'the new name')
  const template = parseTemplate(to ?? '')
  if (!template.literals.every(isPlainText)) {
    refuse(['to'], 'a name without white space, control characters and ";"')
  }
  const pattern = compileRulePattern(
    { verb: 'rename', text: rename, templates: [{ path: ['to'], template }] },
    refuse,
  )
  return ({ nodes, tags }) => {
    const captures = pattern?.capture(nodes)
    if (captures === undefined) return undefined
    const name = dropEmptyNodes(template.fill(captures))
    if (name === '' || name.length > MOST_NAME_CHARACTERS) return undefined
    return { nodes: name.split('.'), tags }
  }
}
