import { excerpt } from '../../lib/excerpt.ts'
import { compilePathGlobInSlices, isPlain, MAX_PATTERN_CHARACTERS, type PathGlob } from '../../lib/glob.ts'
import { matchesPath } from '../../lib/path-states.ts'
import type { Slices } from '../../lib/slices.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { NodeChoice } from '../catalog.ts'
import type { CatalogColumns } from './catalog-columns.ts'
import { IS_BRANCH, IS_LEAF, type PackedNodes, type PackedSeries, SeriesPacker } from './packed-answers.ts'
import { TextPacker } from './packed-texts.ts'
import { EveryNode, isBranch, isLeaf, OneNodePerName } from './found-nodes.ts'
import { NONE, type PathTree, ROOT } from './path-tree.ts'
import { searchTree } from './search-tree.ts'

/** Nodes of the tree that match; the contract is that of `Catalog.findNodes`. */
export function* findNodesInTree(
  columns: CatalogColumns,
  pattern: string,
  limit: number,
  { isOnePerName = false }: NodeChoice,
): Slices<PackedNodes> {
  const { tree } = columns
  const { removals } = tree
  const nodes = yield* packNodes(columns, { pattern, limit, isOnePerName })
  // A node that was left out for one that went is not missed when all are looked at.
  return isOnePerName && tree.removals !== removals
    ? yield* packNodes(columns, { pattern, limit, isOnePerName: false })
    : nodes
}

function* packNodes({ tree, rows }: CatalogColumns, question: NodeQuestion): Slices<PackedNodes> {
  const paths = new TextPacker()
  const kinds: number[] = []
  const firstSeenMs: number[] = []
  const lastSeenMs: number[] = []
  yield* findInTree(tree, question, {
    isWanted: () => true,
    take(node, path) {
      paths.add(path)
      const row = tree.rowOf(node)
      kinds.push((row >= 0 ? IS_LEAF : 0) | (isBranch(tree, node) ? IS_BRANCH : 0))
      firstSeenMs.push(row >= 0 ? (rows.firstSeenMs[row] as number) : 0)
      lastSeenMs.push(row >= 0 ? (rows.lastSeenMs[row] as number) : 0)
    },
  })
  return {
    paths: paths.finish(),
    kinds: Uint8Array.from(kinds),
    firstSeenMs: Float64Array.from(firstSeenMs),
    lastSeenMs: Float64Array.from(lastSeenMs),
  }
}

/** Series that match; the contract is that of `Catalog.findSeries`. */
export function* findSeriesInTree(
  columns: CatalogColumns,
  pattern: string,
  limit: number,
): Slices<PackedSeries> {
  const { tree } = columns
  const packer = new SeriesPacker(columns)
  if (pattern.includes(';')) {
    const row = columns.find(pattern)
    if (row >= 0) packer.add(row, pattern)
    return packer.finish()
  }
  yield* findInTree(
    tree,
    { pattern, limit, isOnePerName: false },
    {
      isWanted: (node) => isLeaf(tree, node),
      take: (node, path) => packer.add(tree.rowOf(node), path),
    },
  )
  return packer.finish()
}

export interface NodeQuestion {
  readonly pattern: string
  readonly limit: number
  /** See NodeChoice. */
  readonly isOnePerName: boolean
  /** What it may cost, in the steps of lib/glob.ts; left out: as much as a search may. */
  readonly mostSteps?: number
}

interface Wanted {
  isWanted(node: number): boolean
  /** Called for each wanted node that matches, once, and in no order. */
  take(node: number, path: string, name: string): void
}

/** Throws the KymoErrors `too-many-results` and `request-invalid`. */
export function* findInTree(tree: PathTree, question: NodeQuestion, wanted: Wanted): Slices<void> {
  const { pattern, limit } = question
  // Fast path: one name as it is.
  if (limit > 0 && pattern.length <= MAX_PATTERN_CHARACTERS && isPlain(pattern)) {
    const node = tree.find(pattern)
    if (node !== NONE && wanted.isWanted(node))
      wanted.take(node, pattern, pattern.slice(pattern.lastIndexOf('.') + 1))
    return
  }
  const glob = yield* compilePathGlobInSlices(pattern)
  if (!glob.isCompiled) throw refusal(pattern, glob.limit)
  const looking = tree.beginLooking()
  try {
    yield* findMatches(tree, glob, question, wanted)
  } finally {
    tree.endLooking(looking)
  }
}

function* findMatches(
  tree: PathTree,
  { alternatives }: Extract<PathGlob, { isCompiled: true }>,
  { pattern, limit, isOnePerName, mostSteps = MOST_STEPS + tree.limit * STEPS_PER_NODE }: NodeQuestion,
  wanted: Wanted,
): Slices<void> {
  const removalsBefore = tree.removals
  const budget = { stepsLeft: mostSteps }
  // By several alternatives a node may be met several times.
  const found = isOnePerName && alternatives.length === 1 ? new OneNodePerName(tree) : new EveryNode()
  yield* searchTree({
    tree,
    alternatives,
    budget,
    visit(node) {
      if (!wanted.isWanted(node)) return
      found.add(node)
      if (found.size > limit)
        throw new KymoError('too-many-results', { pattern: excerpt(pattern, EXCERPT_CHARACTERS), limit })
    },
  })
  if (budget.stepsLeft < 0) throw refusal(pattern, 'takes too long to look for; narrow its first nodes')
  let characters = 0
  /** Of branches, which many have in common. */
  const paths = new Map<number, string>()
  for (const node of found) {
    if (characters > CHARACTERS_IN_A_SLICE) {
      yield
      characters = 0
      paths.clear()
    }
    if (!tree.has(node) || !wanted.isWanted(node)) continue
    const name = tree.names.text(tree.nameOf(node))
    const path = pathAbove(tree, node, paths) + name
    characters += path.length
    // The number of a name that went may have been given to another while this was interrupted.
    if (tree.removals === removalsBefore || matchesPath(alternatives, path.split('.')))
      wanted.take(node, path, name)
  }
}

/** Up to its name. */
function pathAbove(tree: PathTree, node: number, paths: Map<number, string>): string {
  const parent = tree.parentOf(node)
  if (parent === ROOT) return ''
  let above = paths.get(parent)
  if (above === undefined) {
    above = `${tree.pathOf(parent)}.`
    paths.set(parent, above)
  }
  return above
}

/**
 * What one search may cost, in the steps of lib/glob.ts: a fraction of a second, and with a large tree, what looking at all its nodes
 * for a pattern of a few places takes. It is the thread that flushes that searches.
 */
const MOST_STEPS = 16_000_000
const STEPS_PER_NODE = 256
const CHARACTERS_IN_A_SLICE = 8_192

export function refusal(pattern: string, reason: string): KymoError {
  return new KymoError('request-invalid', {
    problem: `The pattern "${excerpt(pattern, EXCERPT_CHARACTERS)}" ${reason}.`,
  })
}

const EXCERPT_CHARACTERS = 200
