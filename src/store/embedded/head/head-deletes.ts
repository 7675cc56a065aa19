import type { TimeRange } from '../../../model/time-range.ts'
import { OFFSET_MASK, SLOT_MASK, SLOT_WORD, WORDS_PER_SLOT, type HeadPages } from './head-pages.ts'

/**
 * Deletes of a series, the last one first:
 *
 *    0  the one before  u32   address; 0: none
 *    4  points          u32   that stood in the series then: what comes behind them is not meant
 *    8  start, end      2 x f64
 */
export interface HeadDelete extends TimeRange {
  readonly pointsBefore: number
}

const DELETE_BYTES = 24

export function writeDelete(
  pages: HeadPages,
  slot: number,
  { startMs, endMs }: TimeRange,
  take: (byteCount: number) => number,
): void {
  const slotWords = pages.slotPage(slot).words
  const place = (slot & SLOT_MASK) * WORDS_PER_SLOT
  const address = take(DELETE_BYTES)
  const { words, doubles } = pages.bytePage(address)
  const offset = address & OFFSET_MASK
  words[offset >>> 2] = slotWords[place + SLOT_WORD.lastDelete] as number
  words[(offset >>> 2) + 1] = slotWords[place + SLOT_WORD.points] as number
  doubles[(offset >>> 3) + 1] = startMs
  doubles[(offset >>> 3) + 2] = endMs
  Atomics.store(slotWords, place + SLOT_WORD.lastDelete, address)
}

/** In the order they came in. */
export function readDeletes(pages: HeadPages, lastDelete: number): HeadDelete[] {
  const deletes: HeadDelete[] = []
  for (let address = lastDelete; address !== 0; ) {
    const { words, doubles } = pages.bytePage(address)
    const offset = address & OFFSET_MASK
    deletes.push({
      pointsBefore: words[(offset >>> 2) + 1] as number,
      startMs: doubles[(offset >>> 3) + 1] as number,
      endMs: doubles[(offset >>> 3) + 2] as number,
    })
    address = words[offset >>> 2] as number
  }
  return deletes.reverse()
}

/** Whether a delete has taken a point: one that came after it, which was the `point`th of its series. */
export function isDeleted(deletes: readonly HeadDelete[], point: number, timeMs: number): boolean {
  return deletes.some(
    ({ pointsBefore, startMs, endMs }) => point < pointsBefore && timeMs >= startMs && timeMs < endMs,
  )
}
