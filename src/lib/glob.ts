import { expandBracesInSlices, matchBraces } from './brace-expansion.ts'
import { atOnce, type Slices } from './slices.ts'

/**
 * Graphite's patterns over dotted names. Each node is matched alone, so a wildcard never crosses a dot:
 *
 *   servers.web[0-9]?.{cpu,mem}*
 *
 *   *       any characters, none included     [abc] [a-z]   one of these characters
 *   ?       one character                     [!a]          one character but these (`^` is an ordinary character)
 *   {a,b}   either (see brace-expansion.ts)   [ unclosed    an ordinary character
 *
 *   **      as a whole node: any nodes, none included; as the last one: one node or more
 *
 * Case counts. Matching a name takes at most (length of name x length of pattern) steps, whatever the pattern:
 * only the latest `*` is ever tried again.
 *
 * Names are not kept from holding such characters, and `[1]` does not match the name `[1]`. So that whatever has been
 * found can be asked for as it is, a node of a path also matches its own text.
 */
export interface NodeMatcher {
  /** All names that can match, where the pattern has no wildcards: they can be looked up instead of searched. */
  readonly literals: readonly string[] | undefined
  /** Any name matches. */
  readonly isEverything: boolean
  /** Stands for any number of nodes, none included. */
  readonly isGlobstar: boolean
  /** What all names that match begin with; empty where it is not known. */
  readonly prefix: string
  /** Once the budget is used up, the answer is no answer. */
  matches(name: string, budget?: StepBudget): boolean
}

/** What a search may still cost: every character that a name has in common with a pattern, or might have, is a step. */
export interface StepBudget {
  /** Below 0: used up. */
  stepsLeft: number
}

export type PathGlob =
  /** One list of node matchers per alternative depth; a path matches if any of them does, node by node. */
  | { readonly isCompiled: true; readonly alternatives: readonly (readonly NodeMatcher[])[] }
  /** The pattern asks for too much; `limit` completes the sentence "The pattern …". */
  | { readonly isCompiled: false; readonly limit: string }

export const MAX_PATTERN_CHARACTERS = 65_536

export function compilePathGlob(pattern: string): PathGlob {
  return atOnce(compilePathGlobInSlices(pattern))
}

export function* compilePathGlobInSlices(pattern: string): Slices<PathGlob> {
  if (pattern.length > MAX_PATTERN_CHARACTERS) {
    return { isCompiled: false, limit: `is longer than ${MAX_PATTERN_CHARACTERS} characters` }
  }
  const paths = hasDotInBraces(pattern) ? yield* expandBracesInSlices(pattern) : undefined
  if (paths?.isExpanded === false) return { isCompiled: false, limit: paths.limit }

  const alternatives: NodeMatcher[][] = []
  for (const path of paths?.texts ?? [pattern]) {
    const nodes: NodeMatcher[] = []
    // Braces that hold a dot are expanded by now: every dot left divides two nodes.
    for (const node of path.split('.')) {
      yield
      if (node === ANY_NODES) {
        // Any nodes and any nodes are any nodes.
        if (nodes.at(-1) !== GLOBSTAR) nodes.push(GLOBSTAR)
        continue
      }
      const plain = plainMatcher(node)
      if (plain !== undefined) {
        nodes.push(plain)
        continue
      }
      const expansion = yield* expandBracesInSlices(node)
      if (!expansion.isExpanded) return { isCompiled: false, limit: expansion.limit }
      nodes.push(yield* createMatcherInSlices(expansion.texts, node))
    }
    if (nodes.at(-1) === GLOBSTAR) nodes.push(EVERYTHING)
    alternatives.push(nodes)
  }
  // Braces around a dot are taken apart above; as text they belong to two nodes.
  if (paths !== undefined) alternatives.push(pattern.split('.').map((node) => createNodeMatcher([], node)))
  return { isCompiled: true, alternatives }
}

/** Matches one node against any of these patterns, whose braces are expanded already, and against `itself` as text. */
export function createNodeMatcher(patterns: readonly string[], itself?: string): NodeMatcher {
  return atOnce(createMatcherInSlices(patterns, itself))
}

function* createMatcherInSlices(patterns: readonly string[], itself?: string): Slices<NodeMatcher> {
  const literals = new Set<string>()
  const wildcards: (readonly Token[])[] = []
  for (const [place, pattern] of patterns.entries()) {
    if (place % PATTERNS_IN_A_SLICE === PATTERNS_IN_A_SLICE - 1) yield
    const tokens = tokenize(pattern)
    if (tokens.every((token) => typeof token === 'number')) literals.add(pattern)
    else wildcards.push(tokens)
  }
  const matchesAny = (name: string, budget: StepBudget): boolean =>
    wildcards.some((tokens) => matchTokens(tokens, name, budget))
  if (itself !== undefined && !matchesAny(itself, { stepsLeft: MAX_STEPS_FOR_ITSELF })) literals.add(itself)
  return {
    literals: wildcards.length === 0 ? [...literals] : undefined,
    isEverything: wildcards.some((tokens) => tokens.length === 1 && tokens[0] === '*'),
    isGlobstar: false,
    prefix: commonPrefix([...wildcards.map(literalStart), ...literals]),
    matches: (name, budget = { stepsLeft: Number.POSITIVE_INFINITY }) =>
      matchesAny(name, budget) || literals.has(name),
  }
}

/** Fast path: a name as it is, or any; most nodes of most patterns are one of them. undefined: it is neither. */
function plainMatcher(node: string): NodeMatcher | undefined {
  if (node === '*') return EVERYTHING
  if (!isPlain(node)) return undefined
  return {
    literals: [node],
    isEverything: false,
    isGlobstar: false,
    prefix: node.slice(0, MAX_PREFIX),
    matches: (name) => name === node,
  }
}

/** Whether a pattern has nothing in it that stands for anything but itself. */
export function isPlain(pattern: string): boolean {
  return !SPECIAL.test(pattern)
}

const SPECIAL = /[*?[{]/
const ANY_NODES = '**'
const PATTERNS_IN_A_SLICE = 64
const EVERYTHING: NodeMatcher = {
  literals: undefined,
  isEverything: true,
  isGlobstar: false,
  prefix: '',
  matches: () => true,
}
const GLOBSTAR: NodeMatcher = { ...EVERYTHING, isGlobstar: true }

function literalStart(tokens: readonly Token[]): string {
  const end = tokens.findIndex((token) => typeof token !== 'number')
  return String.fromCodePoint(...(tokens.slice(0, Math.min(end, MAX_PREFIX)) as number[]))
}

function commonPrefix([first = '', ...others]: readonly string[]): string {
  let length = Math.min(first.length, MAX_PREFIX)
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}

const MAX_PREFIX = 64

/** Whether a pattern matches its own text only saves a look-up, so it is not worth many. */
const MAX_STEPS_FOR_ITSELF = 10_000

/** A code point that stands for itself, a set of characters, `?` or `*`. */
export type Token = number | CharacterSet | '?' | '*'

export interface CharacterSet {
  readonly isNegated: boolean
  /** Pairs of first and last code point. */
  readonly ranges: readonly (readonly [number, number])[]
}

/** Takes apart the pattern of one node, whose braces are expanded already. Stars side by side are one. */
export function tokenize(pattern: string): Token[] {
  const characters = Array.from(pattern)
  const tokens: Token[] = []
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? ''
    if (character === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*')
    } else if (character === '?') {
      tokens.push('?')
    } else {
      const end = character === '[' ? findSetEnd(characters, index) : -1
      if (end < 0) {
        tokens.push(character.codePointAt(0) ?? 0)
      } else {
        tokens.push(parseSet(characters.slice(index + 1, end)))
        index = end
      }
    }
  }
  return tokens
}

/** A `]` that comes first in a set, or first after `!`, is one of its characters. */
function findSetEnd(characters: readonly string[], start: number): number {
  const first = characters[start + 1] === '!' ? start + 2 : start + 1
  return characters.indexOf(']', first + 1)
}

function parseSet(characters: readonly string[]): CharacterSet {
  const isNegated = characters[0] === '!'
  const points = characters.slice(isNegated ? 1 : 0).map((character) => character.codePointAt(0) ?? 0)
  const ranges: [number, number][] = []
  for (let index = 0; index < points.length; index++) {
    const first = points[index] ?? 0
    const last = points[index + 2]
    if (points[index + 1] === HYPHEN && last !== undefined) {
      // A range that runs backwards holds nothing.
      if (first <= last) ranges.push([first, last])
      index += 2
    } else {
      ranges.push([first, first])
    }
  }
  return { isNegated, ranges }
}

const HYPHEN = 0x2d

function matchTokens(tokens: readonly Token[], name: string, budget: StepBudget): boolean {
  let tokenIndex = 0
  let nameIndex = 0
  let starToken = -1
  let starName = 0
  while (nameIndex < name.length) {
    if (--budget.stepsLeft < 0) return false
    const token = tokens[tokenIndex]
    const point = name.codePointAt(nameIndex) ?? 0
    if (token === '*') {
      // The last one takes all there is.
      if (tokenIndex === tokens.length - 1) return true
      starToken = tokenIndex++
      starName = nameIndex
    } else if (token !== undefined && matchesPoint(token, point)) {
      tokenIndex++
      nameIndex += widthOf(point)
    } else if (starToken >= 0) {
      // The latest star takes one character more. Giving an earlier star more could not help: what lies between
      // them has matched as far left as it can.
      starName += widthOf(name.codePointAt(starName) ?? 0)
      nameIndex = starName
      tokenIndex = starToken + 1
    } else {
      return false
    }
  }
  while (tokens[tokenIndex] === '*') tokenIndex++
  return tokenIndex === tokens.length
}

export function matchesPoint(token: Exclude<Token, '*'>, point: number): boolean {
  if (typeof token === 'number') return token === point
  if (token === '?') return true
  const isListed = token.ranges.some(([first, last]) => point >= first && point <= last)
  return isListed !== token.isNegated
}

/** How many UTF-16 units a code point takes in a string. */
function widthOf(point: number): number {
  return point > 0xffff ? 2 : 1
}

export function hasDotInBraces(pattern: string): boolean {
  const partners = matchBraces(pattern)
  let groupEnd = -1
  for (let index = 0; index < pattern.length; index++) {
    groupEnd = Math.max(groupEnd, partners.get(index) ?? -1)
    if (pattern[index] === '.' && index < groupEnd) return true
  }
  return false
}
