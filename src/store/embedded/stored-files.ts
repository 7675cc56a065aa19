import { reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { chooseMerge } from './block/choose-merge.ts'
import type { Packer } from './block/packer.ts'
import { describeBlock } from './block/recover-blocks.ts'
import type { DataDirectory } from './data-directory.ts'
import { nameForDamaged, removeFile, type FileSystem } from './file-system.ts'
import type { HeadSet } from './head/head-set.ts'
import type { PublishedState } from './published-state.ts'
import type { StoredFile } from './stored-file.ts'
import type { TierSet } from './tier/tier-set.ts'

export interface StoredFilesOptions {
  readonly directory: DataDirectory
  readonly files: FileSystem
  readonly log: Log
  readonly state: PublishedState
  readonly heads: HeadSet
  readonly packer: Packer
  readonly tiers: TierSet
  /** What time it is for the retention. */
  nowMs(): number
}

const DAY_MS = 86_400_000
const LONGEST_BLOCK_MS = 31 * DAY_MS

/**
 * All that is no longer written, in the order of the log: full segments, each with its head, and blocks. Sees that segments become
 * blocks, and small blocks larger ones, one at a time and away from this thread; lets go of what is too old.
 */
export class StoredFiles {
  readonly #options: StoredFilesOptions
  #all: StoredFile[] = []
  #retentionMs = Number.POSITIVE_INFINITY
  #isPacking = false
  /** Asked for since the last look at what there is to do. */
  #isWanted = false
  #packing: Promise<void> = Promise.resolve()
  /** Paths of files that stay as they are. */
  readonly #unpackable = new Set<string>()
  #isStopping = false

  constructor(options: StoredFilesOptions) {
    this.#options = options
  }

  get all(): readonly StoredFile[] {
    return this.#all
  }

  /** Segments that are still to become blocks. */
  get waitingCount(): number {
    return this.#all.filter(({ kind, path }) => kind === 'segment' && !this.#unpackable.has(path)).length
  }

  /** Behind the others. */
  push(file: StoredFile): void {
    this.#all.push(file)
  }

  /** Blocks that are merged span an eighth of this at most. */
  setRetention(retentionMs: number): void {
    this.#retentionMs = retentionMs
  }

  /** Sees to it that what can be packed is. */
  pack(): void {
    this.#isWanted = true
    if (this.#isPacking) return
    this.#isPacking = true
    this.#packing = this.#packAll()
  }

  /** Packs what segments there are, so that the next start has nothing to read through. If it cannot be done, they are as good. */
  async finish(): Promise<void> {
    this.#isStopping = true
    // What is under way may have looked before the last segment was there.
    await this.#packing
    this.pack()
    await this.#packing
  }

  /** Makes a block of the oldest segment. False: there was none. Rejects with what the system says. */
  async sealOldest(): Promise<boolean> {
    const segment = this.#all.find((file) => file.kind === 'segment' && !this.#unpackable.has(file.path))
    if (segment === undefined) return false
    const { directory, heads, packer } = this.#options
    const head = heads.share(segment.first)
    if (head === undefined) throw new Error(`BUG: segment ${segment.first} has no head`)
    const { newestFlushMs } = segment
    const outcome = await packer.seal({ blocksPath: directory.blocksPath, newestFlushMs, head })
    if (outcome.kind === 'kept') this.#unpackable.add(segment.path)
    else this.#replace([segment], outcome.kind === 'sealed' ? describeBlock(outcome.block) : undefined)
    return true
  }

  /** Lets go of the files that hold nothing as new as this, unless it is still to be rolled up. */
  drop(keptFromMs: number): void {
    const { foldedThrough } = this.#options.tiers
    const kept: StoredFile[] = []
    for (const file of this.#all) {
      // What a delete took stays taken as long as an older file may hold it.
      const isNeeded =
        file.newestMs >= keptFromMs || file.last > foldedThrough || (file.hasDeletes && kept.length > 0)
      if (isNeeded || !this.#remove(file.path)) kept.push(file)
      else if (file.kind === 'segment') this.#options.heads.drop(file.first)
    }
    this.#all = kept
    this.#options.state.drop(keptFromMs)
  }

  async #packAll(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false
        while ((await this.sealOldest()) || (await this.#ageNext()));
      }
    } catch (error) {
      this.#options.log.warn(
        { path: this.#options.directory.path, reason: reasonOf(error) },
        'what is full in the log, or small in the blocks, could not be packed; it is tried again with the next segment',
      )
    } finally {
      this.#isPacking = false
    }
  }

  /** False: there was nothing to do. Not while Kymo stops: that can wait. */
  async #ageNext(): Promise<boolean> {
    if (this.#isStopping) return false
    const { tiers, state } = this.#options
    const raw = {
      files: this.#all,
      keptFromMs: state.keptFromMs,
      isUnpackable: ({ path }: StoredFile) => this.#unpackable.has(path),
    }
    return (
      (await tiers.foldNext(raw, this.#options.nowMs())) ||
      (await this.#mergeNext()) ||
      (await tiers.mergeNext())
    )
  }

  async #mergeNext(): Promise<boolean> {
    const blocks = chooseMerge(this.#all, {
      longestMs: Math.min(LONGEST_BLOCK_MS, Math.max(DAY_MS, this.#retentionMs / 8)),
      // What was rolled up and what was not stay apart, so that it can be told which is which.
      boundaries: this.#options.tiers.boundaries,
      isMergeable: (file) => !this.#unpackable.has(file.path),
    })
    if (blocks === undefined) return false
    const { blocksPath } = this.#options.directory
    // What they take away from what came before them is of no use any more, once the tiers know of it.
    const isKnown = (blocks.at(-1)?.last ?? 0) <= this.#options.tiers.foldedThrough
    const isFirst = blocks[0] === this.#all[0] && isKnown
    const outcome = await this.#options.packer.merge({ blocksPath, blocks, isFirst })
    if (outcome.kind === 'kept') for (const { path } of blocks) this.#unpackable.add(path)
    else this.#replace(blocks, outcome.kind === 'merged' ? describeBlock(outcome.block) : undefined)
    return true
  }

  /** Readers are told before the old files and heads go, so that none misses both. */
  #replace(old: readonly StoredFile[], block: StoredFile | undefined): void {
    const place = this.#all.findIndex((file) => old.includes(file))
    const rest = this.#all.filter((file) => !old.includes(file))
    // Meanwhile all of them may have become too old to be kept.
    if (place < 0 && block !== undefined) this.#remove(block.path)
    else if (block !== undefined) rest.splice(place, 0, block)
    this.#all = rest
    this.#options.state.replace()
    for (const { kind, first, path, isDamaged } of old) {
      if (kind === 'segment') this.#options.heads.drop(first)
      if (isDamaged === true) this.#putAside(path)
      else this.#remove(path)
    }
  }

  #remove(path: string): boolean {
    const { files, log } = this.#options
    const reason = removeFile(files, path)
    if (reason !== undefined)
      log.warn({ path, reason }, 'a file of the store that is not needed could not be removed')
    return reason === undefined
  }

  /** The block says what can be read; somebody may make more of the rest. */
  #putAside(path: string): void {
    const { files, log } = this.#options
    const keptAt = nameForDamaged(files, path)
    try {
      files.renameSync(path, keptAt)
      log.warn(
        { path, keptAt },
        'a damaged segment of the log was put aside; what can be read of it is in a block',
      )
    } catch (error) {
      log.warn({ path, reason: reasonOf(error) }, 'a damaged segment of the log could not be put aside')
    }
  }
}
