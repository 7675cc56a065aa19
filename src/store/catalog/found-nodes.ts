import { NONE, type PathTree } from './path-tree.ts'

/** What a search has found so far. */
export interface FoundNodes extends Iterable<number> {
  add(node: number): void
  /** How many were found, those that were left out too. */
  readonly size: number
}

/** Each node once, however often it is met. */
export class EveryNode implements FoundNodes {
  readonly #nodes = new Set<number>()

  get size(): number {
    return this.#nodes.size
  }

  add(node: number): void {
    this.#nodes.add(node)
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#nodes.values()
  }
}

/**
 * Of nodes with one name, one that is leaf and branch as the one whose path comes first. For a search that meets each node once, and only as
 * long as none goes: it may be the last of its name that was not left out.
 */
export class OneNodePerName implements FoundNodes {
  readonly #tree: PathTree
  readonly #byName = new Map<number, number>()
  #size = 0

  constructor(tree: PathTree) {
    this.#tree = tree
  }

  get size(): number {
    return this.#size
  }

  add(node: number): void {
    this.#size++
    const name = this.#tree.nameOf(node)
    const known = this.#byName.get(name)
    if (known === undefined || this.#isOtherAndFirst(node, known)) this.#byName.set(name, node)
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#byName.values()
  }

  /** Where all are alike, which they mostly are, it is all the same which is kept. */
  #isOtherAndFirst(node: number, known: number): boolean {
    const tree = this.#tree
    if (isLeaf(tree, node) === isLeaf(tree, known) && isBranch(tree, node) === isBranch(tree, known))
      return false
    return tree.pathOf(node) < tree.pathOf(known)
  }
}

export function isLeaf(tree: PathTree, node: number): boolean {
  return tree.rowOf(node) >= 0
}

export function isBranch(tree: PathTree, node: number): boolean {
  return tree.firstChildOf(node) !== NONE
}
