import { entryHasKey } from './head-entry.ts'
import { SLOT_MASK, SLOT_WORD, WORDS_PER_PLACE, WORDS_PER_SLOT, type HeadPages } from './head-pages.ts'
import type { KeyBytes } from './key-bytes.ts'

/** The slot of a key, or -1. The writer may be adding to the table meanwhile. */
export function findSlot(pages: HeadPages, key: KeyBytes): number {
  const { table } = pages
  const mask = table.length / WORDS_PER_PLACE - 1
  for (let place = key.hash & mask; ; place = (place + 1) & mask) {
    const slot = Atomics.load(table, place * WORDS_PER_PLACE) - 1
    if (slot < 0) return -1
    if (table[place * WORDS_PER_PLACE + 1] !== key.hash) continue
    if (entryHasKey(pages, entryOf(pages, slot), key)) return slot
  }
}

/** Puts a slot into a table that has room. */
export function enterSlot(table: Uint32Array, slot: number, hash: number): void {
  const mask = table.length / WORDS_PER_PLACE - 1
  let place = hash & mask
  while (table[place * WORDS_PER_PLACE] !== 0) place = (place + 1) & mask
  table[place * WORDS_PER_PLACE + 1] = hash
  Atomics.store(table, place * WORDS_PER_PLACE, slot + 1)
}

/** Address of the entry of a slot; 0: it has none. */
export function entryOf(pages: HeadPages, slot: number): number {
  const place = (slot & SLOT_MASK) * WORDS_PER_SLOT + SLOT_WORD.entry
  return Atomics.load(pages.slotPage(slot).words, place)
}
