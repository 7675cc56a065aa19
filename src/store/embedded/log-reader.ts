import { scheduler } from 'node:timers/promises'
import type { SeriesKey } from '../../model/series-key.ts'
import type { TimeRange } from '../../model/time-range.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { EngineReader, ReadRequest, SeriesChunk, SeriesToRead } from '../engine.ts'
import { slotsOf } from '../read-request.ts'
import type { SlotGrid } from '../slot-roll-up.ts'
import { listBlocks, withoutCovered } from './block/block-file.ts'
import { PageCache, ReadableBlock, type BlockContext, type WantedKey } from './block/readable-block.ts'
import { GroupDecoder } from './codec/chunk-group.ts'
import { systemCodeOf } from './file-system.ts'
import { FileGone, OpenFiles } from './open-files.ts'
import { PublishedState, type SharedLog } from './published-state.ts'
import { ReadableSegment } from './readable-segment.ts'
import { ScanMemory, type Gap } from './scan-segment.ts'
import { listSegments } from './segment-file.ts'
import { SortingReceiver, StreamingReceiver, type PointReceiver } from './series-receivers.ts'
import { spreadRecord, type WantedSeries } from './spread-record.ts'

/** Slots held at once; a request for more is answered in several passes over the log. */
const SLOTS_PER_PASS = 8_388_608
/** Points held at once for series that have to be sorted, where more than one such series is read in a pass. */
const SORTED_POINTS_PER_PASS = 2_097_152
/** Read between two looks at the rest of the thread's work. */
const STRETCH_BYTES = 2 * 1_024 * 1_024
/** Series of full segments kept in memory, over all segments. */
const MOST_KNOWN_SERIES = 500_000
/** Points of blocks read between two looks at the rest of the thread's work. */
const POINTS_PER_STRETCH = 262_144
/** How often a read begins again because files took the place of others meanwhile. */
const MOST_ATTEMPTS = 20
/** Damaged places remembered, so that each is reported once. */
const MOST_REPORTED_GAPS = 1_000

/** As far from 1970 as a JavaScript date can be. */
const MOST_DISTANT_MS = 8_640_000_000_000_000

export interface LogReaderOptions {
  /** Called once for each damaged place that a read meets. Its points are missing from the answer, never wrong. */
  onDamage?(damage: { readonly path: string } & Gap): void
}

/**
 * Reads blocks and log, in any thread, without asking the writer: what is published is in the files. Points are never kept;
 * what is kept is where in the files which times are.
 */
export class LogReader implements EngineReader {
  readonly #logPath: string
  readonly #state: PublishedState
  readonly #options: LogReaderOptions
  readonly #files = new OpenFiles()
  readonly #memory = new ScanMemory()
  readonly #blockContext: BlockContext
  readonly #reportedGaps = new Set<string>()
  /** In the order of the log: what comes later counts. By path. */
  #sources = new Map<string, ReadableSegment | ReadableBlock>()
  #listedNumber = -1
  #listedDrops = -1
  #groups = 0
  #isClosed = false

  constructor(shared: SharedLog, options: LogReaderOptions = {}) {
    this.#logPath = shared.logPath
    this.#state = new PublishedState(shared.state)
    this.#options = options
    this.#blockContext = {
      blocksPath: shared.blocksPath,
      files: this.#files,
      pages: new PageCache(),
      decoder: new GroupDecoder(),
      onDamage: (path, gap) => this.#report(path, gap),
    }
  }

  async *read(request: ReadRequest, signal?: AbortSignal): AsyncIterable<SeriesChunk> {
    const slots = slotsOf(request)
    const { startMs, stepMs } = slots
    const seriesPerPass = Math.max(1, Math.floor(SLOTS_PER_PASS / Math.max(1, slots.count)))
    for (let next = 0; next < request.series.length; next += seriesPerPass) {
      const series = request.series.slice(next, next + seriesPerPass)
      const columns = await this.#readGroup(series, { slots, range: request.range, signal })
      for (const [index, { key }] of series.entries()) {
        signal?.throwIfAborted()
        const values = columns[index]
        if (values === undefined) throw new Error('BUG: a series was not read')
        yield { key, startMs, stepMs, values }
      }
    }
  }

  /** Those of these series that have points in the range. */
  async seriesWithPoints(keys: readonly SeriesKey[], range: TimeRange): Promise<SeriesKey[]> {
    const startMs = Math.max(range.startMs, -MOST_DISTANT_MS)
    const endMs = Math.min(range.endMs, MOST_DISTANT_MS)
    if (!(startMs < endMs)) return []
    const unique = [...new Set(keys)]
    // One slot that is as long as the range: it has a value if anything is in it.
    const slots = { startMs, stepMs: endMs - startMs, count: 1 }
    const columns = await this.#readGroup(
      unique.map((key) => ({ key, rollup: 'last' })),
      { slots, range: { startMs, endMs }, signal: undefined },
    )
    return unique.filter((_, index) => !Number.isNaN(columns[index]?.[0] ?? Number.NaN))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#files.closeAll()
    this.#sources.clear()
    this.#blockContext.pages.clear()
  }

  /**
   * Answers all series of a group, in order. When nobody reads any more, no file stays open: a segment that is dropped
   * meanwhile would keep its place on the disk.
   */
  async #readGroup(series: readonly SeriesToRead[], pass: Pass): Promise<Float64Array[]> {
    this.#groups++
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#readAll(series, pass)
        } catch (error) {
          if (!(error instanceof FileGone)) throw error
          if (attempt === MOST_ATTEMPTS)
            throw new KymoError('data-unopenable', { path: this.#logPath, reason: error.message })
          // A block has taken its place, or it was dropped: the directory tells.
          this.#listedDrops = -1
        }
      }
    } finally {
      if (--this.#groups === 0) this.#files.closeAll()
    }
  }

  async #readAll(series: readonly SeriesToRead[], pass: Pass): Promise<Float64Array[]> {
    const receivers = series.map((one) => new StreamingReceiver(one, pass.slots))
    await this.#pass(series, receivers, pass)
    const columns = receivers.map((receiver) => receiver.finish())

    const outOfOrder = [...receivers.entries()].filter(([, receiver]) => receiver.isOutOfOrder)
    while (outOfOrder.length > 0) {
      const group: number[] = []
      for (let points = 0; outOfOrder.length > 0; ) {
        const [index, { pointCount }] = outOfOrder[0] ?? [0, { pointCount: 0 }]
        points += pointCount
        if (group.length > 0 && points > SORTED_POINTS_PER_PASS) break
        group.push(index)
        outOfOrder.shift()
      }
      const sorted = group.map((index) => ({ index, one: series[index], receiver: new SortingReceiver() }))
      await this.#pass(
        sorted.flatMap(({ one }) => one ?? []),
        sorted.map(({ receiver }) => receiver),
        pass,
      )
      for (const { index, one, receiver } of sorted) {
        if (one !== undefined) columns[index] = receiver.finish(one, pass.slots)
      }
    }
    return columns
  }

  /** Goes once through all that the log has of the range, in its order. */
  async #pass(
    series: readonly SeriesToRead[],
    receivers: readonly PointReceiver[],
    { range, signal }: Pass,
  ): Promise<void> {
    const kept = { startMs: Math.max(range.startMs, this.#state.keptFromMs), endMs: range.endMs }
    const wanted = series.flatMap(({ key }, index) => {
      const receiver = receivers[index]
      return receiver === undefined ? [] : [{ key, receiver }]
    })
    for (const source of this.#currentSources()) {
      this.#checkGoesOn(signal)
      if (source instanceof ReadableBlock) await this.#passBlock(source, wanted, { range: kept, signal })
      else await this.#passSegment(source, wanted, { range: kept, signal })
    }
    this.#checkGoesOn(signal)
  }

  async #passBlock(block: ReadableBlock, wanted: readonly WantedKey[], part: PartOfPass): Promise<void> {
    const { range, signal } = part
    let points = 0
    for (const part of orUnreadable(this.#logPath, () => block.begin(wanted, range))) {
      orUnreadable(this.#logPath, () => block.read(part, range))
      points += part.group.pointCount
      if (points < POINTS_PER_STRETCH) continue
      points = 0
      await scheduler.yield()
      this.#checkGoesOn(signal)
    }
  }

  async #passSegment(
    segment: ReadableSegment,
    wanted: readonly WantedKey[],
    { range, signal }: PartOfPass,
  ): Promise<void> {
    const stretches = orUnreadable(this.#logPath, () => segment.stretchesIn(range, STRETCH_BYTES))
    if (stretches.length === 0) return
    const found = orUnreadable(this.#logPath, () => this.#wantedFrom(segment, wanted))
    if (found.numbers.length === 0) return
    for (const stretch of stretches) {
      orUnreadable(this.#logPath, () =>
        segment.readStretch(stretch, (record) => spreadRecord(record, found, range)),
      )
      await scheduler.yield()
      this.#checkGoesOn(signal)
    }
  }

  #wantedFrom(segment: ReadableSegment, wanted: readonly WantedKey[]): WantedSeries {
    const table = segment.table()
    const found = wanted.flatMap(({ key, receiver }) => {
      const number = table?.numberOf(key)
      return number === undefined ? [] : [{ number, receiver }]
    })
    this.#forgetSeries(segment)
    return {
      numbers: Uint32Array.from(found, ({ number }) => number),
      receivers: found.map(({ receiver }) => receiver),
      hints: new Uint32Array(found.length),
    }
  }

  /** All there is, in order, each segment with what was written to it by now. */
  #currentSources(): (ReadableSegment | ReadableBlock)[] {
    this.#checkGoesOn(undefined)
    return orUnreadable(this.#logPath, () => {
      let end = this.#state.end
      // Again, if files took the place of others meanwhile: a listing may have missed both.
      while (end.number !== this.#listedNumber || this.#state.dropCount !== this.#listedDrops) {
        this.#listedDrops = this.#state.dropCount
        end = this.#state.end
        this.#listedNumber = end.number
        this.#list(end.number)
      }
      const sources = [...this.#sources.values()]
      for (const source of sources) {
        if (source instanceof ReadableBlock) continue
        source.refresh(source.number === end.number ? end.lengthBytes : undefined)
      }
      return sources
    })
  }

  /** Segments are listed first: one that becomes a block in between is there twice rather than not at all. */
  #list(currentNumber: number): void {
    const { numbers } = listSegments(this.#logPath)
    const blocks = withoutCovered(listBlocks(this.#blockContext.blocksPath).blocks).current
    const segments = numbers.filter(
      (number) =>
        number <= currentNumber && !blocks.some(({ first, last }) => first <= number && number <= last),
    )
    const fresh = [
      ...blocks.map((block) => ({
        first: block.first,
        source: new ReadableBlock(block, this.#blockContext),
      })),
      ...segments.map((number) => ({ first: number, source: this.#newSegment(number) })),
    ].sort((a, b) => a.first - b.first)
    const known = this.#sources
    this.#sources = new Map(fresh.map(({ source }) => [source.path, known.get(source.path) ?? source]))
    for (const path of known.keys()) if (!this.#sources.has(path)) this.#files.close(path)
  }

  #newSegment(number: number): ReadableSegment {
    return new ReadableSegment(number, {
      logPath: this.#logPath,
      files: this.#files,
      memory: this.#memory,
      onDamage: (path, gap) => this.#report(path, gap),
    })
  }

  /** Keeps the series of the segment at hand and of as many others as there is room for. */
  #forgetSeries(current: ReadableSegment): void {
    let known = current.forgettableSeries
    for (const segment of [...this.#sources.values()].reverse()) {
      if (segment === current || segment instanceof ReadableBlock) continue
      if (known + segment.forgettableSeries > MOST_KNOWN_SERIES) segment.forgetSeries()
      else known += segment.forgettableSeries
    }
  }

  #report(path: string, gap: Gap): void {
    const place = `${path}:${gap.offsetBytes}`
    if (this.#reportedGaps.has(place) || this.#reportedGaps.size >= MOST_REPORTED_GAPS) return
    this.#reportedGaps.add(place)
    this.#options.onDamage?.({ path, ...gap })
  }

  #checkGoesOn(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new KymoError('not-ready', { reason: 'the store is closed' })
  }
}

interface PartOfPass {
  readonly range: TimeRange
  readonly signal: AbortSignal | undefined
}

interface Pass {
  readonly slots: SlotGrid
  readonly range: TimeRange
  readonly signal: AbortSignal | undefined
}

function orUnreadable<Result>(path: string, action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    throw new KymoError('data-unopenable', { path, reason: reasonOf(error) }, { cause: error })
  }
}
