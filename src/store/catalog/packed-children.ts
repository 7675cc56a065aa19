import type { CatalogChildren } from '../catalog.ts'
import { IS_BRANCH, IS_LEAF } from './packed-answers.ts'
import { type PackedTexts, TextPacker, unpackTexts } from './packed-texts.ts'

/** What is below a prefix, as columns. */
export interface PackedChildren {
  readonly paths: PackedTexts
  /** 1: leaf, 2: branch. */
  readonly kinds: Uint8Array
  readonly series: Float64Array
  readonly firstSeenMs: Float64Array
  readonly lastSeenMs: Float64Array
  readonly others: CatalogChildren['others']
}

/** Adds up series by the child they belong to. */
export class ChildrenPacker {
  readonly #limit: number
  readonly #places = new Map<string, number>()
  readonly #paths = new TextPacker()
  readonly #kinds: number[] = []
  readonly #series: number[] = []
  readonly #firstSeenMs: number[] = []
  readonly #lastSeenMs: number[] = []
  #otherSeries = 0
  #otherFirstMs = Number.POSITIVE_INFINITY
  #otherLastMs = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Where a child is counted; -1: among the others. */
  placeOf(path: string): number {
    const known = this.#places.get(path)
    if (known !== undefined) return known
    const place = this.#series.length
    if (place >= this.#limit) return -1
    this.#places.set(path, place)
    this.#paths.add(path)
    this.#kinds.push(0)
    this.#series.push(0)
    this.#firstSeenMs.push(Number.POSITIVE_INFINITY)
    this.#lastSeenMs.push(Number.NEGATIVE_INFINITY)
    return place
  }

  /** `isAt`: the series is the child itself, and not below it. */
  add(place: number, isAt: boolean, firstMs: number, lastMs: number): void {
    if (place < 0) {
      this.#otherSeries++
      this.#otherFirstMs = Math.min(this.#otherFirstMs, firstMs)
      this.#otherLastMs = Math.max(this.#otherLastMs, lastMs)
      return
    }
    this.#kinds[place] = (this.#kinds[place] as number) | (isAt ? IS_LEAF : IS_BRANCH)
    this.#series[place] = (this.#series[place] as number) + 1
    this.#firstSeenMs[place] = Math.min(this.#firstSeenMs[place] as number, firstMs)
    this.#lastSeenMs[place] = Math.max(this.#lastSeenMs[place] as number, lastMs)
  }

  finish(): PackedChildren {
    return {
      paths: this.#paths.finish(),
      kinds: Uint8Array.from(this.#kinds),
      series: Float64Array.from(this.#series),
      firstSeenMs: Float64Array.from(this.#firstSeenMs),
      lastSeenMs: Float64Array.from(this.#lastSeenMs),
      others: {
        series: this.#otherSeries,
        firstSeenMs: this.#otherFirstMs,
        lastSeenMs: this.#otherLastMs,
      },
    }
  }
}

/** A branch that lost its series while it was looked at is left out. */
export function unpackChildren(packed: PackedChildren): CatalogChildren {
  const children = unpackTexts(packed.paths).map((path, place) => ({
    path,
    isLeaf: ((packed.kinds[place] as number) & IS_LEAF) !== 0,
    isBranch: ((packed.kinds[place] as number) & IS_BRANCH) !== 0,
    series: packed.series[place] as number,
    firstSeenMs: packed.firstSeenMs[place] as number,
    lastSeenMs: packed.lastSeenMs[place] as number,
  }))
  return { children: children.filter(({ series }) => series > 0), others: packed.others }
}
