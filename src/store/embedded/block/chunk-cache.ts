import type { Chunk } from '../codec/chunk-group.ts'

/** Points kept in memory, over all groups of all blocks. */
const MOST_POINTS = 2_097_152
/** Places of groups that were read once. */
const MOST_PLACES = 16_384

/** A chunk that was unpacked: its points before `endMs`. */
export interface KeptChunk extends Chunk {
  readonly endMs: number
  /** How far each time is from the one before; 0: not all are alike. */
  readonly stepMs: number
}

/** Chunks of one group that were unpacked, by their places in it. */
export type UnpackedGroup = ReadonlyMap<number, KeptChunk>

/**
 * Groups that were read more than once, unpacked, the latest used last: a dashboard asks for the same ones with each refresh. What
 * is read once, as by an export, takes nobody's place. Of a group each panel may want other chunks: those that were unpacked before stay.
 */
export class ChunkCache {
  readonly #groups = new Map<string, Map<number, KeptChunk>>()
  #pointCount = 0
  #readOnce = new Set<string>()

  /** In the order in which they are wanted. undefined: of some of these chunks, or of times before `endMs`, it does not know all. */
  get(
    place: string,
    wanted: readonly { readonly place: number }[],
    endMs: number,
  ): readonly KeptChunk[] | undefined {
    const known = this.#groups.get(place)
    if (known === undefined) return undefined
    const found: KeptChunk[] = []
    for (const chunk of wanted) {
      const kept = known.get(chunk.place)
      if (kept === undefined || kept.endMs < endMs) return undefined
      found.push(kept)
    }
    this.#groups.delete(place)
    this.#groups.set(place, known)
    return found
  }

  /** Whether it is to be kept when it has been read: not the first time. */
  isWorthKeeping(place: string): boolean {
    if (this.#readOnce.has(place)) return true
    if (this.#readOnce.size >= MOST_PLACES) this.#readOnce = new Set()
    this.#readOnce.add(place)
    return false
  }

  /** Keeps these besides those of the group that are there. */
  add(place: string, unpacked: UnpackedGroup): void {
    const known = this.#groups.get(place) ?? new Map<number, KeptChunk>()
    this.#groups.delete(place)
    this.#groups.set(place, known)
    // Flushes give the same times to all series.
    let { timesMs } = known.values().next().value ?? { timesMs: new Float64Array(0) }
    for (const [index, chunk] of unpacked) {
      const before = known.get(index)
      if (before !== undefined && before.endMs >= chunk.endMs) continue
      if (!isSame(timesMs, chunk.timesMs)) timesMs = chunk.timesMs
      known.set(index, { ...chunk, timesMs })
      this.#pointCount += chunk.values.length - (before?.values.length ?? 0)
    }
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
    for (const { values } of this.#groups.get(place)?.values() ?? []) this.#pointCount -= values.length
    this.#groups.delete(place)
  }
}

/** Gathers what is unpacked in a memory that is used again. */
export class GroupCopy {
  readonly #chunks = new Map<number, KeptChunk>()
  readonly #endMs: number
  #timesMs = new Float64Array(0)
  #stepMs = 0

  /** Of points before `endMs`. */
  constructor(endMs: number) {
    this.#endMs = endMs
  }

  get chunks(): UnpackedGroup {
    return this.#chunks
  }

  add(place: number, { timesMs, values }: Chunk): void {
    if (!isSame(timesMs, this.#timesMs)) {
      this.#timesMs = timesMs.slice()
      this.#stepMs = stepOf(timesMs)
    }
    const [endMs, stepMs] = [this.#endMs, this.#stepMs]
    this.#chunks.set(place, { timesMs: this.#timesMs, values: values.slice(), endMs, stepMs })
  }
}

function stepOf(timesMs: Float64Array): number {
  const stepMs = (timesMs[1] ?? 0) - (timesMs[0] ?? 0)
  for (let index = 2; index < timesMs.length; index++)
    if ((timesMs[index] as number) - (timesMs[index - 1] as number) !== stepMs) return 0
  return timesMs.length < 2 ? 0 : stepMs
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
