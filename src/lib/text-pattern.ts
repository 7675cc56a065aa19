import { expandBraces } from './brace-expansion.ts'
import { createNodeMatcher } from './glob.ts'
import type { Compiled } from './name-pattern.ts'

/** A pattern over a text that has no nodes, as keys and values of tags: a dot is an ordinary character. */
export interface TextPattern {
  matches(text: string): boolean
}

export function compileTextPattern(text: string): Compiled<TextPattern> {
  const expansion = expandBraces(text)
  if (!expansion.isExpanded) return { isCompiled: false, limit: expansion.limit }
  return { isCompiled: true, pattern: createNodeMatcher(expansion.texts) }
}
