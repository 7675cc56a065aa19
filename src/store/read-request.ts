import type { ReadRequest } from './engine.ts'
import type { SlotGrid } from './slot-roll-up.ts'

/** The slots a request asks for. That its ends are multiples of its step is the caller's part of the contract. */
export function slotsOf({ range, stepMs }: ReadRequest): SlotGrid {
  if (!(stepMs > 0) || range.startMs % stepMs !== 0 || range.endMs % stepMs !== 0) {
    throw new Error(`BUG: range ${range.startMs} to ${range.endMs} is not made of steps of ${stepMs} ms`)
  }
  return { startMs: range.startMs, stepMs, count: Math.max(0, (range.endMs - range.startMs) / stepMs) }
}
