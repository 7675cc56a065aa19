import { expandBraces, matchBraces } from './brace-expansion.ts'
import { matchesPoint, type Token, tokenize } from './glob.ts'

/**
 * Takes the parts out of one node that its wildcards stand for: `web{1,2}-*` takes `2` and `fra` out of `web2-fra`.
 *
 * An earlier part takes as little as it can, and a group its first alternative that can be. What can be is worked out
 * from the end of the node first, so no choice is ever taken back:
 *
 *   fits[i][j]   parts i and all behind them match the characters from j to the end
 *
 * That takes (length of node x length of pattern) steps at most.
 */
export interface CapturingNode {
  readonly captureCount: number
  /** One text per `*` and per group, in order; undefined if the node does not match. */
  capture(node: string): string[] | undefined
}

export type CapturingNodeResult =
  | { readonly isCompiled: true; readonly node: CapturingNode }
  /** `limit` completes the sentence "The pattern …". */
  | { readonly isCompiled: false; readonly limit: string }

/** `pattern` is that of one node: it holds no dot. */
export function compileCapturingNode(pattern: string): CapturingNodeResult {
  const partners = matchBraces(pattern)
  const parts: Part[] = []
  let textStart = 0
  for (let index = 0; index < pattern.length; index++) {
    const closing = partners.get(index)
    if (closing === undefined) continue
    const text = pattern.slice(textStart, index)
    // `[{a,b}]` stands for `[a]` and `[b]`, which has no part that could be taken.
    if (/\[[^\]]*$/.test(text)) return { isCompiled: false, limit: 'has braces behind an open bracket' }
    const group = expandBraces(pattern.slice(index, closing + 1))
    if (!group.isExpanded) return { isCompiled: false, limit: group.limit }
    if (group.texts.some((alternative) => /[*?[]/.test(alternative))) {
      return { isCompiled: false, limit: 'has wildcards inside braces' }
    }
    parts.push(...tokenize(text), { alternatives: group.texts.map((alternative) => Array.from(alternative)) })
    index = closing
    textStart = closing + 1
  }
  parts.push(...tokenize(pattern.slice(textStart)))
  const captureCount = parts.filter(isCaptured).length
  return { isCompiled: true, node: { captureCount, capture: (node) => capture(parts, Array.from(node)) } }
}

interface Group {
  /** As characters. */
  readonly alternatives: readonly (readonly string[])[]
}

type Part = Token | Group

function isCaptured(part: Part): part is '*' | Group {
  return part === '*' || isGroup(part)
}

function isGroup(part: Part): part is Group {
  return typeof part === 'object' && 'alternatives' in part
}

function capture(parts: readonly Part[], characters: readonly string[]): string[] | undefined {
  const fits = whatFits(parts, characters)
  if (fits[0]?.[0] !== 1) return undefined
  const captures: string[] = []
  let at = 0
  for (const [index, part] of parts.entries()) {
    const next = fits[index + 1]
    const start = at
    if (part === '*') {
      while (next?.[at] !== 1) at++
    } else if (isGroup(part)) {
      const fitting = part.alternatives.find(
        (alternative) => standsAt(alternative, characters, start) && next?.[start + alternative.length] === 1,
      )
      at += fitting?.length ?? 0
    } else {
      at++
    }
    if (isCaptured(part)) captures.push(characters.slice(start, at).join(''))
  }
  return captures
}

function whatFits(parts: readonly Part[], characters: readonly string[]): Uint8Array[] {
  const length = characters.length
  const fits = Array.from({ length: parts.length + 1 }, () => new Uint8Array(length + 1))
  const end = fits[parts.length]
  if (end !== undefined) end[length] = 1
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index] ?? '*'
    const here = fits[index] ?? new Uint8Array()
    const next = fits[index + 1] ?? here
    for (let at = length; at >= 0; at--) {
      if (partFits(part, { characters, at, here, next })) here[at] = 1
    }
  }
  return fits
}

interface Place {
  readonly characters: readonly string[]
  readonly at: number
  readonly here: Uint8Array
  readonly next: Uint8Array
}

function partFits(part: Part, { characters, at, here, next }: Place): boolean {
  if (part === '*') return next[at] === 1 || here[at + 1] === 1
  if (isGroup(part)) {
    return part.alternatives.some(
      (alternative) => next[at + alternative.length] === 1 && standsAt(alternative, characters, at),
    )
  }
  const point = characters[at]?.codePointAt(0)
  return point !== undefined && next[at + 1] === 1 && matchesPoint(part, point)
}

function standsAt(text: readonly string[], characters: readonly string[], at: number): boolean {
  return text.every((character, index) => characters[at + index] === character)
}
