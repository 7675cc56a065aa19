import { SharedColumnReader } from '../../lib/column-memory.ts'
import { atOnce } from '../../lib/slices.ts'
import type { CatalogNode, NodeChoice } from '../catalog.ts'
import type { FoundRows, SharedNames } from './catalog-columns.ts'
import { findInTree, type NodeQuestion } from './find-in-tree.ts'
import { isBranch, isLeaf } from './found-nodes.ts'
import { byText } from './packed-answers.ts'
import { PathTree } from './path-tree.ts'

/**
 * Finds names in the catalog of another thread, without asking it: in the columns that it has shared, and only as long as nothing is changed
 * in them. For what is found in a moment.
 */
export class NamesReader {
  readonly #columns: SharedColumnReader
  readonly #tree: PathTree
  readonly #rows: FoundRows

  constructor({ words, layout, tree, rows }: SharedNames) {
    this.#columns = new SharedColumnReader(words, layout)
    this.#tree = PathTree.over(tree)
    this.#rows = rows
  }

  /** The catalog has other columns now: this finds nothing any more. */
  get isOutdated(): boolean {
    return this.#columns.isOutdated
  }

  /** Sorted by path, as the catalog has them. undefined: it has to be asked, for whatever reason. */
  findNodes(pattern: string, limit: number, choice: NodeChoice = {}): CatalogNode[] | undefined {
    const question = { pattern, limit, isOnePerName: choice.isOnePerName === true, mostSteps: MOST_STEPS }
    const nodes = this.#columns.read(() => this.#find(question))
    return nodes?.sort((a, b) => byText(a.path, b.path))
  }

  #find(question: NodeQuestion): CatalogNode[] {
    const tree = this.#tree
    const { firstSeenMs, lastSeenMs } = this.#rows
    const nodes: CatalogNode[] = []
    const found = findInTree(tree, question, {
      // Neither: its series is about to come.
      isWanted: (node) => isLeaf(tree, node) || isBranch(tree, node),
      take(node, path, name) {
        const row = tree.rowOf(node)
        const seen = { firstSeenMs: firstSeenMs[row] as number, lastSeenMs: lastSeenMs[row] as number }
        const known = { path, name, isBranch: isBranch(tree, node) }
        nodes.push(row >= 0 ? { ...known, isLeaf: true, seen } : { ...known, isLeaf: false })
      },
    })
    atOnce(found)
    return nodes
  }
}

/** A millisecond or two. */
const MOST_STEPS = 1 << 17
