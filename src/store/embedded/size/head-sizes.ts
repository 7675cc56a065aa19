import { childPathOf } from '../../child-path.ts'
import { entryOf } from '../head/find-slot.ts'
import { readEntry } from '../head/head-entry.ts'
import { type HeadPages, SLOT_BITS, SLOT_MASK, SLOT_WORD, WORDS_PER_SLOT } from '../head/head-pages.ts'
import type { ReadableHead } from '../head/readable-head.ts'
import type { TakeSize } from './block-sizes.ts'

/**
 * What the series below a prefix have in a head, whose segment of the log is a file of so many bytes: each has of these as much as it has of the points. Yields now
 * and then.
 */
export function* addHeadSizes(
  { pages }: ReadableHead,
  fileBytes: number,
  { prefix, take }: { readonly prefix: string; readonly take: TakeSize },
): Generator<void, void> {
  const limit = pages.slots.length << SLOT_BITS
  const counts = new Float64Array(limit)
  let total = 0
  for (let slot = 0; slot < limit; slot++) total += counts[slot] = pointsOf(pages, slot)
  for (let slot = 0; slot < limit; slot++) {
    if (slot % SLOTS_IN_A_STEP === SLOTS_IN_A_STEP - 1) yield
    const points = counts[slot] as number
    if (points === 0) continue
    const entry = entryOf(pages, slot)
    if (entry === 0) continue
    const path = childPathOf(readEntry(pages, entry).key, prefix)
    if (path !== undefined) take(path, points, (fileBytes * points) / total)
  }
}

/** How many there are in the slot of a series. */
export function pointsOf(pages: HeadPages, slot: number): number {
  const word = (slot & SLOT_MASK) * WORDS_PER_SLOT + SLOT_WORD.points
  return Atomics.load(pages.slotPage(slot).words, word)
}

const SLOTS_IN_A_STEP = 512
