import { atOnce, type Slices } from './slices.ts'

/**
 * Graphite's braces: `web{1,2}.{cpu,mem}` stands for four texts. A `}` closes the nearest open `{`, groups nest, an
 * alternative may be empty, and a brace without a partner is an ordinary character. No other character is special
 * here: `[{a,b}]` stands for `[a]` and `[b]`.
 *
 *   a{b,c{d,e}}   ->   ab  acd  ace
 *
 * Groups that stand side by side multiply, so what an expansion would cost is counted before anything is built.
 */
export type Expansion =
  | { readonly isExpanded: true; readonly texts: readonly string[] }
  | { readonly isExpanded: false; readonly limit: string }

export const MAX_ALTERNATIVES = 10_000
export const MAX_EXPANDED_CHARACTERS = 1_000_000
/** Deeper nesting than anyone writes; keeps the recursion below far from the end of the stack. */
export const MAX_BRACE_DEPTH = 100

/** Each text once, in the order the pattern names them. */
export function expandBraces(pattern: string): Expansion {
  return atOnce(expandBracesInSlices(pattern))
}

export function* expandBracesInSlices(pattern: string): Slices<Expansion> {
  const partners = matchBraces(pattern)
  if (partners.size === 0) return { isExpanded: true, texts: [pattern] }
  if (depthOf(partners) > MAX_BRACE_DEPTH) {
    return { isExpanded: false, limit: `nests braces deeper than ${MAX_BRACE_DEPTH}` }
  }
  yield
  const parts = parseSequence(pattern, 0, pattern.length, partners)
  yield
  const cost = costOfSequence(parts)
  if (cost.count > MAX_ALTERNATIVES) {
    return { isExpanded: false, limit: `stands for more than ${MAX_ALTERNATIVES} alternatives` }
  }
  if (cost.characters > MAX_EXPANDED_CHARACTERS) {
    return { isExpanded: false, limit: `expands to more than ${MAX_EXPANDED_CHARACTERS} characters` }
  }
  const texts = textsOfSequence(parts)
  yield
  return { isExpanded: true, texts: [...new Set(texts)] }
}

/** Index of the closing brace by index of its opening one. Braces without a partner are left out. */
export function matchBraces(pattern: string): Map<number, number> {
  const partners = new Map<number, number>()
  const open: number[] = []
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]
    if (character === '{') open.push(index)
    else if (character === '}') {
      const opening = open.pop()
      if (opening !== undefined) partners.set(opening, index)
    }
  }
  return partners
}

function depthOf(partners: ReadonlyMap<number, number>): number {
  const closings: number[] = []
  let depth = 0
  for (const opening of [...partners.keys()].sort((a, b) => a - b)) {
    while (closings.length > 0 && (closings.at(-1) ?? 0) < opening) closings.pop()
    closings.push(partners.get(opening) ?? 0)
    depth = Math.max(depth, closings.length)
  }
  return depth
}

/** A text, or a group of alternatives, each a sequence of its own. */
type Part = string | readonly (readonly Part[])[]

function parseSequence(
  pattern: string,
  start: number,
  end: number,
  partners: ReadonlyMap<number, number>,
): Part[] {
  const parts: Part[] = []
  let textStart = start
  for (let index = start; index < end; index++) {
    const closing = partners.get(index)
    if (closing === undefined) continue
    parts.push(pattern.slice(textStart, index), parseGroup(pattern, index + 1, closing, partners))
    index = closing
    textStart = closing + 1
  }
  parts.push(pattern.slice(textStart, end))
  return parts
}

function parseGroup(
  pattern: string,
  start: number,
  end: number,
  partners: ReadonlyMap<number, number>,
): Part[][] {
  const alternatives: Part[][] = []
  let alternativeStart = start
  for (let index = start; index < end; index++) {
    const closing = partners.get(index)
    if (closing !== undefined) index = closing
    else if (pattern[index] === ',') {
      alternatives.push(parseSequence(pattern, alternativeStart, index, partners))
      alternativeStart = index + 1
    }
  }
  alternatives.push(parseSequence(pattern, alternativeStart, end, partners))
  return alternatives
}

interface Cost {
  readonly count: number
  /** Characters of all texts together. */
  readonly characters: number
}

function costOfSequence(parts: readonly Part[]): Cost {
  let count = 1
  let characters = 0
  for (const part of parts) {
    const cost = typeof part === 'string' ? { count: 1, characters: part.length } : costOfGroup(part)
    characters = characters * cost.count + cost.characters * count
    count *= cost.count
  }
  return { count, characters }
}

function costOfGroup(alternatives: readonly (readonly Part[])[]): Cost {
  let count = 0
  let characters = 0
  for (const alternative of alternatives) {
    const cost = costOfSequence(alternative)
    count += cost.count
    characters += cost.characters
  }
  return { count, characters }
}

function textsOfSequence(parts: readonly Part[]): string[] {
  let texts = ['']
  for (const part of parts) {
    const endings = typeof part === 'string' ? [part] : part.flatMap(textsOfSequence)
    texts = texts.flatMap((text) => endings.map((ending) => text + ending))
  }
  return texts
}
