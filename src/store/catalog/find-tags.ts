import type { Slices } from '../../lib/slices.ts'
import type { TagQuestion, TagValue } from '../catalog.ts'
import { allLeaves } from './all-leaves.ts'
import type { CatalogColumns } from './catalog-columns.ts'
import { candidates, createCheck, ordinalsIn, PAUSE, takeUntagged } from './find-by-tags.ts'
import { FirstTexts } from './first-texts.ts'
import { NAME_TAG, tagsOf } from './tag-index.ts'
import { matcherOf, parseTagTerms, type TagTerm } from './tag-term.ts'

/** Tags that series have; the contract is that of `Catalog.tags`. */
export function* findTags(columns: CatalogColumns, question: TagQuestion): Slices<string[]> {
  const { index } = columns.tagged
  const isWanted = textFilter(question)
  const terms = yield* termsOf(question)
  const used = new Set(terms.map(({ tag }) => tag))
  const found = new FirstTexts(question.limit)
  const bits = terms.length === 0 ? undefined : yield* liveBits(columns, terms)
  for (const tag of index.tags()) {
    yield
    if (used.has(tag) || !isWanted(tag)) continue
    for (const [place, pair] of pairs(index.pairsOf(tag))) {
      if (place % PAIRS_IN_A_SLICE === PAIRS_IN_A_SLICE - 1) yield
      const isThere =
        bits === undefined ? index.liveOf(pair) > 0 : (yield* index.postings.countIn(pair, bits)) > 0
      if (!isThere) continue
      found.add(tag, 1)
      break
    }
  }
  // What has no tags has its name.
  if (!used.has(NAME_TAG) && isWanted(NAME_TAG) && (yield* hasUntagged(columns, terms)))
    found.add(NAME_TAG, 1)
  return found.sorted().map(([tag]) => tag)
}

/** Values of a tag; the contract is that of `Catalog.tagValues`. */
export function* findTagValues(
  columns: CatalogColumns,
  tag: string,
  question: TagQuestion,
): Slices<TagValue[]> {
  const { index } = columns.tagged
  const isWanted = textFilter(question)
  const terms = yield* termsOf(question)
  const found = new FirstTexts(question.limit)
  const bits = terms.length === 0 ? undefined : yield* liveBits(columns, terms)
  for (const [place, pair] of pairs(index.pairsOf(tag))) {
    if (place % PAIRS_IN_A_SLICE === PAIRS_IN_A_SLICE - 1) yield
    const value = index.valueOf(pair)
    if (!found.mayTake(value) || !isWanted(value)) continue
    const count = bits === undefined ? index.liveOf(pair) : yield* index.postings.countIn(pair, bits)
    if (count > 0) found.add(value, count)
  }
  if (tag === NAME_TAG) {
    const holds = createCheck(terms)
    const take = (_row: number, path: string): void => {
      const name = tagsOf(path).get(NAME_TAG)
      if (name !== undefined && found.mayTake(name) && isWanted(name) && holds(path)) found.add(name, 1)
    }
    if (terms.length === 0) yield* allLeaves(columns.tree, '', take)
    else yield* takeUntagged(columns, terms, take)
  }
  return found.sorted().map(([value, count]) => ({ value, count }))
}

const PAIRS_IN_A_SLICE = 256

function* termsOf({ expressions = [] }: TagQuestion): Slices<readonly TagTerm[]> {
  return expressions.length === 0 ? [] : yield* parseTagTerms(expressions)
}

function textFilter({ prefix = '', filter }: TagQuestion): (text: string) => boolean {
  const matches = filter === undefined ? () => true : matcherOf(filter)
  return (text) => text.startsWith(prefix) && matches(text)
}

/** Exactly those of series that there are and that the terms hold for. */
function* liveBits(columns: CatalogColumns, terms: readonly TagTerm[]): Slices<Uint32Array> {
  const { tagged } = columns
  const bits = yield* candidates(tagged.index, terms, { isExact: true })
  for (const ordinal of ordinalsIn(bits)) {
    if (ordinal === PAUSE) yield
    else if (tagged.numberAt(ordinal) < 0)
      bits[ordinal >>> 5] = (bits[ordinal >>> 5] as number) & ~(1 << (ordinal & 31))
  }
  return bits
}

function* hasUntagged(columns: CatalogColumns, terms: readonly TagTerm[]): Slices<boolean> {
  if (terms.length === 0) return columns.rows.size > columns.tagged.size
  const holds = createCheck(terms)
  let isThere = false
  yield* takeUntagged(columns, terms, (_row, path) => {
    isThere ||= holds(path)
  })
  return isThere
}

function* pairs(numbers: Iterable<number>): Iterable<readonly [place: number, pair: number]> {
  let place = 0
  for (const pair of numbers) yield [place++, pair]
}
