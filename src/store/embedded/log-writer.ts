import type { Clock } from '../../lib/clock.ts'
import type { PointBatch } from '../../model/point.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { TimeRange } from '../../model/time-range.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { EngineStats, PointOrigin } from '../engine.ts'
import { describeBlock } from './block/recover-blocks.ts'
import { chooseMerge } from './block/choose-merge.ts'
import type { Packer } from './block/packer.ts'
import { columnsOfFlush, columnsOfPoints } from './columns-of-batch.ts'
import type { DataDirectory } from './data-directory.ts'
import { systemCodeOf, type FileSystem } from './file-system.ts'
import { SeriesNumbers } from './number-series.ts'
import { writeDeleteRecord, writeFlushRecord, writePointsRecord, writeSeriesRecords } from './payloads.ts'
import type { StoredFile } from './stored-file.ts'
import type { PublishedState } from './published-state.ts'
import type { RecordBuilder } from './record-builder.ts'
import { SEGMENT_HEADER_BYTES, segmentPath } from './segment-file.ts'
import { RetentionTime } from './retention-time.ts'
import { createSegment, type SegmentWriter } from './segment-writer.ts'

export interface LogWriterOptions {
  /** Held as long as there is a writer, and let go of when it closes. */
  readonly directory: DataDirectory
  readonly files: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly state: PublishedState
  readonly retentionMs: number
  readonly segmentBytes: number
  /** Blocks and segments before the current one, ascending. */
  readonly stored: readonly StoredFile[]
  readonly current: SegmentWriter
  readonly packer: Packer
  /** Points before this time were dropped with their files. */
  readonly onDrop: (keptFromMs: number) => void
}

/** Points of one record. More than this go into several, written at once. */
const POINTS_PER_RECORD = 1_048_576
const DAY_MS = 86_400_000
const LONGEST_BLOCK_MS = 31 * DAY_MS

/**
 * The end of the log: appends, begins a segment when one is full or a day old, sees that full ones become blocks, drops what is
 * past the retention.
 */
export class LogWriter {
  readonly #options: LogWriterOptions
  #stored: StoredFile[]
  #current: SegmentWriter
  #numbers: SeriesNumbers
  /** Full segments that hold something no sync has covered yet. */
  #unsynced: SegmentWriter[] = []
  #syncing: Promise<void> = Promise.resolve()
  #newestFlushMs: number
  #retentionMs: number
  readonly #retentionTime: RetentionTime
  #isPacking = false
  #packing: Promise<void> = Promise.resolve()
  /** Paths of files that stay as they are. */
  readonly #unpackable = new Set<string>()
  #isClosed = false

  constructor(options: LogWriterOptions) {
    this.#options = options
    this.#retentionMs = options.retentionMs
    this.#retentionTime = new RetentionTime(options.clock)
    this.#stored = [...options.stored]
    this.#current = options.current
    this.#numbers = new SeriesNumbers(options.current.table)
    this.#newestFlushMs = Math.max(
      options.current.index.newestFlushMs,
      ...options.stored.map((file) => file.newestFlushMs),
    )
    this.#publish()
    this.#dropExpired()
    this.#pack()
  }

  setRetention(retentionMs: number): void {
    if (retentionMs === this.#retentionMs || this.#isClosed) return
    this.#retentionMs = retentionMs
    this.#dropExpired()
  }

  append(batch: PointBatch, origin: PointOrigin): void {
    if (batch.series.length === 0) return
    this.#write(() => {
      const numbered = this.#numbers.numberAll(batch.series)
      const builder = this.#current.startRecords()
      writeSeriesRecords(builder, numbered.introduced)
      if (origin === 'flush') writeFlush(builder, numbered.numbers, batch)
      else writePoints(builder, numbered.numbers, batch)
      this.#current.commit(builder)
      this.#numbers.confirm(batch.series, numbered)
    })
    this.#newestFlushMs = Math.max(this.#newestFlushMs, this.#current.index.newestFlushMs)
  }

  /** Notes that these series have no points in the range, whatever was written before. */
  delete(keys: readonly SeriesKey[], { startMs, endMs }: TimeRange): void {
    if (keys.length === 0) return
    this.#write(() => {
      const { numbers, introduced } = this.#numbers.numberKeys(keys)
      const builder = this.#current.startRecords()
      writeSeriesRecords(builder, introduced)
      writeDeleteRecord(builder, { startMs, endMs, numbers: numbers.sort() })
      this.#current.commit(builder)
    })
  }

  /** One at a time, so that no file is closed under a sync. */
  sync(): Promise<void> {
    const next = this.#syncing.then(() => this.#syncNow())
    this.#syncing = next.catch(() => {})
    return next
  }

  stats(): EngineStats {
    let { pointCount } = this.#current.index
    let storedBytes = this.#current.lengthBytes
    for (const file of this.#stored) {
      pointCount += file.pointCount
      storedBytes += file.lengthBytes
    }
    return { pointCount, storedBytes, newestTimeMs: this.#newestFlushMs }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    try {
      await this.sync()
    } finally {
      this.#isClosed = true
      for (const segment of [...this.#unsynced, this.#current]) segment.close()
      await this.#sealLast()
      this.#options.directory.close()
    }
  }

  #write(action: () => void): void {
    if (this.#isClosed) {
      throw new KymoError('store-write-failed', {
        path: this.#options.directory.logPath,
        reason: 'the store is closed',
      })
    }
    try {
      this.#rollIfDue()
      action()
      this.#publish()
    } catch (error) {
      throw this.#writeFailure(error)
    }
  }

  #writeFailure(error: unknown): unknown {
    if (error instanceof Error && error.message.startsWith('BUG')) return error
    return new KymoError(
      'store-write-failed',
      { path: this.#current.path, reason: reasonOf(error) },
      { cause: error },
    )
  }

  #rollIfDue(): void {
    const { clock, segmentBytes, files, log } = this.#options
    const nowMs = clock.nowMs()
    const isFull = this.#current.lengthBytes >= Math.max(segmentBytes, SEGMENT_HEADER_BYTES + 1)
    const isOld = Math.floor(nowMs / DAY_MS) > Math.floor(this.#current.createdMs / DAY_MS)
    // A file that somebody removed would take in all there is to write, and lose it when it is closed.
    const { path } = this.#current
    if (!files.existsSync(path) && !this.#current.isBroken) {
      log.error({ path }, 'the segment that was being written has been removed; what it held is lost')
      this.#current.abandon()
    }
    if (!isFull && !isOld && !this.#current.isBroken) return
    this.#roll(nowMs)
    this.#dropExpired()
  }

  /** The new segment comes first: if it cannot be made, nothing has changed. */
  #roll(nowMs: number): void {
    const { files, directory, log } = this.#options
    const full = this.#current
    const number = full.number + 1
    const current = createSegment(files, {
      number,
      path: segmentPath(directory.logPath, number),
      createdMs: nowMs,
    })
    try {
      if (!full.isBroken) full.seal()
    } catch (error) {
      log.warn(
        { path: full.path, reason: reasonOf(error) },
        'a full segment of the log could not be given its index',
      )
    }
    this.#current = current
    this.#numbers = new SeriesNumbers(current.table)
    this.#unsynced.push(full)
    this.#stored.push(describeSegment(full))
    this.#publish()
    this.#pack()
  }

  /** Leaves no log, so that the next start has nothing to read through. If it cannot be done, the log is as good. */
  async #sealLast(): Promise<void> {
    const last = this.#current
    if (last.lengthBytes > SEGMENT_HEADER_BYTES) this.#stored.push(describeSegment(last))
    else this.#remove(last.path)
    // What is under way may have looked before this segment was there.
    await this.#packing
    this.#pack()
    await this.#packing
  }

  /** Sees that every full segment becomes a block, and small blocks larger ones, one at a time. */
  #pack(): void {
    if (this.#isPacking) return
    this.#isPacking = true
    this.#packing = this.#packAll()
  }

  async #packAll(): Promise<void> {
    try {
      while ((await this.#sealNext()) || (await this.#mergeNext()));
    } catch (error) {
      this.#options.log.warn(
        { path: this.#options.directory.path, reason: reasonOf(error) },
        'what is full in the log, or small in the blocks, could not be packed; it is tried again with the next segment',
      )
    } finally {
      this.#isPacking = false
    }
  }

  /** False: there was nothing to do. */
  async #sealNext(): Promise<boolean> {
    const segment = this.#stored.find((file) => file.kind === 'segment' && !this.#unpackable.has(file.path))
    if (segment === undefined) return false
    const { logPath, blocksPath } = this.#options.directory
    const { first: number, lengthBytes } = segment
    const outcome = await this.#options.packer.seal({ logPath, blocksPath, number, lengthBytes })
    if (outcome.kind === 'kept') this.#unpackable.add(segment.path)
    else this.#replace([segment], outcome.kind === 'sealed' ? describeBlock(outcome.block) : undefined)
    return true
  }

  /** The same. Not while Kymo stops: that can wait. */
  async #mergeNext(): Promise<boolean> {
    if (this.#isClosed) return false
    const blocks = chooseMerge(this.#stored, {
      longestMs: Math.min(LONGEST_BLOCK_MS, Math.max(DAY_MS, this.#retentionMs / 8)),
      isMergeable: (file) => !this.#unpackable.has(file.path),
    })
    if (blocks === undefined) return false
    const { blocksPath } = this.#options.directory
    const isFirst = blocks[0] === this.#stored[0]
    const outcome = await this.#options.packer.merge({ blocksPath, blocks, isFirst })
    if (outcome.kind === 'kept') for (const { path } of blocks) this.#unpackable.add(path)
    else this.#replace(blocks, outcome.kind === 'merged' ? describeBlock(outcome.block) : undefined)
    return true
  }

  /** Readers are told before the old files go, so that none misses both. */
  #replace(old: readonly StoredFile[], block: StoredFile | undefined): void {
    const place = this.#stored.findIndex((file) => old.includes(file))
    const rest = this.#stored.filter((file) => !old.includes(file))
    // Meanwhile all of them may have become too old to be kept.
    if (place < 0 && block !== undefined) this.#remove(block.path)
    else if (block !== undefined) rest.splice(place, 0, block)
    this.#stored = rest
    this.#options.state.replace()
    for (const { path } of old) this.#remove(path)
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

  async #syncNow(): Promise<void> {
    if (this.#isClosed) return
    const full = this.#unsynced
    const current = this.#current
    try {
      for (const segment of [...full, current]) await segment.sync()
    } catch (error) {
      // After a failed sync the system may take the pages for clean; another try would prove nothing about them.
      current.abandon()
      throw new KymoError(
        'store-write-failed',
        { path: current.path, reason: reasonOf(error) },
        { cause: error },
      )
    } finally {
      for (const segment of full) segment.close()
      this.#unsynced = this.#unsynced.filter((segment) => !full.includes(segment))
    }
  }

  #publish(): void {
    const { number, lengthBytes } = this.#current
    this.#options.state.publish({ number, lengthBytes })
  }

  /**
   * Unlinks files whose newest point is past the retention. Time is that of the newest point or of the clock,
   * whichever is behind: starting with a clock that is years ahead does not take the data away.
   */
  #dropExpired(): void {
    const { state, onDrop } = this.#options
    const newestMs = Math.max(this.#current.index.newestMs, ...this.#stored.map((file) => file.newestMs))
    const keptFromMs = Math.min(this.#retentionTime.nowMs(), newestMs) - this.#retentionMs
    if (!(keptFromMs > 0)) return
    const kept: StoredFile[] = []
    for (const file of this.#stored) {
      // What a delete took stays taken as long as an older file may hold it.
      const isNeeded = file.newestMs >= keptFromMs || (file.hasDeletes && kept.length > 0)
      if (isNeeded || !this.#remove(file.path)) kept.push(file)
    }
    this.#stored = kept
    state.drop(keptFromMs)
    onDrop(keptFromMs)
  }
}

export function describeSegment({
  number,
  path,
  lengthBytes,
  index,
}: Pick<SegmentWriter, 'number' | 'path' | 'lengthBytes' | 'index'>): StoredFile {
  return {
    kind: 'segment',
    first: number,
    last: number,
    path,
    lengthBytes,
    oldestMs: index.oldestMs,
    newestMs: index.newestMs,
    newestFlushMs: index.newestFlushMs,
    pointCount: index.pointCount,
    hasDeletes: index.deleteOffsets.length > 0,
  }
}

function writeFlush(builder: RecordBuilder, numbers: Uint32Array, batch: PointBatch): void {
  const timeMs = batch.timesMs[0] ?? 0
  if (batch.timesMs.some((other) => other !== timeMs)) throw new Error('BUG: a flush has one time')
  const columns = columnsOfFlush(numbers, batch)
  for (let start = 0; start < columns.numbers.length; start += POINTS_PER_RECORD) {
    writeFlushRecord(builder, timeMs, {
      numbers: columns.numbers.subarray(start, start + POINTS_PER_RECORD),
      values: columns.values.subarray(start, start + POINTS_PER_RECORD),
    })
  }
}

function writePoints(builder: RecordBuilder, numbers: Uint32Array, batch: PointBatch): void {
  const columns = columnsOfPoints(numbers, batch)
  for (let start = 0; start < columns.numbers.length; start += POINTS_PER_RECORD) {
    writePointsRecord(builder, {
      numbers: columns.numbers.subarray(start, start + POINTS_PER_RECORD),
      timesMs: columns.timesMs.subarray(start, start + POINTS_PER_RECORD),
      values: columns.values.subarray(start, start + POINTS_PER_RECORD),
    })
  }
}
