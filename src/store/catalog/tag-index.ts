import { grow } from '../../lib/grow.ts'
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
  /** The pairs of the series that was added last. */
  readonly #last: { readonly text: string; readonly pair: number }[] = []

  /** Ordinals are below this. */
  get limit(): number {
    return this.#ordinals
  }

  /** Returns the ordinal of the series. */
  add(key: SeriesKey): number {
    const ordinal = this.#ordinals++
    for (const [place, text] of pairsOf(key).entries()) {
      // Fast path: most tags of a series are those of the one before.
      const last = this.#last[place]
      const pair = last?.text === text ? last.pair : this.#use(text)
      if (last?.text !== text && place < MOST_LAST) this.#last[place] = { text, pair }
      this.#live[pair] = (this.#live[pair] as number) + 1
      this.#postings.add(pair, ordinal)
    }
    return ordinal
  }

  remove(key: SeriesKey): void {
    for (const text of pairsOf(key)) {
      const pair = this.#pairs.find(text)
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

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    const own = [this.#live, this.#nextOfTag, this.#firstOfTag, this.#pairCounts]
    return [...this.#pairs.columns, ...this.#tags.columns, ...this.#postings.columns, ...own]
  }

  #use(text: string): number {
    const known = this.#pairs.find(text)
    if (known >= 0) return known
    const pair = this.#pairs.use(text)
    const tag = text.slice(0, text.indexOf('='))
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

/** The same as texts, `env=prod`. */
function pairsOf(key: SeriesKey): string[] {
  const nameEnd = key.indexOf(';')
  const pairs = [`${NAME_TAG}=${key.slice(0, nameEnd)}`]
  let lastTag = ''
  for (let start = nameEnd + 1; start <= key.length; ) {
    const nextEnd = key.indexOf(';', start)
    const end = nextEnd < 0 ? key.length : nextEnd
    const equals = key.indexOf('=', start)
    const tag = key.slice(start, equals)
    // Fast path: tags as they have to be, in order. Any other text is a key as well.
    if (
      equals < 0 ||
      equals + 1 >= end ||
      tag <= lastTag ||
      tag === NAME_TAG ||
      nameEnd <= 0 ||
      key[0] === '~'
    )
      return Array.from(tagsOf(key), ([one, value]) => `${one}=${value}`)
    pairs.push(key.slice(start, end))
    lastTag = tag
    start = end + 1
  }
  return pairs
}

/** Every series has it: its name without tags. */
export const NAME_TAG = 'name'
const FIRST_PAIRS = 256
const MOST_LAST = 16
