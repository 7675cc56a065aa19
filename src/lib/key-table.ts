import { closeGap } from './close-gap.ts'
import { grow, release, roomFor } from './grow.ts'
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
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
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
  constructor({ keys, bytes }: KeyRoom = { keys: 0, bytes: 0 }) {
    const slots = roomFor(keys)
    this.#bytes = new Uint8Array(FIRST_ARENA_BYTES + bytes)
    this.#view = new DataView(this.#bytes.buffer)
    this.#starts = new Uint32Array(slots)
    this.#lengths = new Uint32Array(slots)
    this.#hashes = new Int32Array(slots)
    this.#index = new Uint32Array(slots * 2)
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
    const length = end - start
    this.#stage(bytes, start, end)
    return this.#find(this.#endBytes, length, this.#hash(length))
  }

  /** The slot of a key, given to it now if it has none. */
  use(key: Uint8Array): number {
    this.#stage(key, 0, key.length)
    const hash = this.#hash(key.length)
    const known = this.#find(this.#endBytes, key.length, hash)
    if (known >= 0) return known
    const slot = this.#freeSlots.pop() ?? this.#slotCount++
    if (slot === this.#starts.length) this.#growSlots()
    this.#starts[slot] = this.#endBytes
    this.#lengths[slot] = key.length
    this.#hashes[slot] = hash
    this.#endBytes += key.length
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
    return Buffer.from(this.#bytes.buffer).toString('utf8', start, start + (this.#lengths[slot] ?? 0))
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

  /** Puts a key behind all others, where it can be hashed and compared by words, and may stay. */
  #stage(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#endBytes + end - start + READ_AHEAD_BYTES
    if (needed > this.#bytes.length) this.#resizeArena(Math.max(needed, this.#bytes.length * 2))
    const arena = this.#bytes
    let to = this.#endBytes
    // Keys are short: a view of each, to be copied as a whole, takes longer.
    for (let at = start; at < end; at++) arena[to++] = bytes[at] as number
  }

  #hash(length: number): number {
    return settle(hashText(FIRST_HASH, this.#view, this.#endBytes, this.#endBytes + length))
  }

  #find(at: number, length: number, hash: number): number {
    const mask = this.#index.length - 1
    for (let place = hash & mask, left = MOST_PLACES; left > 0; place = (place + 1) & mask, left--) {
      const slot = (this.#index[place] ?? 0) - 1
      if (slot < 0) break
      if (this.#hashes[slot] !== hash || this.#lengths[slot] !== length) continue
      if (isSameText(this.#view, this.#starts[slot] ?? 0, this.#view, at, length)) return slot
    }
    return this.#hidden.size === 0 ? -1 : (this.#hidden.get(this.#text(at, length)) ?? -1)
  }

  #place(slot: number, hash: number): void {
    const mask = this.#index.length - 1
    for (let place = hash & mask, left = MOST_PLACES; left > 0; place = (place + 1) & mask, left--) {
      if (this.#index[place] !== 0) continue
      this.#index[place] = slot + 1
      return
    }
    this.#hidden.set(this.#textOf(slot), slot)
  }

  #textOf(slot: number): string {
    return this.#text(this.#starts[slot] ?? 0, this.#lengths[slot] ?? 0)
  }

  #text(at: number, length: number): string {
    return Buffer.from(this.#bytes.buffer).toString('latin1', at, at + length)
  }

  #unplace(slot: number): void {
    if (this.#hidden.size > 0 && this.#hidden.delete(this.#textOf(slot))) return
    const mask = this.#index.length - 1
    let place = (this.#hashes[slot] ?? 0) & mask
    while (this.#index[place] !== slot + 1) place = (place + 1) & mask
    closeGap(this.#index, place, (entry) => (this.#hashes[entry - 1] ?? 0) & mask)
  }

  #indexAll(places: number): void {
    release(this.#index)
    this.#index = new Uint32Array(places)
    this.#hidden.clear()
    const free = new Set(this.#freeSlots)
    for (let slot = 0; slot < this.#slotCount; slot++) {
      if (!free.has(slot)) this.#place(slot, this.#hashes[slot] ?? 0)
    }
  }

  #growSlots(): void {
    const slots = this.#starts.length * 2
    this.#starts = grow(this.#starts, new Uint32Array(slots))
    this.#lengths = grow(this.#lengths, new Uint32Array(slots))
    this.#hashes = grow(this.#hashes, new Int32Array(slots))
  }

  /** Keys that lie one behind the other move as one. */
  #compact(): void {
    const old = this.#bytes
    const starts = this.#starts
    const bytes = new Uint8Array(Math.max(FIRST_ARENA_BYTES, this.room.bytes * 2))
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
    this.#view = new DataView(bytes.buffer)
    release(old)
    this.#endBytes = run.to + run.end - run.start
    this.#garbageBytes = 0
  }

  #resizeArena(bytes: number): void {
    this.#bytes = grow(this.#bytes.subarray(0, this.#endBytes), new Uint8Array(bytes))
    this.#view = new DataView(this.#bytes.buffer)
  }
}

export interface KeyRoom {
  readonly keys: number
  /** Of all of them. */
  readonly bytes: number
}

const FIRST_ARENA_BYTES = 1 << 14
/** With half of the places taken, no key needs more by chance. */
export const MOST_PLACES = 128
/** Keys are hashed and compared by words. */
const READ_AHEAD_BYTES = 8
