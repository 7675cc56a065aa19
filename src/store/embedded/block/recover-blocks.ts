import type { SeriesKey } from '../../../model/series-key.ts'
import { reasonOf } from '../../../telemetry/errors.ts'
import type { Log } from '../../../telemetry/log.ts'
import type { CompactCatalog } from '../../catalog/compact-catalog.ts'
import { GroupDecoder } from '../codec/chunk-group.ts'
import { nameForDamaged, syncDirectory, type FileSystem } from '../file-system.ts'
import { OpenFiles } from '../open-files.ts'
import type { StoredFile } from '../stored-file.ts'
import { blockPath, listBlocks, type BlockListing } from './block-file.ts'
import type { WrittenBlock } from './block-writer.ts'
import { PageCache, ReadableBlock } from './readable-block.ts'

export interface BlockRecoveryOptions {
  readonly blocksPath: string
  readonly files: FileSystem
  readonly log: Log
}

export interface RecoveredBlock {
  readonly file: StoredFile
  readonly block: ReadableBlock
}

export interface RecoveredBlocks {
  /** Ascending; no two stand for the same segment. */
  readonly blocks: readonly RecoveredBlock[]
  /** The highest number of any file, one that cannot be read included; 0 if there is none. */
  readonly highestNumber: number
  /** Lets go of the files. */
  close(): void
}

/** Finds the blocks that count, removes what a crash left beside them, and puts aside what cannot be read. */
export function recoverBlocks(options: BlockRecoveryOptions): RecoveredBlocks {
  const { blocksPath, files, log } = options
  const listing = listBlocks(blocksPath)
  for (const name of listing.strangers)
    log.warn({ name, blocksPath }, 'a stranger in the directory of blocks is left alone')
  for (const path of listing.unfinished) remove(files, log, path)
  const openFiles = new OpenFiles()
  const context = {
    blocksPath,
    files: openFiles,
    pages: new PageCache(),
    decoder: new GroupDecoder(),
    onDamage: (path: string, gap: object) =>
      log.error({ ...gap, path }, 'a place in a block is damaged; what stood there is lost'),
  }
  const blocks: RecoveredBlock[] = []
  let isChanged = listing.unfinished.length > 0
  for (const numbers of listing.blocks) {
    const path = blockPath(blocksPath, numbers)
    if (numbers.last <= (blocks.at(-1)?.file.last ?? -1)) {
      // Blocks that were merged, and not yet removed.
      remove(files, log, path)
      isChanged = true
      continue
    }
    const block = new ReadableBlock(numbers, context)
    const { root } = block
    if (root !== undefined) {
      const lengthBytes = block.lengthBytes
      blocks.push({ block, file: describeBlock({ ...root, ...numbers, path, lengthBytes }) })
    } else {
      openFiles.close(path)
      putAside(options, path)
      isChanged = true
    }
  }
  if (isChanged) syncDirectory(files, blocksPath)
  return { blocks, highestNumber: highestOf(listing), close: () => openFiles.closeAll() }
}

export function describeBlock(block: WrittenBlock): StoredFile {
  const { first, last, path, lengthBytes, oldestMs, newestMs, newestFlushMs, pointCount, deleteCount } = block
  return {
    kind: 'block',
    first,
    last,
    path,
    lengthBytes,
    oldestMs,
    newestMs,
    newestFlushMs,
    pointCount,
    hasDeletes: deleteCount > 0,
  }
}

/** Blocks come in order. What a block deleted is taken from what the files before it said. */
export function noteBlockInCatalog(catalog: CompactCatalog, block: ReadableBlock): void {
  for (const { identity, deletes, chunks } of block.allSeries()) {
    for (const range of deletes) forgetIfWithin(catalog, identity.key, range)
    const [first] = chunks
    const last = chunks.at(-1)
    if (first === undefined || last === undefined) continue
    catalog.note(identity, first.oldestMs, last.newestMs)
  }
}

/** A delete that spans all of a series takes its name as well. */
export function forgetIfWithin(
  catalog: CompactCatalog,
  key: SeriesKey,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): void {
  const known = catalog.get(key)
  if (known !== undefined && known.firstSeenMs >= startMs && known.lastSeenMs < endMs) catalog.remove([key])
}

function highestOf({ blocks }: BlockListing): number {
  return blocks.reduce((highest, { last }) => Math.max(highest, last), 0)
}

function putAside({ files, log }: BlockRecoveryOptions, path: string): void {
  const keptAt = nameForDamaged(files, path)
  try {
    files.renameSync(path, keptAt)
    log.error({ path, keptAt }, 'a block cannot be read; it was put aside, and what it held is missing')
  } catch (error) {
    log.error({ path, reason: reasonOf(error) }, 'a block cannot be read, and could not be put aside')
  }
}

function remove(files: FileSystem, log: Log, path: string): void {
  try {
    files.unlinkSync(path)
  } catch (error) {
    log.warn({ path, reason: reasonOf(error) }, 'a block that is not needed could not be removed')
  }
}
