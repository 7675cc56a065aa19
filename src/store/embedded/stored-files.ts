import { reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { chooseMerge } from './block/choose-merge.ts'
import type { Packer } from './block/packer.ts'
import { describeBlock } from './block/recover-blocks.ts'
import type { DataDirectory } from './data-directory.ts'
import { nameForDamaged, systemCodeOf, type FileSystem } from './file-system.ts'
import type { HeadSet } from './head/head-set.ts'
import type { PublishedState } from './published-state.ts'
import type { StoredFile } from './stored-file.ts'

export interface StoredFilesOptions {
  readonly directory: DataDirectory
  readonly files: FileSystem
  readonly log: Log
  readonly state: PublishedState
  readonly heads: HeadSet
  readonly packer: Packer
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

  /** Lets go of the files that hold nothing as new as this. */
  drop(keptFromMs: number): void {
    const kept: StoredFile[] = []
    for (const file of this.#all) {
      // What a delete took stays taken as long as an older file may hold it.
      const isNeeded = file.newestMs >= keptFromMs || (file.hasDeletes && kept.length > 0)
      if (isNeeded || !this.#remove(file.path)) kept.push(file)
      else if (file.kind === 'segment') this.#options.heads.drop(file.first)
    }
    this.#all = kept
    this.#options.state.drop(keptFromMs)
  }

  async #packAll(): Promise<void> {
    try {
      while ((await this.sealOldest()) || (await this.#mergeNext()));
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
  async #mergeNext(): Promise<boolean> {
    if (this.#isStopping) return false
    const blocks = chooseMerge(this.#all, {
      longestMs: Math.min(LONGEST_BLOCK_MS, Math.max(DAY_MS, this.#retentionMs / 8)),
      isMergeable: (file) => !this.#unpackable.has(file.path),
    })
    if (blocks === undefined) return false
    const { blocksPath } = this.#options.directory
    const isFirst = blocks[0] === this.#all[0]
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
    try {
      files.unlinkSync(path)
      return true
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return true
      log.warn(
        { path, reason: reasonOf(error) },
        'a file of the store that is not needed could not be removed',
      )
      return false
    }
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
