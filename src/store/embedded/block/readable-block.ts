import { fstatSync } from 'node:fs'
import type { SeriesKey } from '../../../model/series-key.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import type { Chunk, GroupDecoder } from '../codec/chunk-group.ts'
import { DamagedBytes } from '../codec/damaged-bytes.ts'
import { firstAtOrAfter } from '../first-at-or-after.ts'
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
import { type ChunkCache, GroupCopy, type KeptChunk } from './chunk-cache.ts'
import { decodeRoot, type BlockRoot, type GroupEntry, type PageEntry } from './block-root.ts'
import { decodePage, type PageSeries } from './series-page.ts'

export interface BlockContext {
  readonly blocksPath: string
  readonly files: OpenFiles
  readonly pages: PageCache
  /** Without it nothing that was unpacked is kept. */
  readonly chunks?: ChunkCache
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
  /** Which group of the block, and which chunk of the group. */
  readonly group: number
  readonly place: number
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
        for (const { startMs, endMs } of found.deletes) {
          if (endMs > range.startMs && startMs < range.endMs) receiver.forget(startMs, endMs)
        }
        for (const { group, place, oldestMs, newestMs } of found.chunks) {
          if (newestMs < range.startMs || oldestMs >= range.endMs) continue
          chunks.push({ group, place, receiver })
        }
      }
    }
    return partsOf(root.groups, chunks)
  }

  /** Hands the points of one part to their receivers. */
  read({ group, chunks }: BlockPart, range: TimeRange): void {
    const { chunks: cache } = this.#context
    const place = `${this.path}:${group.place.offsetBytes}`
    const known = cache?.get(place, chunks, range.endMs)
    if (known !== undefined) {
      handKept(known, chunks, range)
      return
    }
    const fd = this.#context.files.open(this.path)
    const payload = readSection(fd, SECTION.group, group.place)
    if (payload === undefined) {
      this.#report(group.place, group.chunkCount)
      return
    }
    const copy = cache?.isWorthKeeping(place) === true ? new GroupCopy(range.endMs) : undefined
    let next = 0
    try {
      this.#context.decoder.decode(
        payload,
        (chunk, index) => {
          copy?.add(index, chunk)
          for (; chunks[next]?.place === index; next++) hand(chunk, range, chunks[next]?.receiver)
        },
        (index, timesMs) => {
          while ((chunks[next]?.place ?? index) < index) next++
          return chunks[next]?.place === index ? firstAtOrAfter(timesMs, range.endMs) : 0
        },
      )
      if (copy !== undefined) cache?.add(place, copy.chunks)
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error
      this.#report(group.place, group.chunkCount)
    }
  }

  /** All series of the block, page by page; what is damaged is left out. Nothing of it is kept. */
  *allSeries(): Iterable<PageSeries> {
    for (const page of this.#knownRoot()?.pages ?? []) yield* this.readPage(page, decodePage) ?? []
  }

  /** The bytes of a page, and what `decode` makes of them; undefined: they are damaged. Nothing of it is kept. */
  readPage<Result>(page: PageEntry, decode: (payload: Uint8Array) => Result): Result | undefined {
    const fd = this.#context.files.open(this.path)
    const payload = readSection(fd, SECTION.page, page.place)
    const decoded = payload === undefined ? undefined : orDamaged(() => decode(payload))
    if (decoded === undefined) this.#report(page.place, page.seriesCount)
    return decoded
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

  #page(page: PageEntry): ReadonlyMap<SeriesKey, PageSeries> | undefined {
    const place = `${this.path}:${page.place.offsetBytes}`
    const known = this.#context.pages.get(place)
    if (known !== undefined) return known
    const series = this.readPage(page, decodePage)
    if (series === undefined) return undefined
    const rows = new Map(series.map((one) => [one.identity.key, one]))
    this.#context.pages.set(place, rows)
    return rows
  }

  #report({ offsetBytes, lengthBytes }: SectionPlace, lostRecords: number): void {
    this.#context.onDamage(this.path, { offsetBytes, lengthBytes, lostRecords })
  }
}

/** Series kept in memory, over all blocks. */
const MOST_CACHED_SERIES = 32_768

/** Pages that were read, the latest used last. */
export class PageCache {
  readonly #pages = new Map<string, ReadonlyMap<SeriesKey, PageSeries>>()
  #seriesCount = 0

  get(place: string): ReadonlyMap<SeriesKey, PageSeries> | undefined {
    const known = this.#pages.get(place)
    if (known !== undefined) {
      this.#pages.delete(place)
      this.#pages.set(place, known)
    }
    return known
  }

  set(place: string, rows: ReadonlyMap<SeriesKey, PageSeries>): void {
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
  chunks.sort((a, b) => a.group - b.group || a.place - b.place)
  const parts: BlockPart[] = []
  for (let next = 0; next < chunks.length; ) {
    const start = next
    const number = chunks[start]?.group ?? 0
    while (chunks[next]?.group === number) next++
    const group = groups[number]
    if (group !== undefined) parts.push({ group, chunks: chunks.slice(start, next) })
  }
  return parts
}

function hand({ timesMs, values }: Chunk, range: TimeRange, receiver: PointReceiver | undefined): void {
  const start = firstAtOrAfter(timesMs, range.startMs)
  receiver?.receiveRun(timesMs, values, start, firstAtOrAfter(timesMs, range.endMs))
}

/** As many of the one as of the other. */
function handKept(kept: readonly KeptChunk[], chunks: readonly WantedChunk[], range: TimeRange): void {
  let times: Float64Array | undefined
  let [start, end] = [0, 0]
  for (let index = 0; index < kept.length; index++) {
    const { timesMs, values, stepMs } = kept[index] as KeptChunk
    // Most have the same as the one before.
    if (timesMs !== times) {
      times = timesMs
      start = firstAtOrAfter(timesMs, range.startMs)
      end = firstAtOrAfter(timesMs, range.endMs)
    }
    chunks[index]?.receiver.receiveRun(timesMs, values, start, end, stepMs)
  }
}

function orDamaged<Result>(action: () => Result): Result | undefined {
  try {
    return action()
  } catch (error) {
    if (error instanceof DamagedBytes) return undefined
    throw error
  }
}
