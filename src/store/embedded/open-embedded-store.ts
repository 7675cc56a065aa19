import { systemClock, type Clock } from '../../lib/clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { silentLog, type Log } from '../../telemetry/log.ts'
import type { OpenStore } from '../open-store.ts'
import { CompactCatalog } from '../catalog/compact-catalog.ts'
import { ThreadPacker, type Packer } from './block/packer.ts'
import { openDataDirectory, openingFailure, type DataDirectory } from './data-directory.ts'
import { nodeFileSystem, type FileSystem } from './file-system.ts'
import { AnnouncedHeads } from './head/announced-heads.ts'
import { HeadSet } from './head/head-set.ts'
import { EmbeddedEngine } from './embedded-engine.ts'
import { StoreReader, type StoreReaderOptions } from './store-reader.ts'
import { LogWriter } from './log-writer.ts'
import { isSharedStore, PublishedState } from './published-state.ts'
import { recoverLog, type RecoveryProgress } from './recover-log.ts'
import { StoredFiles } from './stored-files.ts'

export interface EmbeddedStoreOptions {
  /** The data directory. Made if it is missing. */
  readonly path: string
  /** How long points are kept, counted from the newest. Whole files go, so some stay longer. */
  readonly retentionMs?: number
  readonly log?: Log
  readonly clock?: Clock
  /** Called while the log is read through at the start. */
  readonly onProgress?: (progress: RecoveryProgress) => void
  /** A segment is full past this, whatever its age. */
  readonly segmentBytes?: number
  readonly files?: FileSystem
  /** What makes blocks of full segments and of small blocks; a thread unless given. */
  readonly packer?: Packer
}

/** Uncompressed, ten series at 10 s take 1 MB a day: three months is what a small disk holds of a small fleet. */
export const DEFAULT_RETENTION_MS = 90 * 86_400_000
const DEFAULT_SEGMENT_BYTES = 1_024 * 1_024 * 1_024

/**
 * Opens the store in a data directory, for one process at a time. Throws the KymoErrors `data-unopenable`,
 * `data-uninitialisable`, `data-version`, `data-in-use` and `disk-full`.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<OpenStore> {
  checkByteOrder(options.path)
  const directory = openDataDirectory(options.path)
  try {
    return await openLog(options, directory)
  } catch (error) {
    directory.close()
    throw openingFailure(options.path, error)
  }
}

/** A reader for the thread it is called in, of an engine that another thread has open. `shared` is its `share()`. */
export function openReader(shared: unknown, options?: StoreReaderOptions): StoreReader {
  if (!isSharedStore(shared)) throw new Error('BUG: this is not what an embedded engine shares')
  const { blocksPath, state, heads } = shared
  return new StoreReader(
    { blocksPath, state: new PublishedState(state), heads: new AnnouncedHeads(heads) },
    options,
  )
}

async function openLog(options: EmbeddedStoreOptions, directory: DataDirectory): Promise<OpenStore> {
  const { log = silentLog, clock = systemClock, files = nodeFileSystem } = options
  const { blocksPath } = directory
  const catalog = new CompactCatalog()
  const heads = new HeadSet()
  const state = new PublishedState()
  const packer = options.packer ?? new ThreadPacker()
  const stored = new StoredFiles({ directory, files, log, state, heads, packer })
  const current = await recoverLog({
    directory,
    files,
    clock,
    log,
    catalog,
    heads,
    stored,
    onProgress: options.onProgress,
  })
  const writer = new LogWriter({
    directory,
    files,
    clock,
    log,
    heads,
    stored,
    current,
    retentionMs: options.retentionMs ?? DEFAULT_RETENTION_MS,
    segmentBytes: options.segmentBytes ?? DEFAULT_SEGMENT_BYTES,
    onDrop: (keptFromMs) => void catalog.forgetUnseenSince(keptFromMs),
  })
  const reader = new StoreReader(
    { blocksPath, state, heads: { current: () => heads.current(), close() {} } },
    {
      onDamage: (damage) =>
        log.error({ ...damage }, 'a place in the store turned out damaged; its points are missing'),
    },
  )
  const engine = new EmbeddedEngine({
    writer,
    reader,
    share: () => ({ kind: 'embedded', blocksPath, state: state.buffer, heads: heads.subscribe() }),
  })
  return {
    engine,
    catalog,
    setRetention: (retentionMs) => writer.setRetention(retentionMs),
    close: () => engine.close(),
  }
}

/** Columns are read where they lie in a file, so the machine has to keep its numbers as the files do. */
function checkByteOrder(path: string): void {
  if (new Uint8Array(new Uint32Array([1]).buffer)[0] === 1) return
  throw new KymoError('data-unopenable', {
    path,
    reason: 'its files are little-endian and this machine is not',
  })
}
