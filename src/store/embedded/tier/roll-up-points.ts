import { SlotRollUp, type SlotGrid } from '../../slot-roll-up.ts'
import type { Chunk } from '../codec/chunk-group.ts'
import { COMBINING, type Aggregate } from './aggregates.ts'

/** One aggregate of points that ascend in time; a value for each slot, NaN: none. Points that are NaN do not count. */
export function rollUpPoints(
  { timesMs, values }: Chunk,
  aggregate: Aggregate,
  slots: SlotGrid,
): Float64Array {
  const rolled = new SlotRollUp(COMBINING[aggregate], slots)
  const taken = aggregate === 'count' ? values.map((value) => (Number.isNaN(value) ? value : 1)) : values
  if (timesMs.length > 0) rolled.addRun(timesMs, taken, 0, timesMs.length)
  return rolled.finish()
}
