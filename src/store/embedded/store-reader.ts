import { scheduler } from 'node:timers/promises'
import type { Rollup } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { TimeRange } from '../../model/time-range.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import type {
  EngineReader,
  PointReader,
  PointsRequest,
  ReadRequest,
  SeriesChunk,
  SeriesPoints,
  SeriesToRead,
} from '../engine.ts'
import { slotsOf } from '../read-request.ts'
import type { SizeOfFile, SizeReader, SizesQuestion, StoredSizes } from '../sizes.ts'
import type { SlotGrid } from '../slot-roll-up.ts'
import { listBlocks, withoutCovered } from './block/block-file.ts'
import { ChunkCache } from './block/chunk-cache.ts'
import { PageCache, ReadableBlock, type BlockContext, type WantedKey } from './block/readable-block.ts'
import { GroupDecoder } from './codec/chunk-group.ts'
import { systemCodeOf } from './file-system.ts'
import { FileGone, OpenFiles } from './open-files.ts'
import type { HeadSource } from './head/head-set.ts'
import type { ReadableHead } from './head/readable-head.ts'
import { sourceOfBlock, sourceOfHead, type PointSource } from './point-source.ts'
import type { PublishedState } from './published-state.ts'
import type { Gap } from './scan-segment.ts'
import { SizeTotals } from './size/size-totals.ts'
import { sizesOfFiles, StoreSizes } from './size/store-sizes.ts'
import { GatheringReceiver } from './gathering-receiver.ts'
import type { TierView } from './tier/levels.ts'
import { readSlots } from './tier/read-slots.ts'
import { TierViews } from './tier/tier-views.ts'
import { SortingReceiver, StreamingReceiver, type PointReceiver } from './series-receivers.ts'

/** Slots held at once; a request for more is answered in several passes over the store. */
const SLOTS_PER_PASS = 8_388_608
/** Points held at once for series that have to be sorted, where more than one such series is read in a pass. */
const SORTED_POINTS_PER_PASS = 2_097_152
/** Series whose points are gathered at once. */
const SERIES_PER_GATHERING = 64
const NO_SLOTS: SlotGrid = { startMs: 0, stepMs: 1, count: 0 }
/** Points read between two looks at the rest of the thread's work. */
const POINTS_PER_STRETCH = 262_144
/** How often a read begins again because files took the place of others meanwhile. */
const MOST_ATTEMPTS = 20
/** Damaged places remembered, so that each is reported once. */
const MOST_REPORTED_GAPS = 1_000

/** As far from 1970 as a JavaScript date can be. */
const MOST_DISTANT_MS = 8_640_000_000_000_000

export interface StoreReaderOptions {
  /** Called once for each damaged place that a read meets. Its points are missing from the answer, never wrong. */
  onDamage?(damage: { readonly path: string } & Gap): void
}

export interface ReadableStore {
  readonly blocksPath: string
  readonly tiersPath: string
  readonly state: PublishedState
  readonly heads: HeadSource
}

/**
 * Reads blocks and heads, in any thread, without asking the writer. Points are never kept; what is kept is where in the
 * blocks which times are.
 */
export class StoreReader implements EngineReader, PointReader, SizeReader {
  readonly #state: PublishedState
  readonly #heads: HeadSource
  readonly #options: StoreReaderOptions
  readonly #files = new OpenFiles()
  readonly #blockContext: BlockContext
  readonly #reportedGaps = new Set<string>()
  readonly #tiers: TierViews
  readonly #sizes: StoreSizes
  /** Ascending, by path. */
  #blocks = new Map<string, ReadableBlock>()
  #listedDrops = -1
  #groups = 0
  #isClosed = false

  constructor({ blocksPath, tiersPath, state, heads }: ReadableStore, options: StoreReaderOptions = {}) {
    this.#state = state
    this.#heads = heads
    this.#options = options
    this.#blockContext = {
      blocksPath,
      files: this.#files,
      pages: new PageCache(),
      chunks: new ChunkCache(),
      decoder: new GroupDecoder(),
      onDamage: (path, gap) => this.#report(path, gap),
    }
    this.#tiers = new TierViews(tiersPath, this.#blockContext)
    this.#sizes = new StoreSizes(blocksPath)
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

  async *points({ keys, range }: PointsRequest, signal?: AbortSignal): AsyncIterable<SeriesPoints> {
    const pass: Pass = { slots: NO_SLOTS, range, signal }
    for (let next = 0; next < keys.length; next += SERIES_PER_GATHERING) {
      const some = keys.slice(next, next + SERIES_PER_GATHERING)
      const receivers = await this.#attempt(async () => {
        const gathering = some.map(() => new SortingReceiver())
        await this.#pass(
          some.map((key) => ({ key, rollup: 'last' })),
          gathering,
          pass,
        )
        return gathering
      })
      for (const [index, key] of some.entries()) {
        signal?.throwIfAborted()
        yield { key, ...(receivers[index] as SortingReceiver).points() }
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
    const inTiers = await this.#seriesInTiers(unique, { startMs, endMs })
    return unique.filter((key, index) => inTiers.has(key) || !Number.isNaN(columns[index]?.[0] ?? Number.NaN))
  }

  sizes(question: SizesQuestion, signal?: AbortSignal): Promise<StoredSizes> {
    return this.#attempt(async () => {
      const totals = new SizeTotals(question)
      const heads = this.#uncoveredHeads()
      const parts = { blocks: this.#blocks.values(), tierBlocks: this.#tiers.blocks, heads }
      await this.#drain(this.#sizes.add(question.prefix, parts, totals), signal)
      return totals.finish()
    })
  }

  files(): Promise<readonly SizeOfFile[]> {
    return this.#attempt(async () => {
      this.#uncoveredHeads()
      return sizesOfFiles(this.#blocks.values(), this.#tiers.blocks)
    })
  }

  async #seriesInTiers(keys: readonly SeriesKey[], range: TimeRange): Promise<ReadonlySet<SeriesKey>> {
    const found = new Set<SeriesKey>()
    for (const tier of this.#tiers.all) {
      const wanted = keys.map((key) => ({ key, receiver: new GatheringReceiver() }))
      for (const source of tier.column('count'))
        for (const _ of source.pass(wanted, range)) this.#checkGoesOn(undefined)
      for (const { key, receiver } of wanted) if (receiver.pointCount > 0) found.add(key)
    }
    return found
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#files.closeAll()
    this.#heads.close()
    this.#blocks.clear()
    this.#blockContext.pages.clear()
    this.#blockContext.chunks?.clear()
  }

  /** Answers all series of a group, in order. */
  #readGroup(series: readonly SeriesToRead[], pass: Pass): Promise<Float64Array[]> {
    return this.#attempt(() => this.#readAll(series, pass))
  }

  /**
   * Reads, and begins anew if a file has gone. When nobody reads any more, no file stays open: a block that is dropped
   * meanwhile would keep its place on the disk.
   */
  async #attempt<Result>(read: () => Promise<Result>): Promise<Result> {
    this.#groups++
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await read()
        } catch (error) {
          if (!(error instanceof FileGone)) throw error
          if (attempt === MOST_ATTEMPTS)
            throw new KymoError('data-unopenable', {
              path: this.#blockContext.blocksPath,
              reason: error.message,
            })
          // A block has taken its place, or it was dropped: the directory tells.
          this.#listedDrops = -1
        }
      }
    } finally {
      if (--this.#groups === 0) this.#files.closeAll()
    }
  }

  /** Those that tiers have a part of are read from there, the others from the points as they came. */
  async #readAll(series: readonly SeriesToRead[], pass: Pass): Promise<Float64Array[]> {
    const raw = { sources: this.#currentSources(), completeFromMs: this.#rawCompleteFromMs() }
    const columns: Float64Array[] = []
    const alike = Map.groupBy(series.keys(), (place) => {
      const tiers = this.#tiersOf(series[place], pass.slots)
      const isPlain = plainRollup(series[place]) !== undefined
      return tiers.length > 0 || !isPlain ? tiers.map(({ stepMs }) => stepMs).join() : 'points'
    })
    for (const [name, places] of alike) {
      const group = places.flatMap((place) => series[place] ?? [])
      const levels = { raw, tiers: this.#tiersOf(group[0], pass.slots) }
      const answers =
        name === 'points'
          ? await this.#readPoints(group, pass)
          : await this.#drain(readSlots(levels, group, pass.slots), pass.signal)
      for (const [index, place] of places.entries()) columns[place] = answers[index] as Float64Array
    }
    return columns
  }

  /** None, if all that is asked for is still there as it came. */
  #tiersOf(series: SeriesToRead | undefined, { startMs }: SlotGrid): readonly TierView[] {
    const tiers = this.#tiers.ofSteps(series?.tierStepsMs ?? [])
    return startMs < (tiers[0]?.horizonMs ?? startMs) ? tiers : []
  }

  /** From here on every point that ever came is in blocks and heads. Only where none was dropped that is ever. */
  #rawCompleteFromMs(): number {
    const first = this.#blocks.values().next().value?.numbers.first ?? this.#heads.current()[0]?.number ?? 1
    return first > 1 ? this.#state.keptFromMs : Number.NEGATIVE_INFINITY
  }

  async #readPoints(series: readonly SeriesToRead[], pass: Pass): Promise<Float64Array[]> {
    const { slots } = pass
    // One piece of memory: to make a thousand takes longer than to read them. None, if all of them are kept as they are wanted.
    let memory: Float64Array | undefined
    const receivers = series.map((one, index) => {
      const own = (): Float64Array => {
        memory ??= new Float64Array(series.length * slots.count).fill(Number.NaN)
        return memory.subarray(index * slots.count, (index + 1) * slots.count)
      }
      return new StreamingReceiver(plainRollup(one) ?? 'last', slots, own)
    })
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
        if (one !== undefined) columns[index] = receiver.finish(plainRollup(one) ?? 'last', pass.slots)
      }
    }
    return columns
  }

  /** Goes once through all that there is of the range, in the order of the log: what comes later counts. */
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
    await this.#drain(this.#passAll(wanted, kept), signal)
  }

  *#passAll(wanted: readonly WantedKey[], range: TimeRange): Generator<number, void> {
    for (const source of this.#currentSources()) yield* source.pass(wanted, range)
  }

  /** Goes through to the end, and looks at the rest of the thread's work now and then. */
  async #drain<Result>(steps: Generator<number, Result>, signal: AbortSignal | undefined): Promise<Result> {
    let points = 0
    for (;;) {
      const step = orUnreadable(this.#blockContext.blocksPath, () => steps.next())
      if (step.done === true) {
        this.#checkGoesOn(signal)
        return step.value
      }
      points += step.value
      if (points < POINTS_PER_STRETCH) continue
      points = 0
      await scheduler.yield()
      this.#checkGoesOn(signal)
    }
  }

  /** All there is, in order. A head that is let go of meanwhile stays as it was for whoever has it from here. */
  #currentSources(): PointSource[] {
    const heads = this.#uncoveredHeads()
    return [...[...this.#blocks.values()].map(sourceOfBlock), ...heads.map(sourceOfHead)].sort(
      (a, b) => a.first - b.first,
    )
  }

  /** Takes the blocks in that there are now; the heads that none of them stands for are answered. */
  #uncoveredHeads(): ReadableHead[] {
    this.#checkGoesOn(undefined)
    let heads = this.#heads.current()
    // Again, if files took the place of others meanwhile: a block is in its place before it is told, and it is told before the
    // head goes that it was made of.
    for (let drops = this.#state.dropCount; drops !== this.#listedDrops; drops = this.#state.dropCount) {
      this.#listedDrops = drops
      orUnreadable(this.#blockContext.blocksPath, () => this.#list())
      heads = this.#heads.current()
    }
    const blocks = [...this.#blocks.values()]
    const isCovered = ({ number }: ReadableHead): boolean =>
      blocks.some(({ numbers: { first, last } }) => first <= number && number <= last)
    return heads.filter((head) => !isCovered(head))
  }

  #list(): void {
    const { current } = withoutCovered(listBlocks(this.#blockContext.blocksPath).blocks)
    const known = this.#blocks
    const fresh = current.map((numbers) => new ReadableBlock(numbers, this.#blockContext))
    this.#blocks = new Map(fresh.map((block) => [block.path, known.get(block.path) ?? block]))
    for (const path of known.keys()) if (!this.#blocks.has(path)) this.#files.close(path)
    // After what they were made of, which goes only once they are there.
    this.#tiers.list()
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

interface Pass {
  readonly slots: SlotGrid
  readonly range: TimeRange
  readonly signal: AbortSignal | undefined
}

/** undefined: more than one aggregate is needed. */
function plainRollup(series: SeriesToRead | undefined): Rollup | undefined {
  const rollup = series?.rollup
  if (series?.fewestPoints !== undefined) return undefined
  return rollup === 'avg_zero' || rollup === 'absmax' || rollup === 'absmin' ? undefined : rollup
}

function orUnreadable<Result>(path: string, action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    if (error instanceof KymoError || systemCodeOf(error) === undefined) throw error
    throw new KymoError('data-unopenable', { path, reason: reasonOf(error) }, { cause: error })
  }
}
