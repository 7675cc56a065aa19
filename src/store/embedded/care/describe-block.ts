import { closeSync, fstatSync, openSync } from 'node:fs'
import { blockPath, readTrailer, SECTION, type BlockNumbers } from '../block/block-file.ts'
import { decodeRoot } from '../block/block-root.ts'
import { bytesPerPointOf } from '../size/block-sizes.ts'
import { readPageSizes } from '../size/page-sizes.ts'
import type { Damage, FileContents } from './damage.ts'
import type { NoteSeries } from './prefix-sizes.ts'
import { readPacked } from './read-packed.ts'
import { NOTHING_FOUND } from './verify-block.ts'

/** What a block says that it holds: its root and its pages are read, no points. */
export function describeBlock(blocksPath: string, numbers: BlockNumbers, note: NoteSeries): FileContents {
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
    const bytesPerPoint = bytesPerPointOf(root)
    for (const { place, seriesCount: wanted } of root.pages) {
      const page = readPacked(fd, SECTION.page, place, (payload) =>
        readPageSizes(payload, bytesPerPoint, true),
      )
      if (page === undefined) damages.push({ path, ...place, what: `a page of ${wanted} series` })
      const { keys = [], points, bytes: chunkBytes } = page ?? {}
      const pageBytes = place.lengthBytes / Math.max(1, keys.length)
      for (const [index, key] of keys.entries())
        note(key, points?.[index] ?? 0, (chunkBytes?.[index] ?? 0) + pageBytes)
      seriesCount += keys.length
    }
    const { pointCount, oldestMs, newestMs } = root
    return { path, kind: 'block', bytes, pointCount, seriesCount, oldestMs, newestMs, damages }
  } finally {
    closeSync(fd)
  }
}
