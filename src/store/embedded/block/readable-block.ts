import { fstatSync } from 'node:fs'
import type { SeriesKey } from '../../../model/series-key.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import type { GroupDecoder } from '../codec/chunk-group.ts'
import { DamagedBytes } from '../codec/damaged-bytes.ts'
import type { OpenFiles } from '../open-files.ts'
import type { Gap } from '../scan-segment.ts'
import type { PointReceiver } from '../series-receivers.ts'
import {
  blockPath,
  checkBlockHeader,
  readSection,
  readTrailer,
  SECTION,
  type BlockNumbers,
  type SectionPlace,
} from './block-file.ts'
import { decodeRoot, type BlockRoot, type GroupEntry, type PageEntry } from './block-root.ts'
import { decodePage, type PageSeries } from './series-page.ts'

export interface BlockContext {
  readonly blocksPath: string
  readonly files: OpenFiles
  readonly pages: PageCache
  readonly decoder: GroupDecoder
  onDamage(path: string, gap: Gap): void
}

/** A series that is wanted, and who takes its points. */
export interface WantedKey {
  readonly key: SeriesKey
  readonly receiver: PointReceiver
}

/** What has to be read for a pass: the groups that hold chunks of wanted series in the range, in order. */
export interface BlockPart {
  readonly group: GroupEntry
  readonly chunks: readonly WantedChunk[]
}

interface WantedChunk {
  /** Among all chunks of the block. */
  readonly ordinal: number
  readonly receiver: PointReceiver
}

/** One block as a reader knows it: its root, once that has been needed. Damage costs what it is in, and is told. */
export class ReadableBlock {
  readonly numbers: BlockNumbers
  readonly path: string
  readonly #context: BlockContext
  /** Of the file, once the root has been needed. */
  lengthBytes = 0
  #root: BlockRoot | 'unread' | 'damaged' = 'unread'

  constructor(numbers: BlockNumbers, context: BlockContext) {
    this.numbers = numbers
    this.path = blockPath(context.blocksPath, numbers)
    this.#context = context
  }

  /**
   * Tells the receivers what the block takes away from what came before it, and answers where in it their points are. No
   * point of the block is among what is taken away.
   */
  begin(wanted: readonly WantedKey[], range: TimeRange): BlockPart[] {
    const root = this.#knownRoot()
    if (root === undefined) return []
    const hasPoints = root.newestMs >= range.startMs && root.oldestMs < range.endMs
    if (!hasPoints && root.deleteCount === 0) return []
    const chunks: WantedChunk[] = []
    for (const [page, keys] of byPage(root.pages, wanted)) {
      const known = this.#page(page)
      for (const { key, receiver } of keys) {
        const found = known?.get(key)
        if (found === undefined) continue
        for (const { startMs, endMs } of found.series.deletes) {
          if (endMs > range.startMs && startMs < range.endMs) receiver.forget(startMs, endMs)
        }
        for (const [index, { oldestMs, newestMs }] of found.series.chunks.entries()) {
          if (newestMs < range.startMs || oldestMs >= range.endMs) continue
          chunks.push({ ordinal: found.firstChunk + index, receiver })
        }
      }
    }
    return partsOf(root.groups, chunks)
  }

  /** Hands the points of one part to their receivers. */
  read({ group, chunks }: BlockPart, range: TimeRange): void {
    const fd = this.#context.files.open(this.path)
    const payload = readSection(fd, SECTION.group, group.place)
    if (payload === undefined) {
      this.#report(group.place, group.chunkCount)
      return
    }
    let next = 0
    try {
      this.#context.decoder.decode(payload, ({ timesMs, values }, index) => {
        for (; chunks[next]?.ordinal === group.firstChunk + index; next++) {
          const receiver = chunks[next]?.receiver
          for (let point = firstAtOrAfter(timesMs, range.startMs); point < timesMs.length; point++) {
            const timeMs = timesMs[point] ?? 0
            if (timeMs >= range.endMs) break
            receiver?.receive(timeMs, values[point] ?? 0)
          }
        }
      })
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error
      this.#report(group.place, group.chunkCount)
    }
  }

  /** All series of the block, page by page; what is damaged is left out. */
  *allSeries(): Iterable<PageSeries> {
    for (const page of this.#knownRoot()?.pages ?? []) {
      for (const { series } of this.#page(page)?.values() ?? []) yield series
    }
  }

  /** undefined: it cannot be read, and nothing of the block can. */
  get root(): BlockRoot | undefined {
    return this.#knownRoot()
  }

  #knownRoot(): BlockRoot | undefined {
    if (this.#root === 'unread') this.#root = this.#readRoot() ?? 'damaged'
    return this.#root === 'damaged' ? undefined : this.#root
  }

  #readRoot(): BlockRoot | undefined {
    const fd = this.#context.files.open(this.path)
    const fileBytes = (this.lengthBytes = fstatSync(fd).size)
    const isHeaderWhole = checkBlockHeader(fd, this.numbers, this.path)
    const place = readTrailer(fd, fileBytes)
    const payload = place === undefined ? undefined : readSection(fd, SECTION.root, place)
    const root = payload === undefined ? undefined : orDamaged(() => decodeRoot(payload))
    if (root !== undefined && isHeaderWhole) return root
    this.#report(place ?? { offsetBytes: 0, lengthBytes: fileBytes }, 1)
    return undefined
  }

  #page(page: PageEntry): ReadonlyMap<SeriesKey, PageRow> | undefined {
    const place = `${this.path}:${page.place.offsetBytes}`
    const known = this.#context.pages.get(place)
    if (known !== undefined) return known
    const fd = this.#context.files.open(this.path)
    const payload = readSection(fd, SECTION.page, page.place)
    const series = payload === undefined ? undefined : orDamaged(() => decodePage(payload))
    if (series === undefined) {
      this.#report(page.place, page.seriesCount)
      return undefined
    }
    const rows = new Map<SeriesKey, PageRow>()
    let { firstChunk } = page
    for (const one of series) {
      rows.set(one.identity.key, { series: one, firstChunk })
      firstChunk += one.chunks.length
    }
    this.#context.pages.set(place, rows)
    return rows
  }

  #report({ offsetBytes, lengthBytes }: SectionPlace, lostRecords: number): void {
    this.#context.onDamage(this.path, { offsetBytes, lengthBytes, lostRecords })
  }
}

export interface PageRow {
  readonly series: PageSeries
  /** Of all chunks of the block, which is the first of this series. */
  readonly firstChunk: number
}

/** Series kept in memory, over all blocks. */
const MOST_CACHED_SERIES = 32_768

/** Pages that were read, the latest used last. */
export class PageCache {
  readonly #pages = new Map<string, ReadonlyMap<SeriesKey, PageRow>>()
  #seriesCount = 0

  get(place: string): ReadonlyMap<SeriesKey, PageRow> | undefined {
    const known = this.#pages.get(place)
    if (known !== undefined) {
      this.#pages.delete(place)
      this.#pages.set(place, known)
    }
    return known
  }

  set(place: string, rows: ReadonlyMap<SeriesKey, PageRow>): void {
    this.#pages.set(place, rows)
    this.#seriesCount += rows.size
    for (const [oldest, { size }] of this.#pages) {
      if (this.#seriesCount <= MOST_CACHED_SERIES || oldest === place) break
      this.#pages.delete(oldest)
      this.#seriesCount -= size
    }
  }

  clear(): void {
    this.#pages.clear()
    this.#seriesCount = 0
  }
}

function byPage(pages: readonly PageEntry[], wanted: readonly WantedKey[]): Map<PageEntry, WantedKey[]> {
  const found = new Map<PageEntry, WantedKey[]>()
  for (const one of wanted) {
    let low = 0
    let high = pages.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((pages[middle]?.firstKey ?? '') <= one.key) low = middle + 1
      else high = middle
    }
    const page = pages[low - 1]
    if (page === undefined) continue
    const known = found.get(page)
    if (known === undefined) found.set(page, [one])
    else known.push(one)
  }
  return found
}

function partsOf(groups: readonly GroupEntry[], chunks: WantedChunk[]): BlockPart[] {
  chunks.sort((a, b) => a.ordinal - b.ordinal)
  const parts: BlockPart[] = []
  let next = 0
  for (const group of groups) {
    const start = next
    const end = group.firstChunk + group.chunkCount
    while (next < chunks.length && (chunks[next]?.ordinal ?? 0) < end) next++
    if (next > start) parts.push({ group, chunks: chunks.slice(start, next) })
  }
  return parts
}

function firstAtOrAfter(timesMs: Float64Array, timeMs: number): number {
  let low = 0
  let high = timesMs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((timesMs[middle] ?? 0) < timeMs) low = middle + 1
    else high = middle
  }
  return low
}

function orDamaged<Result>(action: () => Result): Result | undefined {
  try {
    return action()
  } catch (error) {
    if (error instanceof DamagedBytes) return undefined
    throw error
  }
}
