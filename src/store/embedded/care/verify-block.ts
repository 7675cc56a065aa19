import { closeSync, fstatSync, openSync } from 'node:fs'
import type { SeriesKey } from '../../../model/series-key.ts'
import {
  BLOCK_HEADER_BYTES,
  blockPath,
  checkBlockHeader,
  readSection,
  readTrailer,
  SECTION,
  type BlockNumbers,
  type SectionPlace,
} from '../block/block-file.ts'
import { decodeRoot, type BlockRoot, type GroupEntry } from '../block/block-root.ts'
import { decodePage, type ChunkEntry, type PageSeries } from '../block/series-page.ts'
import { GroupDecoder } from '../codec/chunk-group.ts'
import { DamagedBytes } from '../codec/damaged-bytes.ts'
import type { Damage, FileContents } from './damage.ts'
import { readPacked } from './read-packed.ts'

/** Reads every byte of a block, unpacks every point, and holds what each part says of the others against them. */
export function verifyBlock(blocksPath: string, numbers: BlockNumbers, keys: Set<SeriesKey>): FileContents {
  const path = blockPath(blocksPath, numbers)
  const fd = openSync(path, 'r')
  try {
    const bytes = fstatSync(fd).size
    const damages: Damage[] = []
    const report = ({ offsetBytes, lengthBytes }: SectionPlace, what: string): void => {
      damages.push({ path, offsetBytes, lengthBytes, what })
    }
    if (!checkBlockHeader(fd, numbers, path))
      report({ offsetBytes: 0, lengthBytes: BLOCK_HEADER_BYTES }, 'the header')
    const rootPlace = readTrailer(fd, bytes)
    const root = readPacked(fd, SECTION.root, rootPlace, decodeRoot)
    if (rootPlace === undefined || root === undefined) {
      report(
        rootPlace ?? { offsetBytes: 0, lengthBytes: bytes },
        'the root: nothing of the block can be found',
      )
      return { ...NOTHING_FOUND, path, bytes, damages }
    }
    checkCover(root, rootPlace, report)
    const { chunksOfGroups, seriesCount } = verifyPages(fd, root, { report, keys })
    let pointCount = 0
    for (const [index, group] of root.groups.entries()) {
      const points = verifyGroup(fd, group, chunksOfGroups.get(index) ?? [])
      if (points === undefined) report(group.place, `a group of ${group.chunkCount} chunks`)
      else pointCount += points
    }
    const { oldestMs, newestMs } = root
    return { path, kind: 'block', bytes, pointCount, seriesCount, oldestMs, newestMs, damages }
  } finally {
    closeSync(fd)
  }
}

/** Of a block whose root is damaged. */
export const NOTHING_FOUND = {
  kind: 'block',
  pointCount: 0,
  seriesCount: 0,
  oldestMs: Number.POSITIVE_INFINITY,
  newestMs: Number.NEGATIVE_INFINITY,
} as const

type Report = (place: SectionPlace, what: string) => void

/** Sections lie one behind the other from the header to the root: no byte belongs to none. */
function checkCover({ groups, pages }: BlockRoot, root: SectionPlace, report: Report): void {
  const last = pages.at(-1)?.place ?? groups.at(-1)?.place
  const endBytes = last === undefined ? BLOCK_HEADER_BYTES : last.offsetBytes + last.lengthBytes
  if (endBytes !== root.offsetBytes)
    report(
      { offsetBytes: endBytes, lengthBytes: root.offsetBytes - endBytes },
      'bytes that belong to nothing',
    )
}

/** The chunks that the pages speak of, by group, and how many series these are of. */
function verifyPages(
  fd: number,
  root: BlockRoot,
  { report, keys }: { report: Report; keys: Set<SeriesKey> },
): { chunksOfGroups: Map<number, ChunkEntry[]>; seriesCount: number } {
  let seriesCount = 0
  const byGroup = new Map<number, ChunkEntry[]>()
  let lastKey: SeriesKey | undefined
  for (const page of root.pages) {
    const series = readPacked(fd, SECTION.page, page.place, decodePage)
    if (series === undefined || !isPageOf(series, page.firstKey, lastKey)) {
      report(page.place, `a page of ${page.seriesCount} series`)
      continue
    }
    lastKey = series.at(-1)?.identity.key
    for (const { identity, chunks } of series) {
      keys.add(identity.key)
      seriesCount += 1
      for (const chunk of chunks) {
        const known = byGroup.get(chunk.group)
        if (known === undefined) byGroup.set(chunk.group, [chunk])
        else known.push(chunk)
      }
    }
  }
  return { chunksOfGroups: byGroup, seriesCount }
}

function isPageOf(series: readonly PageSeries[], firstKey: SeriesKey, after: SeriesKey | undefined): boolean {
  let last = after
  for (const { identity } of series) {
    if (last !== undefined && identity.key <= last) return false
    last = identity.key
  }
  return series[0]?.identity.key === firstKey
}

/** How many points a group has; undefined: it is damaged, or not what the pages say. */
function verifyGroup(fd: number, group: GroupEntry, entries: readonly ChunkEntry[]): number | undefined {
  const wanted = new Map(entries.map((entry) => [entry.place, entry]))
  let points = 0
  let isAsSaid = true
  const payload = readSection(fd, SECTION.group, group.place)
  if (payload === undefined) return undefined
  try {
    new GroupDecoder().decode(payload, ({ timesMs }, place) => {
      points += timesMs.length
      const entry = wanted.get(place)
      // Of a page that is damaged nothing is known.
      if (entry === undefined) return
      isAsSaid &&=
        entry.pointCount === timesMs.length &&
        entry.oldestMs === timesMs[0] &&
        entry.newestMs === timesMs.at(-1)
    })
  } catch (error) {
    if (error instanceof DamagedBytes) return undefined
    throw error
  }
  return isAsSaid && points === group.pointCount ? points : undefined
}
