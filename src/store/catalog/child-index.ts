import { closeGap } from '../../lib/close-gap.ts'
import { type ColumnMemory, ownMemory } from '../../lib/column-memory.ts'
import { roomFor } from '../../lib/grow.ts'
import { FIRST_HASH, mix, settle } from '../../lib/text-hash.ts'

/**
 * Finds the child of a node by the number of its name: one hash table for the whole tree, in which a node stands at the place of its
 * hash or one behind it. When the table gets too small, those that are in it do not move to a larger one all at once, which would take tenths of
 * a second, but some with each that comes; until then there are two. A node is in one of them.
 */
export class ChildIndex {
  /** By node. What is in no tree is its own parent. */
  parents: Uint32Array
  names: Uint32Array
  /** 0: none, as the root is nobody's child. */
  #places: Uint32Array
  #old: Uint32Array | undefined
  /** Places of the old table below it are empty. */
  #moved = 0
  #size = 0
  readonly #memory: ColumnMemory

  constructor(expectedNodes: number, memory: ColumnMemory = ownMemory) {
    const nodes = roomFor(expectedNodes)
    this.#memory = memory
    this.parents = memory.make(Uint32Array, nodes)
    this.names = memory.make(Uint32Array, nodes)
    this.#places = memory.make(Uint32Array, nodes * 2)
  }

  /** To find children in the tree of another thread. */
  static over({ parents, names, places, oldPlaces }: SharedChildren): ChildIndex {
    const index = new ChildIndex(0)
    index.parents = parents
    index.names = names
    index.#places = places
    index.#old = oldPlaces
    return index
  }

  get shared(): SharedChildren {
    return { parents: this.parents, names: this.names, places: this.#places, oldPlaces: this.#old }
  }

  get size(): number {
    return this.#size
  }

  /** NONE: there is no such child. */
  childOf(parent: number, name: number): number {
    const hash = hashOf(parent, name)
    const node = this.#look(this.#places, hash, parent, name)
    return node !== NONE || this.#old === undefined ? node : this.#look(this.#old, hash, parent, name)
  }

  enter(node: number, parent: number, name: number): void {
    if (node >= this.parents.length) {
      this.parents = this.#memory.grow(this.parents, this.parents.length * 2)
      this.names = this.#memory.grow(this.names, this.names.length * 2)
    }
    this.parents[node] = parent
    this.names[node] = name
    this.#size++
    if (this.#size * 2 > this.#places.length) {
      // There is time enough before the next.
      this.#moveSome(Number.POSITIVE_INFINITY)
      this.#old = this.#places
      this.#moved = 0
      this.#places = this.#memory.make(Uint32Array, this.#old.length * 2)
    }
    this.#put(node)
    this.#moveSome(MOVED_AT_ONCE)
  }

  leave(node: number): void {
    this.#size--
    const home = this.#homeIn(this.#places, node)
    const place = placeOf(this.#places, home, node)
    if (place >= 0) closeGap(this.#places, place, (entry) => this.#homeIn(this.#places, entry))
    else if (this.#old !== undefined)
      this.#old[placeOf(this.#old, this.#homeIn(this.#old, node), node)] = GONE
    this.parents[node] = node
  }

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    const columns = [this.parents, this.names, this.#places]
    return this.#old === undefined ? columns : [...columns, this.#old]
  }

  #look(places: Uint32Array, hash: number, parent: number, name: number): number {
    const mask = places.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const node = places[place] as number
      if (node === NONE || (this.parents[node] === parent && this.names[node] === name)) return node
    }
  }

  #put(node: number): void {
    const mask = this.#places.length - 1
    let place = this.#homeIn(this.#places, node)
    while (this.#places[place] !== NONE) place = (place + 1) & mask
    this.#places[place] = node
  }

  #moveSome(most: number): void {
    const old = this.#old
    if (old === undefined) return
    const end = Math.min(old.length, this.#moved + most)
    for (; this.#moved < end; this.#moved++) {
      const node = old[this.#moved] as number
      if (node === NONE || node === GONE) continue
      // Others were put behind it: those have to be found still.
      old[this.#moved] = GONE
      this.#put(node)
    }
    if (end < old.length) return
    this.#memory.release(old)
    this.#old = undefined
  }

  #homeIn(places: Uint32Array, node: number): number {
    return hashOf(this.parents[node] as number, this.names[node] as number) & (places.length - 1)
  }
}

/** Columns in which another thread finds children. */
export interface SharedChildren {
  readonly parents: Uint32Array
  readonly names: Uint32Array
  readonly places: Uint32Array
  readonly oldPlaces: Uint32Array | undefined
}

/** No node: the root is never what is looked for. */
export const NONE = 0
const GONE = 0xffff_ffff
const MOVED_AT_ONCE = 16

function hashOf(parent: number, name: number): number {
  return settle(mix(FIRST_HASH, parent, name))
}

/** -1: it is not there. */
function placeOf(places: Uint32Array, home: number, node: number): number {
  const mask = places.length - 1
  for (let place = home; ; place = (place + 1) & mask) {
    if (places[place] === node) return place
    if (places[place] === NONE) return -1
  }
}
