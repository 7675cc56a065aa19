import type { CompactCatalog } from '../catalog/compact-catalog.ts'
import { forgetIfWithin } from './block/recover-blocks.ts'
import type { HeadWriter } from './head/head-writer.ts'
import { ReadableHead, type HeadSeries } from './head/readable-head.ts'

/** Heads come in order. What a head deleted is taken from what the files before it said; then comes what it has itself. */
export function noteHeadInCatalog(catalog: CompactCatalog, head: HeadWriter): void {
  const readable = new ReadableHead(head.pages)
  for (let slot = 0; slot < head.slotCount; slot++) {
    const identity = readable.identityOf(slot)
    if (identity === undefined) continue
    const series = readable.series(slot)
    for (const range of series.deletes) forgetIfWithin(catalog, identity.key, range)
    const seen = seenIn(series)
    if (seen === undefined) continue
    catalog.note(identity, seen.firstMs, seen.lastMs)
  }
}

/** Times of the first and the newest point that is left; undefined: none is. */
function seenIn({
  points,
  timesMs,
  deletes,
  isInOrder,
}: HeadSeries): { firstMs: number; lastMs: number } | undefined {
  if (isInOrder && deletes.length === 0 && points > 0)
    return { firstMs: timesMs[0] as number, lastMs: timesMs[points - 1] as number }
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = Number.NEGATIVE_INFINITY
  for (let point = 0; point < points; point++) {
    const timeMs = timesMs[point] as number
    const isGone = deletes.some(
      ({ pointsBefore, startMs, endMs }) => point < pointsBefore && timeMs >= startMs && timeMs < endMs,
    )
    if (isGone) continue
    if (timeMs < firstMs) firstMs = timeMs
    if (timeMs > lastMs) lastMs = timeMs
  }
  return firstMs > lastMs ? undefined : { firstMs, lastMs }
}
