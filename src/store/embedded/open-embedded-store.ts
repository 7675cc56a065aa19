import { join } from 'node:path'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { silentLog, type Log } from '../../telemetry/log.ts'
import type { OpenStore } from '../open-store.ts'
import { CompactCatalog } from '../catalog/compact-catalog.ts'
import { createRuleBook, keptAsTheyCome, type RuleBookSource } from '../rules/index.ts'
import { ThreadPacker, type Packer } from './block/packer.ts'
import { noteBlockInCatalog, type RecoveredBlock } from './block/recover-blocks.ts'
import { backUp } from './care/back-up.ts'
import { openDataDirectory, openingFailure, type DataDirectory } from './data-directory.ts'
import { nodeFileSystem, type FileSystem } from './file-system.ts'
import { AnnouncedHeads } from './head/announced-heads.ts'
import { HeadSet } from './head/head-set.ts'
import { EmbeddedEngine } from './embedded-engine.ts'
import { StoreReader, type StoreReaderOptions } from './store-reader.ts'
import { LogWriter } from './log-writer.ts'
import { isSharedStore, PublishedState } from './published-state.ts'
import { recoverLog, type RecoveryProgress } from './recover-log.ts'
import { RetentionTime } from './retention-time.ts'
import { StoredFiles } from './stored-files.ts'
import { planTiers } from './tier/plan-tiers.ts'
import { TierSet } from './tier/tier-set.ts'

export interface EmbeddedStoreOptions {
  /** The data directory. Made if it is missing. */
  readonly path: string
  /** How long and how fine series are kept, counted from the newest point. Whole files go, so some stay longer. */
  readonly rules?: RuleBookSource
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

const DAY_MS = 86_400_000
/** Of a store that nobody set rules for. */
const DEFAULT_RETENTION_MS = 90 * DAY_MS
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
  const { blocksPath, tiersPath, state, heads } = shared
  return new StoreReader(
    { blocksPath, tiersPath, state: new PublishedState(state), heads: new AnnouncedHeads(heads) },
    options,
  )
}

async function openLog(options: EmbeddedStoreOptions, directory: DataDirectory): Promise<OpenStore> {
  const { log = silentLog, clock = systemClock, files = nodeFileSystem } = options
  const { blocksPath, tiersPath } = directory
  const rules = options.rules ?? keptAsTheyCome(DEFAULT_RETENTION_MS)
  const plan = planTiers(createRuleBook(rules).allRetentions)
  const catalog = new CompactCatalog()
  const heads = new HeadSet()
  const state = new PublishedState()
  const packer = options.packer ?? new ThreadPacker()
  const retentionTime = new RetentionTime(clock)
  const onBlock = ({ block }: RecoveredBlock): void => noteBlockInCatalog(catalog, block)
  const tiers = new TierSet({ blocksPath, tiersPath, files, log, state, packer, onBlock })
  tiers.setPlan(plan, rules)
  const nowMs = (): number => retentionTime.nowMs()
  const stored = new StoredFiles({ directory, files, log, state, heads, packer, tiers, nowMs })
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
    tiers,
    retentionTime,
    current,
    plan,
    segmentBytes: options.segmentBytes ?? DEFAULT_SEGMENT_BYTES,
    onDrop: (keptFromMs) => void catalog.forgetUnseenSince(keptFromMs),
  })
  const reader = new StoreReader(
    { blocksPath, tiersPath, state, heads: { current: () => heads.current(), close() {} } },
    {
      onDamage: (damage) =>
        log.error({ ...damage }, 'a place in the store turned out damaged; its points are missing'),
    },
  )
  const engine = new EmbeddedEngine({
    writer,
    reader,
    share: () => ({ kind: 'embedded', blocksPath, tiersPath, state: state.buffer, heads: heads.subscribe() }),
  })
  return {
    engine,
    catalog,
    setRules(next) {
      const nextPlan = planTiers(createRuleBook(next).allRetentions)
      tiers.setPlan(nextPlan, next)
      writer.setPlan(nextPlan)
    },
    async backUp(target) {
      await writer.endSegment()
      const linked = writer.unchanging
      const copied = [join(directory.path, 'FORMAT'), ...tiers.statePaths]
      return backUp({ storePath: directory.path, targetPath: target, linked, copied })
    },
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
