import type { Clock, Timer } from '../../lib/clock.ts'
import type { Slices } from '../../lib/slices.ts'
import type { IndexedPoints, PointBatch } from '../../model/point.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { TimeRange } from '../../model/time-range.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { EngineStats, FlushPoints } from '../engine.ts'
import { columnsOfPoints, OrderRoom } from './columns-of-batch.ts'
import type { DataDirectory } from './data-directory.ts'
import type { FileSystem } from './file-system.ts'
import { FlushOrder } from './flush-order.ts'
import type { HeadSet } from './head/head-set.ts'
import { writeDeleteRecord, writeFlushRecords, writePointsRecords, writeSeriesRecords } from './payloads.ts'
import { RecordBuilder } from './record-builder.ts'
import type { RetentionTime } from './retention-time.ts'
import { SEGMENT_HEADER_BYTES } from './segment-file.ts'
import { beginSegment, type SegmentWriter } from './segment-writer.ts'
import { describeSegment, type StoredFile } from './stored-file.ts'
import type { StoredFiles } from './stored-files.ts'
import type { TierPlan } from './tier/plan-tiers.ts'
import type { TierSet } from './tier/tier-set.ts'

export interface LogWriterOptions {
  /** Held as long as there is a writer, and let go of when it closes. */
  readonly directory: DataDirectory
  readonly files: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly plan: TierPlan
  /** A segment is full past this, whatever its age. */
  readonly segmentBytes: number
  readonly heads: HeadSet
  /** Blocks and segments before the current one. */
  readonly stored: StoredFiles
  readonly tiers: TierSet
  readonly retentionTime: RetentionTime
  readonly current: SegmentWriter
  /** Nothing of what was before this time is kept any more. */
  readonly onDrop: (keptFromMs: number) => void
}

/** So long after its first record a segment is full: what a start after a crash has to read, and what is in memory. */
export const SEGMENT_MS = 600_000
/** Or when its head is so large. */
const MOST_HEAD_BYTES = 512 * 1_024 * 1_024

/** The end of the log: appends to it and to its head, begins a segment when one is full, drops what is past the retention. */
export class LogWriter {
  readonly #options: LogWriterOptions
  readonly #stored: StoredFiles
  #current: SegmentWriter
  readonly #builder = new RecordBuilder()
  readonly #room = new OrderRoom()
  readonly #flushOrder = new FlushOrder()
  /** Full segments that hold something no sync has covered yet. */
  #unsynced: SegmentWriter[] = []
  #syncing: Promise<void> = Promise.resolve()
  #newestFlushMs: number
  #plan: TierPlan
  /** Runs from the first record of the current segment on. */
  #timer: Timer | undefined
  #isOld = false
  #isClosed = false

  constructor(options: LogWriterOptions) {
    this.#options = options
    this.#plan = options.plan
    this.#stored = options.stored
    this.#current = options.current
    this.#newestFlushMs = Math.max(0, ...this.#stored.all.map((file) => file.newestFlushMs))
    this.#stored.setRetention(this.#plan.rawRetentionMs)
    this.#dropExpired()
    this.#stored.pack()
  }

  setPlan(plan: TierPlan): void {
    if (this.#isClosed) return
    this.#plan = plan
    this.#stored.setRetention(plan.rawRetentionMs)
    this.#dropExpired()
    this.#stored.pack()
  }

  append(batch: PointBatch | IndexedPoints): void {
    if (batch.values.length === 0) return
    this.#write(({ slots, head }, builder) => {
      const numbers = slots.numberAll(batch.series)
      writeSeriesRecords(builder, slots.unwritten)
      const numbered = batch.kind === 'indexed' ? this.#room.spread(numbers, batch.rows) : numbers
      const columns = columnsOfPoints(numbered, batch, this.#room)
      writePointsRecords(builder, columns)
      return () => head.appendPoints(columns)
    })
  }

  appendFlush({ timeMs, series, values }: FlushPoints): void {
    if (series.length === 0) return
    this.#write(({ slots, head }, builder) => {
      const numbers = slots.numberFlush(series)
      writeSeriesRecords(builder, slots.unwritten)
      const columns = this.#flushOrder.columns(numbers, values)
      writeFlushRecords(builder, timeMs, columns)
      return () => head.appendFlush(columns, timeMs)
    })
    this.#newestFlushMs = Math.max(this.#newestFlushMs, this.#current.head.newestFlushMs)
    // The next one comes after a whole interval, and finds it quickly made again.
    this.#flushOrder.giveBack()
    this.#builder.giveBack()
  }

  /** Ends early where the log goes on in another segment: `appendFlush` has to begin anew there. */
  *introduce(series: readonly SeriesIdentity[]): Slices<void> {
    const segment = this.#current
    const ahead = segment.slots.numberAhead(series)
    for (let isDone = false; !isDone; ) {
      isDone = ahead.next().done === true
      if (segment.slots.unwritten.length > 0) this.#write(writeNews)
      yield
      if (this.#current !== segment) return
    }
  }

  /** Notes that these series have no points in the range, whatever was written before. */
  delete(keys: readonly SeriesKey[], range: TimeRange): void {
    if (keys.length === 0) return
    this.#write(({ slots, head }, builder) => {
      const numbers = slots.numberKeys(keys).sort()
      writeSeriesRecords(builder, slots.unwritten)
      writeDeleteRecord(builder, { ...range, numbers })
      return () => {
        for (const number of numbers) head.delete(number, range)
      }
    })
  }

  /** One at a time, so that no file is closed under a sync. */
  sync(): Promise<void> {
    const next = this.#syncing.then(() => this.#syncNow())
    this.#syncing = next.catch(() => {})
    return next
  }

  /** Begins a new segment: all that was written so far is then in files that do not change, and survives a power cut. */
  async endSegment(): Promise<void> {
    if (!this.#isClosed && !this.#current.isEmpty) this.#roll()
    await this.sync()
  }

  /** Files that do not change, and all that is in them. */
  get unchanging(): readonly StoredFile[] {
    return [...this.#stored.all, ...this.#options.tiers.all]
  }

  stats(): EngineStats {
    let { pointCount } = this.#current.head
    let storedBytes = this.#current.lengthBytes
    for (const file of this.#stored.all) {
      pointCount += file.pointCount
      storedBytes += file.lengthBytes
    }
    for (const file of this.#options.tiers.all) storedBytes += file.lengthBytes
    const { waitingCount: waitingParts } = this.#stored
    return { pointCount, storedBytes, newestTimeMs: this.#newestFlushMs, waitingParts }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#timer?.cancel()
    try {
      await this.sync()
    } finally {
      this.#isClosed = true
      for (const segment of [...this.#unsynced, this.#current]) segment.close()
      if (this.#current.isEmpty) this.#removeEmpty()
      else this.#stored.push(describeSegment(this.#current))
      await this.#stored.finish()
      this.#options.heads.close()
      this.#options.directory.close()
    }
  }

  /** Writes the records that `build` puts together, and then does what that answers: readers see what is in the log. */
  #write(build: (segment: SegmentWriter, builder: RecordBuilder) => () => void): void {
    const { directory, clock } = this.#options
    if (this.#isClosed) {
      throw new KymoError('store-write-failed', { path: directory.logPath, reason: 'the store is closed' })
    }
    try {
      this.#rollIfDue()
      const segment = this.#current
      const builder = this.#builder
      segment.startRecords(builder)
      const publish = build(segment, builder)
      segment.commit(builder)
      segment.slots.written()
      this.#timer ??= clock.after(SEGMENT_MS, () => this.#grownOld())
      publish()
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

  /** Also when nobody writes: what is in the log becomes a block. */
  #grownOld(): void {
    this.#isOld = true
    try {
      this.#rollIfDue()
    } catch (error) {
      const { path } = this.#current
      this.#options.log.warn({ path, reason: reasonOf(error) }, 'the log could not go on in a new segment')
    }
  }

  #rollIfDue(): void {
    const { segmentBytes, files, log } = this.#options
    const { path, lengthBytes, head } = this.#current
    const isFull =
      lengthBytes >= Math.max(segmentBytes, SEGMENT_HEADER_BYTES + 1) || head.memoryBytes >= MOST_HEAD_BYTES
    // A file that somebody removed would take in all there is to write, and lose it when it is closed.
    if (!files.existsSync(path) && !this.#current.isBroken) {
      log.error({ path }, 'the segment that was being written has been removed; the log goes on in a new one')
      this.#current.abandon()
    }
    if (!isFull && !this.#isOld && !this.#current.isBroken) return
    this.#roll()
    this.#dropExpired()
  }

  /** The new segment comes first: if it cannot be made, nothing has changed. */
  #roll(): void {
    const { files, heads, directory, clock } = this.#options
    const full = this.#current
    const number = full.number + 1
    this.#current = beginSegment({
      files,
      heads,
      logPath: directory.logPath,
      number,
      createdMs: clock.nowMs(),
    })
    this.#timer?.cancel()
    this.#timer = undefined
    this.#isOld = false
    this.#unsynced.push(full)
    this.#stored.push(describeSegment(full))
    this.#stored.pack()
    this.#closePacked()
  }

  /** A block survives a power cut: what it stands for need not be synced any more. */
  #closePacked(): void {
    this.#syncing = this.#syncing.then(() => {
      const isNeeded = ({ path }: SegmentWriter): boolean =>
        this.#stored.all.some((file) => file.path === path)
      for (const segment of this.#unsynced) if (!isNeeded(segment)) segment.close()
      this.#unsynced = this.#unsynced.filter(isNeeded)
    })
  }

  #removeEmpty(): void {
    const { files, log } = this.#options
    const { path } = this.#current
    try {
      files.unlinkSync(path)
    } catch (error) {
      log.warn({ path, reason: reasonOf(error) }, 'an empty segment of the log could not be removed')
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

  /**
   * Lets go of files whose newest point is past the retention, and of points as they came only once they are rolled up. Time is that of the newest point or of the clock,
   * whichever is behind: starting with a clock that is years ahead does not take the data away.
   */
  #dropExpired(): void {
    const { onDrop, tiers, retentionTime } = this.#options
    const files = [...this.#stored.all, ...tiers.all]
    const newestMs = Math.max(this.#current.head.newestMs, ...files.map((file) => file.newestMs))
    const nowMs = Math.min(retentionTime.nowMs(), newestMs)
    const keptFromMs = Math.min(nowMs - this.#plan.rawRetentionMs, tiers.horizonMs)
    if (keptFromMs > 0) this.#stored.drop(keptFromMs)
    tiers.drop(nowMs)
    if (nowMs > this.#plan.totalRetentionMs) onDrop(nowMs - this.#plan.totalRetentionMs)
  }
}

function writeNews({ slots }: SegmentWriter, builder: RecordBuilder): () => void {
  writeSeriesRecords(builder, slots.unwritten)
  return () => {}
}
