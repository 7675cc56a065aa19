import type { StoredFile } from '../stored-file.ts'

/** So many blocks become one. */
const BLOCKS_PER_MERGE = 4
/** No block becomes larger by merging: it would be rewritten for too long. */
const LARGEST_BYTES = 256 * 1_024 * 1_024

/** Of the bytes of all, what the largest may have. */
const LARGEST_SHARE = 0.4

export interface MergeLimits {
  /** What a merged block may span, unless one of those that it is made of spans more: blocks go whole when they are old. */
  readonly longestMs: number
  /** Numbers of segments: what goes up to one of them and what is behind it does not become one block. */
  readonly boundaries?: readonly number[]
  isMergeable(file: StoredFile): boolean
}

/**
 * Which blocks are to become one, next to each other, ascending; undefined: none. The latest first: there small ones are
 * added. No run is chosen in which one has most of the bytes, so that what is old is not written again for
 * every little that comes: each point is rewritten about once for every fourfold growth.
 */
export function chooseMerge(
  files: readonly StoredFile[],
  limits: MergeLimits,
): readonly StoredFile[] | undefined {
  for (let end = files.length; end >= BLOCKS_PER_MERGE; end--) {
    const run = files.slice(end - BLOCKS_PER_MERGE, end)
    const areBlocks = run.every((file) => file.kind === 'block' && limits.isMergeable(file))
    const isBetween = !(limits.boundaries ?? []).some((number) => isAcross(run, number))
    if (areBlocks && isBetween && isWorthIt(run) && isShortEnough(run, limits.longestMs)) return run
  }
  return undefined
}

function isAcross(run: readonly StoredFile[], number: number): boolean {
  return (run[0]?.first ?? 0) <= number && number < (run.at(-1)?.last ?? 0)
}

function isWorthIt(run: readonly StoredFile[]): boolean {
  const sizes = run.map(({ lengthBytes }) => lengthBytes)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  return bytes <= LARGEST_BYTES && Math.max(...sizes) <= bytes * LARGEST_SHARE
}

function isShortEnough(run: readonly StoredFile[], longestMs: number): boolean {
  const newestMs = Math.max(...run.map((file) => file.newestMs))
  const oldestMs = Math.min(...run.map((file) => file.oldestMs))
  const longestOfOneMs = Math.max(...run.map((file) => file.newestMs - file.oldestMs))
  return newestMs - oldestMs <= Math.max(longestMs, longestOfOneMs)
}
