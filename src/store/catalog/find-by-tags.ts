import type { Slices } from '../../lib/slices.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { excerpt } from '../../lib/excerpt.ts'
import type { CatalogColumns } from './catalog-columns.ts'
import { type PackedSeries, SeriesPacker } from './packed-answers.ts'
import { allLeaves } from './all-leaves.ts'
import { NAME_TAG, type TagIndex, tagsOf } from './tag-index.ts'
import { parseTagTerms, type TagTerm } from './tag-term.ts'

/**
 * Series for which all expressions hold; the contract is that of `Catalog.findSeriesByTags`. Of each term the index says as a set of bits,
 * one for each ordinal, which series it lets through; the sets are put together from the cheapest on, until what is left is so little that the
 * keys themselves are quicker to look at. They are looked at in any case, since series come and go between two slices.
 */
export function* findSeriesByTags(
  columns: CatalogColumns,
  expressions: readonly string[],
  limit: number,
): Slices<PackedSeries> {
  const terms = yield* parseTagTerms(expressions)
  const packer = new SeriesPacker(columns)
  const holds = createCheck(terms)
  const take = (row: number, key: string): void => {
    if (!holds(key)) return
    if (packer.count === limit)
      throw new KymoError('too-many-results', { pattern: excerpt(expressions.join(' '), 200), limit })
    packer.add(row, key)
  }
  const { tagged } = columns
  for (const ordinal of ordinalsIn(yield* candidates(tagged.index, terms, { isExact: false }))) {
    if (ordinal === PAUSE) {
      yield
      continue
    }
    const number = tagged.numberAt(ordinal)
    if (number >= 0) take(tagged.rowAt(number), tagged.text(number))
  }
  yield* takeUntagged(columns, terms, take)
  return packer.finish()
}

/** A series without tags has its name only. */
export function* takeUntagged(
  columns: CatalogColumns,
  terms: readonly TagTerm[],
  take: (row: number, key: string) => void,
): Slices<void> {
  if (terms.some((term) => term.tag !== NAME_TAG && !term.matches(''))) return
  const names = terms.find((term) => term.tag === NAME_TAG && term.literal !== undefined && term.needsTag)
  if (names?.literal !== undefined && names.literal !== '') {
    const row = columns.find(names.literal)
    if (row >= 0 && !names.literal.includes(';')) take(row, names.literal)
    return
  }
  yield* allLeaves(columns.tree, '', take)
}

/**
 * Bits of the ordinals that may be of series for which all terms hold; `isExact`: no others, but for those of series that went. There is a term
 * that needs a tag.
 */
export function* candidates(
  index: TagIndex,
  terms: readonly TagTerm[],
  { isExact }: { readonly isExact: boolean },
): Slices<Uint32Array> {
  const words = Math.ceil(index.limit / 32)
  const plans = terms.map((term) => ({ term, cost: costOf(index, term) })).sort(byCost)
  let found: Uint32Array | undefined
  let foundCount = 0
  for (const { term, cost } of plans) {
    if (found !== undefined && !isExact && foundCount * COST_OF_A_KEY < cost) continue
    const bits = yield* bitsOf(index, term, words)
    if (found === undefined) found = bits
    else {
      for (let word = 0; word < words; word++)
        found[word] = term.needsTag
          ? (found[word] as number) & (bits[word] as number)
          : (found[word] as number) & ~(bits[word] as number)
    }
    foundCount = countBits(found)
    if (foundCount === 0) break
    yield
  }
  return found ?? new Uint32Array(0)
}

/** In the time it takes to look at one number of a list. */
const COST_OF_A_KEY = 128
const COST_OF_A_VALUE = 128

interface Plan {
  readonly term: TagTerm
  readonly cost: number
}

/** Those that need a tag come first: of the others it is said which series they take away. */
function byCost(a: Plan, b: Plan): number {
  return Number(b.term.needsTag) - Number(a.term.needsTag) || a.cost - b.cost
}

function costOf(index: TagIndex, { tag, literal }: TagTerm): number {
  if (literal !== undefined && literal !== '') {
    const pair = index.pairOf(tag, literal)
    return pair < 0 ? 0 : index.countOf(pair)
  }
  return index.pairCountOf(tag) * COST_OF_A_VALUE + index.limit / 4
}

/** Of the series that have the tag and match; where none is needed, of those that have it and do not match. */
function* bitsOf(index: TagIndex, term: TagTerm, words: number): Slices<Uint32Array> {
  const bits = new Uint32Array(words)
  const { tag, literal, needsTag } = term
  if (literal !== undefined && literal !== '') {
    const pair = index.pairOf(tag, literal)
    if (pair >= 0) yield* index.postings.mark(pair, bits)
    return bits
  }
  let cost = 0
  for (const pair of index.pairsOf(tag)) {
    if (term.matches(index.valueOf(pair)) === needsTag) {
      yield* index.postings.mark(pair, bits)
      cost += index.countOf(pair)
    }
    cost += COST_OF_A_VALUE
    if (cost < COST_OF_A_SLICE) continue
    cost = 0
    yield
  }
  return bits
}

const COST_OF_A_SLICE = 1 << 15

/** Among ordinals: a while has passed. */
export const PAUSE = -1
const ORDINALS_BEFORE_PAUSE = 256
const WORDS_BEFORE_PAUSE = 1 << 14

/** Those whose bit is set, from the lowest on, and `PAUSE` now and then. */
export function* ordinalsIn(bits: Uint32Array): Iterable<number> {
  let steps = 0
  for (let word = 0; word < bits.length; word++) {
    for (let left = bits[word] as number; left !== 0; left &= left - 1) {
      yield word * 32 + 31 - Math.clz32(left & -left)
      if (++steps % ORDINALS_BEFORE_PAUSE === 0) yield PAUSE
    }
    if (word % WORDS_BEFORE_PAUSE === WORDS_BEFORE_PAUSE - 1) yield PAUSE
  }
}

export function countBits(bits: Uint32Array): number {
  let count = 0
  for (const word of bits) {
    let pairs = word - ((word >>> 1) & 0x5555_5555)
    pairs = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
    count += Math.imul((pairs + (pairs >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
  }
  return count
}

/** Whether all terms hold for a key. What a regular expression said of a value is kept: there are fewer values than series. */
export function createCheck(terms: readonly TagTerm[]): (key: string) => boolean {
  const checks = terms.map(({ tag, literal, matches }) => {
    if (literal !== undefined) return { tag, matches }
    const known = new Map<string, boolean>()
    return {
      tag,
      matches(value: string): boolean {
        let answer = known.get(value)
        if (answer !== undefined) return answer
        answer = matches(value)
        if (known.size < MOST_KNOWN_VALUES) known.set(value, answer)
        return answer
      },
    }
  })
  return (key) => {
    const tags = tagsOf(key)
    return checks.every(({ tag, matches }) => matches(tags.get(tag) ?? ''))
  }
}

const MOST_KNOWN_VALUES = 10_000
