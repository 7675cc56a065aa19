import type { Chunk } from '../codec/chunk-group.ts'

/** Points kept in memory, over all groups of all blocks. */
const MOST_POINTS = 2_097_152
/** Places of groups that were read once. */
const MOST_PLACES = 16_384

/** Chunks of one group that were unpacked: their points before `endMs`. */
export interface UnpackedGroup {
  readonly endMs: number
  readonly chunks: ReadonlyMap<number, Chunk>
}

/**
 * Groups that were read more than once, unpacked, the latest used last: a dashboard asks for the same ones with each refresh. What
 * is read once, as by an export, takes nobody's place.
 */
export class ChunkCache {
  readonly #groups = new Map<string, UnpackedGroup>()
  #pointCount = 0
  #readOnce = new Set<string>()

  /** undefined: of some of these chunks, or of times before `endMs`, it does not know all. */
  get(place: string, wanted: readonly number[], endMs: number): UnpackedGroup | undefined {
    const known = this.#groups.get(place)
    if (known === undefined || known.endMs < endMs || !wanted.every((chunk) => known.chunks.has(chunk)))
      return undefined
    this.#groups.delete(place)
    this.#groups.set(place, known)
    return known
  }

  /** Whether it is to be kept when it has been read: not the first time. */
  isWorthKeeping(place: string): boolean {
    if (this.#readOnce.has(place)) return true
    if (this.#readOnce.size >= MOST_PLACES) this.#readOnce = new Set()
    this.#readOnce.add(place)
    return false
  }

  set(place: string, group: UnpackedGroup): void {
    this.#remove(place)
    this.#groups.set(place, group)
    this.#pointCount += pointsOf(group)
    for (const oldest of this.#groups.keys()) {
      if (this.#pointCount <= MOST_POINTS) break
      this.#remove(oldest)
    }
  }

  clear(): void {
    this.#groups.clear()
    this.#readOnce.clear()
    this.#pointCount = 0
  }

  #remove(place: string): void {
    const known = this.#groups.get(place)
    if (known === undefined) return
    this.#groups.delete(place)
    this.#pointCount -= pointsOf(known)
  }
}

/** Gathers what is unpacked in a memory that is used again. */
export class GroupCopy {
  readonly #chunks = new Map<number, Chunk>()
  #timesMs = new Float64Array(0)

  add(place: number, { timesMs, values }: Chunk): void {
    // Flushes give the same times to all series.
    if (!isSame(timesMs, this.#timesMs)) this.#timesMs = timesMs.slice()
    this.#chunks.set(place, { timesMs: this.#timesMs, values: values.slice() })
  }

  before(endMs: number): UnpackedGroup {
    return { endMs, chunks: this.#chunks }
  }
}

function pointsOf({ chunks }: UnpackedGroup): number {
  let count = 0
  for (const { values } of chunks.values()) count += values.length
  return count
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
