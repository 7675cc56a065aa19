import type { BlockRoot } from '../block/block-root.ts'
import type { ReadableBlock } from '../block/readable-block.ts'
import { childPathOf, isByTag } from '../../child-path.ts'
import { readPageSizes } from './page-sizes.ts'

/** Called with what a child of the prefix has in a place; several times for one. */
export type TakeSize = (path: string, points: number, bytes: number) => void

/**
 * What the series below prefixes take up in one block. The totals of its pages are remembered, as a block never changes: whoever asks for the second time reads the pages
 * at the edges of what is asked for, and no other.
 */
export class BlockSizes {
  readonly #block: ReadableBlock
  /** Per page: points and bytes; NaN: not read yet. */
  #totals: Float64Array | undefined
  #bytesPerPoint: Float64Array | undefined

  constructor(block: ReadableBlock) {
    this.#block = block
  }

  /** Yields after each page that it has read. */
  *add(prefix: string, take: TakeSize): Generator<void, void> {
    const { root } = this.#block
    if (root === undefined) return
    const { pages } = root
    const totals = (this.#totals ??= new Float64Array(pages.length * 2).fill(Number.NaN))
    const bytesPerPoint = (this.#bytesPerPoint ??= bytesPerPointOf(root))
    for (const [index, page] of pages.entries()) {
      const nextKey = pages[index + 1]?.firstKey
      if (!reachesBelow(page.firstKey, nextKey, prefix)) continue
      const overhead = page.place.lengthBytes / Math.max(1, page.seriesCount)
      const child = commonChild(page.firstKey, nextKey, prefix)
      const place = index * 2
      if (child !== undefined && !Number.isNaN(totals[place] as number)) {
        take(child, totals[place] as number, totals[place + 1] as number)
        continue
      }
      const sizes = this.#block.readPage(page, (payload) =>
        readPageSizes(payload, bytesPerPoint, child === undefined),
      )
      totals[place] = sizes?.points.reduce(sum, 0) ?? 0
      totals[place + 1] = page.place.lengthBytes + (sizes?.bytes.reduce(sum, 0) ?? 0)
      if (child !== undefined) take(child, totals[place] as number, totals[place + 1] as number)
      else
        for (const [at, key] of (sizes?.keys ?? []).entries()) {
          const path = childPathOf(key, prefix)
          if (path === undefined) continue
          take(path, sizes?.points[at] as number, (sizes?.bytes[at] as number) + overhead)
        }
      yield
    }
  }
}

function sum(total: number, value: number): number {
  return total + value
}

/** By group of the block. */
export function bytesPerPointOf({ groups }: BlockRoot): Float64Array {
  return Float64Array.from(groups, ({ place, pointCount }) => place.lengthBytes / Math.max(1, pointCount))
}

/** Whether a page that begins with one key and ends before another can have series below the prefix. undefined: there is no page behind it. */
function reachesBelow(firstKey: string, nextKey: string | undefined, prefix: string): boolean {
  // Tags are in keys of any name.
  if (prefix === '' || isByTag(prefix)) return true
  const reaches = (from: string, to: string): boolean =>
    firstKey < to && (nextKey === undefined || nextKey > from)
  return (
    reaches(prefix, `${prefix}\0`) ||
    reaches(`${prefix}.`, `${prefix}/`) ||
    reaches(`${prefix};`, `${prefix}<`)
  )
}

/** The child that every series of such a page belongs to; undefined: that cannot be told. */
function commonChild(firstKey: string, nextKey: string | undefined, prefix: string): string | undefined {
  if (nextKey === undefined || isByTag(prefix)) return undefined
  const child = childPathOf(firstKey, prefix)
  if (child === undefined || firstKey.length === child.length) return undefined
  // What begins with both has everything between them begin so.
  const begin = firstKey.slice(0, child.length + 1)
  return nextKey.startsWith(begin) ? child : undefined
}
