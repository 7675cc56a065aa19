import type { SeriesKey } from '../../../model/series-key.ts'
import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import { GroupDecoder } from '../codec/chunk-group.ts'
import type { FileSystem } from '../file-system.ts'
import { GatheringReceiver } from '../gathering-receiver.ts'
import { OpenFiles } from '../open-files.ts'
import type { BlockNumbers } from './block-file.ts'
import { BlockWriter, type SeriesPoints, type WrittenBlock } from './block-writer.ts'
import { lotsOf } from './lots.ts'
import { PageCache, ReadableBlock } from './readable-block.ts'

export interface BlocksToMerge {
  readonly blocksPath: string
  /** Next to each other in the order of the log, ascending. */
  readonly blocks: readonly BlockNumbers[]
  /** No block or segment is before them: what they take away from earlier ones is of no use any more. */
  readonly isFirst: boolean
  /** What cannot be read is left out, which somebody has asked for. */
  readonly isDamageLeftOut?: boolean
}

/**
 * `merged`: the block says all that the blocks said together, is in its place and survives a power cut. `empty`: nothing is
 * left. `kept`: they have to stay, because places of them cannot be read.
 */
export type MergeOutcome =
  | { readonly kind: 'merged'; readonly block: WrittenBlock }
  | { readonly kind: 'empty' }
  | { readonly kind: 'kept' }

const EVER: TimeRange = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }

/** Makes one block of several. Throws what the system says; then there is no new block. */
export function mergeBlocks(files: FileSystem, job: BlocksToMerge): MergeOutcome {
  const openFiles = new OpenFiles()
  let isDamaged = false
  const context = {
    blocksPath: job.blocksPath,
    files: openFiles,
    pages: new PageCache(),
    decoder: new GroupDecoder(),
    onDamage: () => {
      isDamaged = job.isDamageLeftOut !== true
    },
  }
  const sources = job.blocks.map((numbers) => new ReadableBlock(numbers, context))
  let writer: BlockWriter | undefined
  try {
    const all = seriesOf(sources)
    if (isDamaged) return { kind: 'kept' }
    const numbers = { first: job.blocks[0]?.first ?? 0, last: job.blocks.at(-1)?.last ?? 0 }
    writer = new BlockWriter(files, {
      blocksPath: job.blocksPath,
      numbers,
    })
    let hasAny = false
    for (const lot of lotsOf(all)) {
      for (const series of gather(sources, lot)) {
        const deletes = job.isFirst ? [] : series.deletes
        if (series.timesMs.length === 0 && deletes.length === 0) continue
        hasAny = true
        writer.add({ ...series, deletes })
      }
      if (isDamaged) break
    }
    if (isDamaged || !hasAny) {
      writer.abandon()
      return { kind: isDamaged ? 'kept' : 'empty' }
    }
    const newestFlushMs = Math.max(...sources.map(({ root }) => root?.newestFlushMs ?? 0))
    return { kind: 'merged', block: writer.finish(newestFlushMs) }
  } catch (error) {
    writer?.abandon()
    throw error
  } finally {
    openFiles.closeAll()
  }
}

interface MergedSeries {
  identity: SeriesIdentity
  pointCount: number
  readonly deletes: TimeRange[]
}

/** All series of the blocks, by key; of each what the last block says that it is. */
function seriesOf(sources: readonly ReadableBlock[]): MergedSeries[] {
  const all = new Map<SeriesKey, MergedSeries>()
  for (const source of sources) {
    for (const { identity, deletes, chunks } of source.allSeries()) {
      const known = all.get(identity.key) ?? { identity, pointCount: 0, deletes: [] }
      known.identity = identity
      known.deletes.push(...deletes)
      known.pointCount += chunks.reduce((sum, { pointCount }) => sum + pointCount, 0)
      all.set(identity.key, known)
    }
  }
  return [...all.values()].sort((a, b) => (a.identity.key < b.identity.key ? -1 : 1))
}

/** Reads the series as any reader would, from the first block to the last. */
function gather(sources: readonly ReadableBlock[], lot: readonly MergedSeries[]): SeriesPoints[] {
  const wanted = lot.map(({ identity, pointCount }) => ({
    key: identity.key,
    receiver: new GatheringReceiver(pointCount),
  }))
  for (const source of sources) for (const part of source.begin(wanted, EVER)) source.read(part, EVER)
  return lot.map(({ identity, deletes }, index) => {
    const { timesMs, values } = wanted[index]?.receiver.finish() ?? new GatheringReceiver(0).finish()
    return { identity, deletes, timesMs, values }
  })
}
