import type { TimeRange } from '../../model/time-range.ts'
import type { ReadableBlock, WantedKey } from './block/readable-block.ts'
import type { ReadableHead } from './head/readable-head.ts'

/** One file of the log as a reader sees it: a block, or the head of a segment. */
export interface PointSource {
  /** The segments that it stands for. */
  readonly first: number
  readonly last: number
  /** False: nothing in it is about times before this one. */
  reaches(beforeMs: number): boolean
  /**
   * Hands the points of the range to their receivers, and tells them what the source takes away from those before it. Yields how
   * many points it looked at, now and then: a moment to look at the rest of the thread's work.
   */
  pass(wanted: readonly WantedKey[], range: TimeRange): Iterable<number>
}

export function sourceOfBlock(block: ReadableBlock): PointSource {
  return {
    ...block.numbers,
    reaches(beforeMs) {
      const { root } = block
      return root !== undefined && (root.deleteCount > 0 || root.oldestMs < beforeMs)
    },
    *pass(wanted, range) {
      for (const part of block.begin(wanted, range)) {
        block.read(part, range)
        yield part.group.pointCount
      }
    },
  }
}

export function sourceOfHead(head: ReadableHead): PointSource {
  return {
    first: head.number,
    last: head.number,
    reaches: () => true,
    *pass(wanted, range) {
      for (const { key, receiver } of wanted) {
        const slot = head.find(key)
        if (slot >= 0) yield head.read(slot, range, receiver)
      }
    },
  }
}
