import type { CompactCatalog } from '../catalog/compact-catalog.ts'
import { forgetIfWithin } from './block/recover-blocks.ts'
import type { HeadWriter } from './head/head-writer.ts'
import { ReadableHead } from './head/readable-head.ts'

/** Heads come in order. What a head deleted is taken from what the files before it said; then comes what it has itself. */
export function noteHeadInCatalog(catalog: CompactCatalog, head: HeadWriter): void {
  const readable = new ReadableHead(head.pages)
  for (let slot = 0; slot < head.slotCount; slot++) {
    const identity = readable.identityOf(slot)
    if (identity === undefined) continue
    for (const range of readable.deletes(slot)) forgetIfWithin(catalog, identity.key, range)
    const seen = readable.seen(slot)
    if (seen !== undefined) catalog.note(identity, seen.firstMs, seen.lastMs)
  }
}
