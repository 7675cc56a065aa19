import { type ColumnMemory, ownMemory } from '../../lib/column-memory.ts'
import { grow, roomFor } from '../../lib/grow.ts'
import type { KeyRoom, SharedKeys } from '../../lib/key-table.ts'
import { ChildIndex, NONE, type SharedChildren } from './child-index.ts'
import { NameTable } from './name-table.ts'
import { NumberPool } from './number-pool.ts'

/**
 * The tree of dotted names, as columns:
 *
 *   stats ── counters ── api ── count     (row of the series)
 *                           └── rate      (row of the series)
 *
 * A node is a number, the root 0. Its children are a list from the newest to the oldest, and each is found by its name through
 * one index for the whole tree. Names are kept once, however many nodes have them.
 */
export class PathTree {
  readonly names: NameTable
  readonly #memory: ColumnMemory
  readonly #index: ChildIndex
  #firstChildren: Uint32Array
  #next: Uint32Array
  #previous: Uint32Array
  /** Row of the series, and 1; 0 for none. */
  #rows: Uint32Array
  #nodeCount = 1
  /** A path is being added. */
  #isChanging = false
  /** Another thread may be changing it. */
  #isOthers = false
  readonly #free = new NumberPool()
  #removals = 0
  readonly #trail: Trail = { path: '', depth: 0, nodes: [], ends: [] }

  constructor({ expectedNodes = 0, nameRoom, memory = ownMemory, parts }: PathTreeOptions = {}) {
    const nodes = roomFor(expectedNodes)
    this.#memory = memory
    this.names = parts?.names ?? new NameTable(nameRoom, memory)
    this.#index = parts?.index ?? new ChildIndex(expectedNodes, memory)
    this.#firstChildren = memory.make(Uint32Array, nodes)
    this.#next = memory.make(Uint32Array, nodes)
    // Of no use to who only reads.
    this.#previous = new Uint32Array(nodes)
    this.#rows = memory.make(Uint32Array, nodes)
  }

  /** To look for what is in the tree of another thread, which has shared its columns. Nothing may be changed here. */
  static over(shared: SharedTree): PathTree {
    const parts = { names: NameTable.over(shared.names), index: ChildIndex.over(shared.index) }
    const tree = new PathTree({ parts })
    tree.#firstChildren = shared.firstChildren
    tree.#next = shared.next
    tree.#rows = shared.rows
    tree.#nodeCount = shared.rows.length
    tree.#isOthers = true
    return tree
  }

  /** undefined: not all can be found in the columns. */
  get shared(): SharedTree | undefined {
    const names = this.names.shared
    if (names === undefined) return undefined
    const index = this.#index.shared
    return { names, index, firstChildren: this.#firstChildren, next: this.#next, rows: this.#rows }
  }

  /** Nodes are below this. */
  get limit(): number {
    return this.#nodeCount
  }

  /** The node of a path, made if there is none. */
  add(path: string): number {
    const node = this.#walk(path, true)
    if (this.#isChanging) {
      this.#isChanging = false
      this.#memory.endChange()
    }
    return node
  }

  /** NONE: there is no such path. */
  find(path: string): number {
    return this.#walk(path, false)
  }

  /** NONE: it has no child of that name. */
  childOf(parent: number, name: number): number {
    return this.#index.childOf(parent, name)
  }

  /** NONE: it has none. */
  firstChildOf(node: number): number {
    return this.#firstChildren[node] as number
  }

  /** The next child of the same parent; NONE: it is the last. */
  nextOf(node: number): number {
    return this.#next[node] as number
  }

  /** -1: it is not the name of a series. */
  rowOf(node: number): number {
    return (this.#rows[node] as number) - 1
  }

  setRow(node: number, row: number): void {
    this.#memory.beginChange()
    this.#rows[node] = row + 1
    this.#memory.endChange()
  }

  /** Number of the node's name among `names`. */
  nameOf(node: number): number {
    return this.#index.names[node] as number
  }

  /**
   * Nodes that somebody has met and that go are not made others as long as that one looks; they have no row, no children, and
   * still lead to the next one. Returns what `endLooking` has to be told.
   */
  beginLooking(): number {
    return this.#free.beginLooking()
  }

  endLooking(token: number): void {
    this.#free.endLooking(token)
  }

  get size(): number {
    return this.#index.size
  }

  /** How many nodes have gone. While it stays the same, nothing that was met is another now. */
  get removals(): number {
    return this.#removals
  }

  /** Whether it has not gone. */
  has(node: number): boolean {
    return this.#index.parents[node] !== node
  }

  pathOf(node: number): string {
    const nodes: string[] = []
    for (let at = node; at !== ROOT; at = this.parentOf(at)) {
      if (this.#isOthers && nodes.length > MOST_OTHERS_NODES) throw new Error('BUG: a path without an end')
      nodes.push(this.names.text(this.nameOf(at)))
    }
    return nodes.reverse().join('.')
  }

  parentOf(node: number): number {
    return this.#index.parents[node] as number
  }

  /** It is no series' name any more. Branches that lead nowhere go. */
  clearRow(leaf: number): void {
    this.#memory.beginChange()
    this.#rows[leaf] = 0
    for (let node = leaf; node !== ROOT && this.#rows[node] === 0 && this.#firstChildren[node] === NONE; ) {
      const parent = this.parentOf(node)
      this.#remove(node)
      node = parent
    }
    this.#memory.endChange()
  }

  /** All that it has memory in, the names included, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    const own = [this.#firstChildren, this.#next, this.#previous, this.#rows]
    return [...this.names.columns, ...this.#index.columns, ...own]
  }

  /** Down from the last node that the path has in common with the one before, which is most of it when paths come in order. */
  #walk(path: string, isAdded: boolean): number {
    const trail = this.#trail
    let depth = this.#isOthers ? 0 : commonNodes(trail, path)
    let node = depth === 0 ? ROOT : (trail.nodes[depth - 1] as number)
    let start = depth === 0 ? 0 : (trail.ends[depth - 1] as number) + 1
    while (start <= path.length) {
      const end = nodeEnd(path, start)
      const text = path.slice(start, end)
      const name = this.names.find(text)
      const known = name < 0 ? NONE : this.childOf(node, name)
      node = known === NONE && isAdded ? this.#addChild(node, text, name) : known
      if (node === NONE) break
      trail.nodes[depth] = node
      trail.ends[depth] = end
      depth++
      start = end + 1
    }
    trail.path = path
    trail.depth = depth
    return node
  }

  /** `known` is the number of the text; below 0: it has none yet. */
  #addChild(parent: number, text: string, known: number): number {
    if (!this.#isChanging) this.#memory.beginChange()
    this.#isChanging = true
    const name = known < 0 ? this.names.add(text) : known
    const node = this.#free.take() ?? this.#nodeCount++
    if (node === this.#rows.length) this.#growNodes()
    this.names.hold(name)
    const first = this.#firstChildren[parent] as number
    this.#firstChildren[node] = NONE
    this.#rows[node] = 0
    this.#previous[node] = NONE
    this.#next[node] = first
    if (first !== NONE) this.#previous[first] = node
    this.#firstChildren[parent] = node
    this.#index.enter(node, parent, name)
    return node
  }

  #remove(node: number): void {
    this.#trail.depth = 0
    const [previous, next] = [this.#previous[node] as number, this.#next[node] as number]
    if (previous === NONE) this.#firstChildren[this.parentOf(node)] = next
    else this.#next[previous] = next
    if (next !== NONE) this.#previous[next] = previous
    this.names.release(this.nameOf(node))
    this.#index.leave(node)
    this.#free.giveBack(node)
    this.#removals++
  }

  #growNodes(): void {
    const nodes = this.#rows.length * 2
    this.#firstChildren = this.#memory.grow(this.#firstChildren, nodes)
    this.#next = this.#memory.grow(this.#next, nodes)
    this.#previous = grow(this.#previous, new Uint32Array(nodes))
    this.#rows = this.#memory.grow(this.#rows, nodes)
  }
}

export interface PathTreeOptions {
  readonly expectedNodes?: number
  /** Of names. */
  readonly nameRoom?: KeyRoom | undefined
  readonly memory?: ColumnMemory
  readonly parts?: { readonly names: NameTable; readonly index: ChildIndex }
}

/** Columns in which another thread finds its way. */
export interface SharedTree {
  readonly names: SharedKeys
  readonly index: SharedChildren
  readonly firstChildren: Uint32Array
  readonly next: Uint32Array
  readonly rows: Uint32Array
}

/** The path looked for last: its first nodes as far as there are such, and where each ends. */
interface Trail {
  path: string
  depth: number
  readonly nodes: number[]
  readonly ends: number[]
}

export const ROOT = 0
export { NONE }

/** How many nodes of the trail begin the path, too. */
function commonNodes({ path: last, depth, ends }: Trail, path: string): number {
  if (depth === 0) return 0
  const length = Math.min(last.length, path.length)
  let same = 0
  while (same < length && last.charCodeAt(same) === path.charCodeAt(same)) same++
  let common = depth
  while (common > 0) {
    const end = ends[common - 1] as number
    if (end < same || (end === same && (end === path.length || path.charCodeAt(end) === DOT))) return common
    common--
  }
  return 0
}

const DOT = 0x2e
/** Of a path in the tree of another thread: half changed, it might have no end. */
const MOST_OTHERS_NODES = 4_096

function nodeEnd(path: string, start: number): number {
  const end = path.indexOf('.', start)
  return end < 0 ? path.length : end
}
