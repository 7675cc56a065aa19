import { expandBraces } from './brace-expansion.ts'
import { createNodeMatcher, hasDotInBraces, type NodeMatcher } from './glob.ts'
import { type CapturingNode, compileCapturingNode } from './capturing-node.ts'

/**
 * The patterns of rules: Graphite's (see lib/glob.ts), which queries are written in as well, and one thing more. A node
 * `**` stands for one node or several, so a rule can speak of all that lies below a name:
 *
 *   api.*.errors       api.web.errors
 *   api.**             api.web, api.web.errors, but not api
 *   **.errors          web.errors, api.web.errors
 *
 * Matching takes at most (length of name x length of pattern) steps: of several `**` only the latest is tried again.
 */
export interface NamePattern {
  matches(nodes: readonly string[]): boolean
}

/** Also takes out what each `*`, `**` and `{a,b}` stands for, in order. */
export interface CapturingPattern extends NamePattern {
  readonly captureCount: number
  capture(nodes: readonly string[]): string[] | undefined
}

export type Compiled<Pattern> =
  | { readonly isCompiled: true; readonly pattern: Pattern }
  /** `limit` completes the sentence "The pattern …". */
  | { readonly isCompiled: false; readonly limit: string }

export function compileNamePattern(text: string): Compiled<NamePattern> {
  const paths = hasDotInBraces(text) ? expandBraces(text) : { isExpanded: true as const, texts: [text] }
  if (!paths.isExpanded) return { isCompiled: false, limit: paths.limit }
  const alternatives: Path[] = []
  for (const path of paths.texts) {
    const compiled = compilePath(path)
    if (!compiled.isCompiled) return compiled
    alternatives.push(compiled.pattern)
  }
  const [first, ...others] = alternatives
  const matches = (nodes: readonly string[]): boolean => {
    if (first !== undefined && align(first, nodes)) return true
    return others.some((path) => align(path, nodes))
  }
  return { isCompiled: true, pattern: { matches } }
}

/** Not every pattern has parts that can be told apart: braces may hold neither dots nor wildcards here. */
export function compileCapturingPattern(text: string): Compiled<CapturingPattern> {
  if (hasDotInBraces(text)) return { isCompiled: false, limit: 'has a dot inside braces' }
  const path = compilePath(text)
  if (!path.isCompiled) return path
  const capturing: (CapturingNode | undefined)[] = []
  for (const node of text.split('.')) {
    const compiled = node === ANY_NODES ? undefined : compileCapturingNode(node)
    if (compiled?.isCompiled === false) return compiled
    capturing.push(compiled?.node)
  }
  const capture = (nodes: readonly string[]): string[] | undefined => {
    const starts: number[] = []
    if (!align(path.pattern, nodes, starts)) return undefined
    const captures: string[] = []
    for (const [index, node] of capturing.entries()) {
      const taken = nodes.slice(starts[index], starts[index + 1])
      if (node === undefined) captures.push(taken.join('.'))
      else captures.push(...(node.capture(taken[0] ?? '') ?? []))
    }
    return captures
  }
  const captureCount = capturing.reduce((count, node) => count + (node?.captureCount ?? 1), 0)
  return {
    isCompiled: true,
    pattern: { captureCount, matches: (nodes) => align(path.pattern, nodes), capture },
  }
}

const ANY_NODES = '**'

/** Most nodes of most patterns are plain text, which is compared as it is. undefined: `**`. */
type NodePattern = string | NodeMatcher | undefined

interface Path {
  readonly nodes: readonly NodePattern[]
  /** Without `**` only names of as many nodes can match. */
  readonly hasAnyNodes: boolean
}

function compilePath(text: string): Compiled<Path> {
  const nodes: NodePattern[] = []
  for (const node of text.split('.')) {
    const expansion = expandBraces(node)
    if (!expansion.isExpanded) return { isCompiled: false, limit: expansion.limit }
    const matcher = createNodeMatcher(expansion.texts)
    const isPlain = matcher.literals?.length === 1
    nodes.push(node === ANY_NODES ? undefined : isPlain ? matcher.literals[0] : matcher)
  }
  return { isCompiled: true, pattern: { nodes, hasAnyNodes: nodes.includes(undefined) } }
}

/** `starts`, if given, is told with which node of the name each node of the pattern begins, and where the name ends. */
function align(path: Path, nodes: readonly string[], starts?: number[]): boolean {
  const { nodes: patterns, hasAnyNodes } = path
  if (!hasAnyNodes && nodes.length !== patterns.length) return false
  let patternIndex = 0
  let nodeIndex = 0
  let anyPattern = -1
  let anyEnd = 0
  while (nodeIndex < nodes.length) {
    if (starts !== undefined) starts[patternIndex] = nodeIndex
    const pattern = patterns[patternIndex]
    if (pattern === undefined && patternIndex < patterns.length) {
      // The last one takes all there is.
      if (patternIndex === patterns.length - 1) {
        patternIndex++
        break
      }
      anyPattern = patternIndex++
      anyEnd = ++nodeIndex
    } else if (pattern !== undefined && matchesNode(pattern, nodes[nodeIndex] ?? '')) {
      patternIndex++
      nodeIndex++
    } else if (anyPattern >= 0) {
      nodeIndex = ++anyEnd
      patternIndex = anyPattern + 1
    } else {
      return false
    }
  }
  if (starts !== undefined) starts[patterns.length] = nodes.length
  return patternIndex === patterns.length
}

function matchesNode(pattern: string | NodeMatcher, node: string): boolean {
  return typeof pattern === 'string' ? pattern === node : pattern.matches(node)
}
