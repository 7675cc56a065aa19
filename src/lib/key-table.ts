import { closeGap } from './close-gap.ts'
import { type ColumnMemory, ownMemory } from './column-memory.ts'
import { roomFor } from './grow.ts'
import { NumberStack } from './number-stack.ts'
import { FIRST_HASH, hashText, isSameText, settle } from './text-hash.ts'

/**
 * Gives each key a slot: a small number by which columns can be kept. A million keys are a few arrays, not a million
 * strings. A slot that is given back is handed out again.
 *
 *   arena   api.hits|web.hits|api.time;env=prod ...     the keys in UTF-8, one behind the other
 *   starts, lengths, hashes                             by slot
 *   index   . 2 . . 0 . 1 ...                           slots by the place of their hash or one behind it, from 1 on
 *
 * A key is looked for in `MOST_PLACES` places at most, and if it has none of them, in a map: names made up to collide cost no
 * more than that.
 */
export class KeyTable {
  readonly #memory: ColumnMemory
  #bytes: Uint8Array
  #view: DataView
  /** The bytes, to be read as text. */
  #text: Buffer
  #endBytes = 0
  #garbageBytes = 0
  #starts: Uint32Array
  #lengths: Uint32Array
  #hashes: Int32Array
  #index: Uint32Array
  #slotCount = 0
  readonly #freeSlots = new NumberStack()
  /** Slots without a place, by the bytes of their keys. */
  readonly #hidden = new Map<string, number>()

  /** There is room for so many keys before tables have to grow; room that is not used costs next to nothing. */
  constructor({ keys, bytes }: KeyRoom = { keys: 0, bytes: 0 }, memory: ColumnMemory = ownMemory) {
    const slots = roomFor(keys)
    this.#memory = memory
    this.#bytes = memory.make(Uint8Array, FIRST_ARENA_BYTES + bytes)
    this.#view = viewOf(this.#bytes)
    this.#text = bufferOf(this.#bytes)
    this.#starts = memory.make(Uint32Array, slots)
    this.#lengths = memory.make(Uint32Array, slots)
    this.#hashes = memory.make(Int32Array, slots)
    this.#index = memory.make(Uint32Array, slots * 2)
  }

  /** To find keys in the table of another thread, which has shared its columns. */
  static over(shared: SharedKeys): KeyTable {
    const table = new KeyTable()
    table.#bytes = shared.bytes
    table.#view = viewOf(shared.bytes)
    table.#text = bufferOf(shared.bytes)
    table.#starts = shared.starts
    table.#lengths = shared.lengths
    table.#hashes = shared.hashes
    table.#index = shared.index
    table.#slotCount = shared.starts.length
    return table
  }

  /** undefined: there are keys that nobody finds in the columns. */
  get shared(): SharedKeys | undefined {
    if (this.#hidden.size > 0) return undefined
    return {
      bytes: this.#bytes,
      starts: this.#starts,
      lengths: this.#lengths,
      hashes: this.#hashes,
      index: this.#index,
    }
  }

  /** What one needs that holds the same. */
  get room(): KeyRoom {
    return { keys: this.size, bytes: this.#endBytes - this.#garbageBytes }
  }

  /** Slots are below this. */
  get slotLimit(): number {
    return this.#slotCount
  }

  get size(): number {
    return this.#slotCount - this.#freeSlots.length
  }

  /** -1: it has none. */
  find(key: Uint8Array): number {
    return this.findIn(key, 0, key.length)
  }

  /** The same of the key `bytes[start..end)`. */
  findIn(bytes: Uint8Array, start: number, end: number): number {
    stage(bytes, start, end)
    return this.#find(end - start, hashStaged(end - start))
  }

  /** The slot of a key, given to it now if it has none. */
  use(key: Uint8Array): number {
    stage(key, 0, key.length)
    const hash = hashStaged(key.length)
    const known = this.#find(key.length, hash)
    if (known >= 0) return known
    this.#append(key)
    const slot = this.#freeSlots.pop() ?? this.#slotCount++
    if (slot === this.#starts.length) this.#growSlots()
    this.#starts[slot] = this.#endBytes - key.length
    this.#lengths[slot] = key.length
    this.#hashes[slot] = hash
    if (this.size * 2 > this.#index.length) this.#indexAll(this.#index.length * 2)
    else this.#place(slot, hash)
    return slot
  }

  /** The slot may be given to another key now. */
  giveBack(slot: number): void {
    this.#unplace(slot)
    this.#garbageBytes += this.#lengths[slot] ?? 0
    this.#lengths[slot] = 0
    this.#freeSlots.push(slot)
    if (this.#garbageBytes > FIRST_ARENA_BYTES && this.#garbageBytes * 2 > this.#endBytes) this.#compact()
  }

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    return [this.#bytes, this.#starts, this.#lengths, this.#hashes, this.#index]
  }

  /** The bytes of a key. They may move when another is added. */
  bytes(slot: number): Uint8Array {
    const start = this.#starts[slot] ?? 0
    return this.#bytes.subarray(start, start + (this.#lengths[slot] ?? 0))
  }

  /** Where the key of the slot ends in `view`, if that has it at `start`; -1: it does not, or not well before `limit`. */
  endOf(slot: number, view: DataView, start: number, limit: number): number {
    const length = this.#lengths[slot] as number
    const end = start + length
    if (length === 0 || end + READ_AHEAD_BYTES > limit) return -1
    return isSameText(view, start, this.#view, this.#starts[slot] as number, length) ? end : -1
  }

  beginsWith(slot: number, prefix: Uint8Array): boolean {
    const start = this.#starts[slot] ?? 0
    if (prefix.length > (this.#lengths[slot] ?? 0)) return false
    const arena = this.#bytes
    for (let at = 0; at < prefix.length; at++) if (arena[start + at] !== prefix[at]) return false
    return true
  }

  key(slot: number): string {
    const start = this.#starts[slot] ?? 0
    return this.#text.toString('utf8', start, start + (this.#lengths[slot] ?? 0))
  }

  /** Below 0: the key of `left` comes first, by its bytes. */
  compare(left: number, right: number): number {
    const leftStart = this.#starts[left] ?? 0
    const rightStart = this.#starts[right] ?? 0
    const leftLength = this.#lengths[left] ?? 0
    const rightLength = this.#lengths[right] ?? 0
    const length = Math.min(leftLength, rightLength)
    for (let i = 0; i < length; i++) {
      const difference = (this.#bytes[leftStart + i] ?? 0) - (this.#bytes[rightStart + i] ?? 0)
      if (difference !== 0) return difference
    }
    return leftLength - rightLength
  }

  /** Puts a key behind all others. */
  #append(key: Uint8Array): void {
    const needed = this.#endBytes + key.length + READ_AHEAD_BYTES
    if (needed > this.#bytes.length) this.#resizeArena(Math.max(needed, this.#bytes.length * 2))
    const arena = this.#bytes
    let to = this.#endBytes
    // Keys are short: a view of each, to be copied as a whole, takes longer.
    for (let at = 0; at < key.length; at++) arena[to++] = key[at] as number
    this.#endBytes = to
  }

  /** The one that is staged. */
  #find(length: number, hash: number): number {
    const mask = this.#index.length - 1
    for (let place = hash & mask, left = MOST_PLACES; left > 0; place = (place + 1) & mask, left--) {
      const slot = (this.#index[place] ?? 0) - 1
      if (slot < 0) break
      if (this.#hashes[slot] !== hash || this.#lengths[slot] !== length) continue
      if (isSameText(this.#view, this.#starts[slot] ?? 0, stagedView, 0, length)) return slot
    }
    return this.#hidden.size === 0
      ? -1
      : (this.#hidden.get(bufferOf(staged).toString('latin1', 0, length)) ?? -1)
  }

  #place(slot: number, hash: number): void {
    const mask = this.#index.length - 1
    for (let place = hash & mask, left = MOST_PLACES; left > 0; place = (place + 1) & mask, left--) {
      if (this.#index[place] !== 0) continue
      this.#index[place] = slot + 1
      return
    }
    this.#hidden.set(this.#textOf(slot), slot)
    this.#memory.retire()
  }

  #textOf(slot: number): string {
    const start = this.#starts[slot] ?? 0
    return this.#text.toString('latin1', start, start + (this.#lengths[slot] ?? 0))
  }

  #unplace(slot: number): void {
    if (this.#hidden.size > 0 && this.#hidden.delete(this.#textOf(slot))) return
    const mask = this.#index.length - 1
    let place = (this.#hashes[slot] ?? 0) & mask
    while (this.#index[place] !== slot + 1) place = (place + 1) & mask
    closeGap(this.#index, place, (entry) => (this.#hashes[entry - 1] ?? 0) & mask)
  }

  #indexAll(places: number): void {
    this.#memory.release(this.#index)
    this.#index = this.#memory.make(Uint32Array, places)
    this.#hidden.clear()
    const free = new Set(this.#freeSlots)
    for (let slot = 0; slot < this.#slotCount; slot++) {
      if (!free.has(slot)) this.#place(slot, this.#hashes[slot] ?? 0)
    }
  }

  #growSlots(): void {
    const slots = this.#starts.length * 2
    this.#starts = this.#memory.grow(this.#starts, slots)
    this.#lengths = this.#memory.grow(this.#lengths, slots)
    this.#hashes = this.#memory.grow(this.#hashes, slots)
  }

  /** Keys that lie one behind the other move as one. */
  #compact(): void {
    const old = this.#bytes
    const starts = this.#starts
    const bytes = this.#memory.make(Uint8Array, Math.max(FIRST_ARENA_BYTES, this.room.bytes * 2))
    let run = { start: 0, end: 0, to: 0 }
    for (let slot = 0; slot < this.#slotCount; slot++) {
      const start = starts[slot] ?? 0
      const length = this.#lengths[slot] ?? 0
      if (length > 0 && start !== run.end) {
        bytes.set(old.subarray(run.start, run.end), run.to)
        run = { start, end: start, to: run.to + run.end - run.start }
      }
      starts[slot] = length === 0 ? run.to : run.to + start - run.start
      if (length > 0) run.end = start + length
    }
    bytes.set(old.subarray(run.start, run.end), run.to)
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#text = bufferOf(bytes)
    this.#memory.release(old)
    this.#endBytes = run.to + run.end - run.start
    this.#garbageBytes = 0
  }

  #resizeArena(bytes: number): void {
    this.#bytes = this.#memory.grow(this.#bytes, bytes)
    this.#view = viewOf(this.#bytes)
    this.#text = bufferOf(this.#bytes)
  }
}

export interface KeyRoom {
  readonly keys: number
  /** Of all of them. */
  readonly bytes: number
}

/** Columns in which another thread finds keys. */
export interface SharedKeys {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly lengths: Uint32Array
  readonly hashes: Int32Array
  readonly index: Uint32Array
}

const FIRST_ARENA_BYTES = 1 << 14
/** With half of the places taken, no key needs more by chance. */
export const MOST_PLACES = 128
/** Keys are hashed and compared by words. */
const READ_AHEAD_BYTES = 8

/** A key that is looked for, where it can be hashed and compared by words. */
let staged = new Uint8Array(1 << 10)
let stagedView = new DataView(staged.buffer)

function stage(bytes: Uint8Array, start: number, end: number): void {
  const needed = end - start + READ_AHEAD_BYTES
  if (needed > staged.length) {
    staged = new Uint8Array(Math.max(needed, staged.length * 2))
    stagedView = new DataView(staged.buffer)
  }
  const into = staged
  let to = 0
  // As above.
  for (let at = start; at < end; at++) into[to++] = bytes[at] as number
}

/** Of its length: one that grows with its buffer is read more slowly. */
function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, 0, bytes.length)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, 0, bytes.length)
}

function hashStaged(length: number): number {
  return settle(hashText(FIRST_HASH, stagedView, 0, length))
}
