import { sanitiseTagKey, sanitiseTagValue } from '../formats/tags.ts'
import { isPlainText } from '../formats/plain-text.ts'
import { compileRulePattern } from './rule-pattern.ts'
import type { IntakeRuleOptions } from './rule-shape.ts'
import type { Candidate, Outcome, Refuse } from './rule.ts'
import { parseTemplate } from '../lib/template.ts'
import { compileTextPattern, type TextPattern } from '../lib/text-pattern.ts'

/** Takes tags away, then adds others. One whose value comes out empty is not added, as when it is sent so. */
export function compileTagChange(
  options: IntakeRuleOptions,
  refuse: Refuse,
): (candidate: Candidate) => Outcome {
  const { match = '', add_tags: toAdd = [], drop_tags: toDrop = [] } = options
  if (toAdd.length + toDrop.length === 0) refuse([], 'add_tags or drop_tags beside match')
  const dropped = compileDropped(toDrop, refuse)
  const added = toAdd.map(([key, text]) => ({ key, path: ['add_tags', key], template: parseTemplate(text) }))
  for (const { key, path, template } of added) {
    if (key === '' || sanitiseTagKey(key) !== key) refuse(path, KEY_WANTED)
    else if (!template.literals.every(isPlainText)) refuse(path, VALUE_WANTED)
    else if (template.holes.length === 0 && !isTagValue(template.fill([]))) refuse(path, VALUE_WANTED)
  }
  const pattern = compileRulePattern({ verb: 'match', text: match, templates: added }, refuse)
  return ({ nodes, tags }) => {
    const captures = pattern?.capture(nodes)
    if (captures === undefined) return undefined
    const changed = new Map(tags.filter(([key]) => !dropped.some((drop) => drop.matches(key))))
    for (const { key, template } of added) {
      const value = sanitiseTagValue(template.fill(captures))
      if (value !== '') changed.set(key, value)
    }
    return { nodes, tags: [...changed] }
  }
}

const KEY_WANTED = 'a key that is not empty, without white space, control characters and any of "~;=!^"'
const VALUE_WANTED =
  'a value that is not empty, without white space, control characters, ";" and "~" in front'

function isTagValue(text: string): boolean {
  return text !== '' && sanitiseTagValue(text) === text
}

function compileDropped(patterns: readonly string[], refuse: Refuse): TextPattern[] {
  return patterns.flatMap((text, index) => {
    const compiled = compileTextPattern(text)
    if (compiled.isCompiled) return [compiled.pattern]
    refuse(['drop_tags', index], `a simpler pattern: this one ${compiled.limit}`)
    return []
  })
}
