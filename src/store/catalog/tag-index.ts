import { grow, release } from '../../lib/grow.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { parseSeriesKey } from '../../model/series-key.ts'
import { NameTable } from './name-table.ts'
import { Postings } from './postings.ts'

/**
 * Which tagged series have which tag and value. Series are ordinals here: each gets a higher one than those before, so that the
 * list of a pair grows at its end and is always sorted. An ordinal is nobody else's later; those of series that went stay in the lists
 * until the catalog is built anew.
 *
 *   pair 0   env=prod      ordinals 0 1 4 7     3 of them live
 *   pair 1   host=web1     ordinals 0 4
 *   pair 2   name=requests ordinals 0 1 2 4
 */
export class TagIndex {
  /** `env=prod`. A tag has no `=` in it. They are not forgotten either. */
  readonly #pairs = new NameTable()
  readonly #tags = new NameTable()
  readonly #postings = new Postings()
  /** By pair: how many live series have it, and the next pair of the same tag, and 1. */
  #live = new Uint32Array(FIRST_PAIRS)
  #nextOfTag = new Uint32Array(FIRST_PAIRS)
  /** By tag: the newest pair, and 1; how many pairs there are. */
  #firstOfTag = new Uint32Array(FIRST_PAIRS)
  #pairCounts = new Uint32Array(FIRST_PAIRS)
  #ordinals = 0

  /** Ordinals are below this. */
  get limit(): number {
    return this.#ordinals
  }

  /** Returns the ordinal of the series. */
  add(key: SeriesKey): number {
    const ordinal = this.#ordinals++
    for (const [tag, value] of tagsOf(key)) {
      const pair = this.#use(tag, value)
      this.#live[pair] = (this.#live[pair] as number) + 1
      this.#postings.add(pair, ordinal)
    }
    return ordinal
  }

  remove(key: SeriesKey): void {
    for (const [tag, value] of tagsOf(key)) {
      const pair = this.pairOf(tag, value)
      this.#live[pair] = (this.#live[pair] as number) - 1
    }
  }

  /** -1: no series ever had it. */
  pairOf(tag: string, value: string): number {
    return this.#pairs.find(`${tag}=${value}`)
  }

  /** Live series that have it. */
  liveOf(pair: number): number {
    return this.#live[pair] ?? 0
  }

  /** Series that have it or had it. */
  countOf(pair: number): number {
    return this.#postings.countOf(pair)
  }

  valueOf(pair: number): string {
    const text = this.#pairs.text(pair)
    return text.slice(text.indexOf('=') + 1)
  }

  get postings(): Pick<Postings, 'mark' | 'countIn'> {
    return this.#postings
  }

  tags(): string[] {
    return Array.from({ length: this.#tags.limit }, (_, tag) => this.#tags.text(tag))
  }

  /** How many values a tag has or had. */
  pairCountOf(tag: string): number {
    const number = this.#tags.find(tag)
    return number < 0 ? 0 : (this.#pairCounts[number] as number)
  }

  /** The newest first; those that come meanwhile are not among them. */
  *pairsOf(tag: string): Iterable<number> {
    const number = this.#tags.find(tag)
    if (number < 0) return
    for (
      let next = this.#firstOfTag[number] as number;
      next !== 0;
      next = this.#nextOfTag[next - 1] as number
    )
      yield next - 1
  }

  /** Gives its memory back at once; it is not used after that. */
  free(): void {
    for (const table of [this.#pairs, this.#tags]) table.free()
    this.#postings.free()
    for (const column of [this.#live, this.#nextOfTag, this.#firstOfTag, this.#pairCounts]) release(column)
  }

  #use(tag: string, value: string): number {
    const known = this.pairOf(tag, value)
    if (known >= 0) return known
    const pair = this.#pairs.use(`${tag}=${value}`)
    let number = this.#tags.find(tag)
    if (number < 0) number = this.#tags.use(tag)
    if (pair >= this.#live.length) {
      this.#live = grow(this.#live, new Uint32Array(this.#live.length * 2))
      this.#nextOfTag = grow(this.#nextOfTag, new Uint32Array(this.#nextOfTag.length * 2))
    }
    if (number >= this.#firstOfTag.length) {
      this.#firstOfTag = grow(this.#firstOfTag, new Uint32Array(this.#firstOfTag.length * 2))
      this.#pairCounts = grow(this.#pairCounts, new Uint32Array(this.#pairCounts.length * 2))
    }
    this.#live[pair] = 0
    this.#nextOfTag[pair] = this.#firstOfTag[number] as number
    this.#firstOfTag[number] = pair + 1
    this.#pairCounts[number] = (this.#pairCounts[number] as number) + 1
    return pair
  }
}

/**
 * The tags of a series as expressions see them, its name among them: of one tag the last value counts, an empty one is none, and the
 * name wins, without the `~` that it may begin with.
 */
export function tagsOf(key: SeriesKey): Map<string, string> {
  const { name, tags } = parseSeriesKey(key)
  const found = new Map<string, string>()
  for (const [tag, value] of tags) {
    if (value === '') found.delete(tag)
    else found.set(tag, value)
  }
  const shownName = name.replace(/^~+/, '')
  if (shownName === '') found.delete(NAME_TAG)
  else found.set(NAME_TAG, shownName)
  return found
}

/** Every series has it: its name without tags. */
export const NAME_TAG = 'name'
const FIRST_PAIRS = 256
