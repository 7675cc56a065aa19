import { SharedColumnReader } from '../../lib/column-memory.ts'
import { atOnce } from '../../lib/slices.ts'
import type { CatalogNode, NodeChoice } from '../catalog.ts'
import type { FoundRows, SharedNames } from './catalog-columns.ts'
import { findNodesInTree } from './find-in-tree.ts'
import { unpackNodes } from './packed-answers.ts'
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
  findNodes(pattern: string, limit: number, choice?: NodeChoice): CatalogNode[] | undefined {
    const packed = this.#columns.read(() =>
      atOnce(
        findNodesInTree({ tree: this.#tree, rows: this.#rows }, pattern, limit, {
          ...choice,
          mostSteps: MOST_STEPS,
        }),
      ),
    )
    return packed && unpackNodes(packed)
  }
}

/** A millisecond or two. */
const MOST_STEPS = 1 << 17
