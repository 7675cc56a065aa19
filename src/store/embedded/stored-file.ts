import type { HeadWriter } from './head/head-writer.ts'

/** What the writer needs to know of a file that it no longer writes: a segment of the log, or a block. */
export interface StoredFile {
  readonly kind: 'segment' | 'block'
  /** Of a segment its number, twice; of a block those of the segments it stands for. */
  readonly first: number
  readonly last: number
  readonly path: string
  readonly lengthBytes: number
  /** More than `newestMs`: no points. */
  readonly oldestMs: number
  /** -Infinity: no points. */
  readonly newestMs: number
  readonly newestFlushMs: number
  readonly pointCount: number
  /** Deletes reach into the files before. */
  readonly hasDeletes: boolean
  /** Of a segment: places of it cannot be read. It is kept aside when a block has taken its place. */
  readonly isDamaged?: boolean
}

export interface SegmentToDescribe {
  readonly number: number
  readonly path: string
  readonly lengthBytes: number
  readonly head: HeadWriter
}

export function describeSegment({ number, path, lengthBytes, head }: SegmentToDescribe): StoredFile {
  return {
    kind: 'segment',
    first: number,
    last: number,
    path,
    lengthBytes,
    oldestMs: head.oldestMs,
    newestMs: head.newestMs,
    newestFlushMs: head.newestFlushMs,
    pointCount: head.pointCount,
    hasDeletes: head.deleteCount > 0,
  }
}
