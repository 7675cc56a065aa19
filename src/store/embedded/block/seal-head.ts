import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import type { FileSystem } from '../file-system.ts'
import { isDeleted } from '../head/head-deletes.ts'
import { HeadPages, type SharedHead } from '../head/head-pages.ts'
import { pageOf } from '../head/page.ts'
import { ReadableHead, type HeadSeries } from '../head/readable-head.ts'
import type { Chunk } from '../codec/chunk-group.ts'
import { BlockWriter, type WrittenBlock } from './block-writer.ts'
import { inOrder } from './in-order.ts'

export interface HeadToSeal {
  readonly blocksPath: string
  readonly newestFlushMs: number
  /** Of a segment that nothing more is written to. */
  readonly head: SharedHead
}

/**
 * `sealed`: the block says all that the segment said, is in its place and survives a power cut. `empty`: there was nothing
 * to say. `kept`: the segment stays as it is.
 */
export type SealOutcome =
  | { readonly kind: 'sealed'; readonly block: WrittenBlock }
  | { readonly kind: 'empty' }
  | { readonly kind: 'kept' }

/** Makes a block of the head of a segment. Throws what the system says; then there is no block. */
export function sealHead(files: FileSystem, { blocksPath, newestFlushMs, head }: HeadToSeal): SealOutcome {
  const { number } = head
  let writer: BlockWriter | undefined
  try {
    const readable = readableOf(head)
    for (const { slot, identity } of seriesByKey(readable, head.slotCount)) {
      const count = readable.pointCount(slot)
      const isPlain = readable.isPlain(slot)
      if (count === 0 && isPlain) continue
      writer ??= new BlockWriter(files, {
        blocksPath,
        numbers: { first: number, last: number },
        effort: 'quick',
      })
      if (isPlain) {
        const room = writer.room(count)
        readable.decodeInto(slot, room.timesMs, room.values)
        writer.add({ identity, deletes: NO_DELETES, ...room })
        continue
      }
      const series = readable.series(slot)
      const deletes = series.deletes.map(({ startMs, endMs }) => ({ startMs, endMs }))
      writer.add({ identity, deletes, ...pointsLeft(series) })
    }
    return writer === undefined ? { kind: 'empty' } : { kind: 'sealed', block: writer.finish(newestFlushMs) }
  } catch (error) {
    writer?.abandon()
    throw error
  }
}

const NO_DELETES: readonly TimeRange[] = []

function readableOf(head: SharedHead): ReadableHead {
  const pages = new HeadPages(head, () => {})
  pages.slots.push(...head.slots.map(pageOf))
  pages.bytes.push(...head.bytes.map(pageOf))
  return new ReadableHead(pages)
}

interface NamedSlot {
  readonly slot: number
  readonly identity: SeriesIdentity
}

function seriesByKey(head: ReadableHead, slotCount: number): NamedSlot[] {
  const all: NamedSlot[] = []
  for (let slot = 0; slot < slotCount; slot++) {
    const identity = head.identityOf(slot)
    if (identity !== undefined) all.push({ slot, identity })
  }
  return all.sort((a, b) => (a.identity.key < b.identity.key ? -1 : 1))
}

/** The points that a series ends up with, in columns of their own: ascending in time, one per time. */
function pointsLeft({ points, timesMs, values, deletes, isInOrder }: HeadSeries): Chunk {
  if (deletes.length === 0) {
    const chunk = { timesMs: timesMs.slice(0, points), values: values.slice(0, points) }
    return isInOrder ? chunk : inOrder(chunk)
  }
  const left = Array.from({ length: points }, (_, point) => point).filter(
    (point) => !isDeleted(deletes, point, timesMs[point] as number),
  )
  return inOrder({
    timesMs: Float64Array.from(left, (point) => timesMs[point] as number),
    values: Float64Array.from(left, (point) => values[point] as number),
  })
}
