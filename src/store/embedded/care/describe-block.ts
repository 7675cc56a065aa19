import { closeSync, fstatSync, openSync } from 'node:fs'
import type { SeriesKey } from '../../../model/series-key.ts'
import { blockPath, readTrailer, SECTION, type BlockNumbers } from '../block/block-file.ts'
import { decodeRoot } from '../block/block-root.ts'
import { decodePage } from '../block/series-page.ts'
import type { Damage, FileContents } from './damage.ts'
import { readPacked } from './read-packed.ts'
import { NOTHING_FOUND } from './verify-block.ts'

/** What a block says that it holds: its root and its pages are read, no points. */
export function describeBlock(blocksPath: string, numbers: BlockNumbers, keys: Set<SeriesKey>): FileContents {
  const path = blockPath(blocksPath, numbers)
  const fd = openSync(path, 'r')
  try {
    const bytes = fstatSync(fd).size
    const rootPlace = readTrailer(fd, bytes)
    const root = readPacked(fd, SECTION.root, rootPlace, decodeRoot)
    if (root === undefined) {
      const what = 'the root: nothing of the block can be found'
      const place = rootPlace ?? { offsetBytes: 0, lengthBytes: bytes }
      return { ...NOTHING_FOUND, path, bytes, damages: [{ path, ...place, what }] }
    }
    const damages: Damage[] = []
    let seriesCount = 0
    for (const { place, seriesCount: wanted } of root.pages) {
      const page = readPacked(fd, SECTION.page, place, decodePage)
      if (page === undefined) damages.push({ path, ...place, what: `a page of ${wanted} series` })
      for (const { identity } of page ?? []) keys.add(identity.key)
      seriesCount += page?.length ?? 0
    }
    const { pointCount, oldestMs, newestMs } = root
    return { path, kind: 'block', bytes, pointCount, seriesCount, oldestMs, newestMs, damages }
  } finally {
    closeSync(fd)
  }
}
