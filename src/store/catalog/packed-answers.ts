import type { CatalogEntry, CatalogMetric, CatalogNode } from '../catalog.ts'
import type { CatalogColumns } from './catalog-columns.ts'
import { type PackedTexts, TextPacker, unpackTexts } from './packed-texts.ts'
import { unpackKind } from './series-rows.ts'

/** What a find says, as columns: as quickly given to another thread as a few texts. Sorted by who unpacks it. */
export interface PackedSeries {
  readonly keys: PackedTexts
  /** Of a series that is its own metric, nothing. */
  readonly metricKeys: PackedTexts
  readonly isItsOwn: Uint8Array
  /** See `unpackKind`. */
  readonly kinds: Uint32Array
  readonly numbers: Float64Array
  readonly firstSeenMs: Float64Array
  readonly lastSeenMs: Float64Array
}

export class SeriesPacker {
  readonly #columns: CatalogColumns
  readonly #keys = new TextPacker()
  readonly #metricKeys = new TextPacker()
  readonly #rows: number[] = []
  readonly #isItsOwn: number[] = []
  readonly #kinds: number[] = []
  readonly #numbers: number[] = []
  readonly #firstSeenMs: number[] = []
  readonly #lastSeenMs: number[] = []

  constructor(columns: CatalogColumns) {
    this.#columns = columns
  }

  get count(): number {
    return this.#rows.length
  }

  add(row: number, key: string): void {
    const { rows, metrics } = this.#columns
    const metricKey = metrics.keyOf(row)
    this.#rows.push(row)
    this.#keys.add(key)
    this.#metricKeys.add(metricKey ?? '')
    this.#isItsOwn.push(metricKey === undefined ? 1 : 0)
    this.#kinds.push(rows.packedKindOf(row))
    this.#numbers.push(rows.numberOf(row))
    this.#firstSeenMs.push(rows.firstSeenMs[row] as number)
    this.#lastSeenMs.push(rows.lastSeenMs[row] as number)
  }

  finish(): PackedSeries {
    return {
      keys: this.#keys.finish(),
      metricKeys: this.#metricKeys.finish(),
      isItsOwn: Uint8Array.from(this.#isItsOwn),
      kinds: Uint32Array.from(this.#kinds),
      numbers: Float64Array.from(this.#numbers),
      firstSeenMs: Float64Array.from(this.#firstSeenMs),
      lastSeenMs: Float64Array.from(this.#lastSeenMs),
    }
  }
}

/** Sorted by key. */
export function unpackSeries(packed: PackedSeries): CatalogEntry[] {
  return unpackInOrder(packed).sort((a, b) => byText(a.identity.key, b.identity.key))
}

/** In the order in which they were packed. */
export function unpackInOrder(packed: PackedSeries): CatalogEntry[] {
  const keys = unpackTexts(packed.keys)
  const metricKeys = unpackTexts(packed.metricKeys)
  return keys.map((key, place) => {
    const metricKey = packed.isItsOwn[place] === 1 ? key : (metricKeys[place] as string)
    const kind = unpackKind(packed.kinds[place] as number, packed.numbers[place] as number)
    return {
      identity: { key, metricKey, ...kind },
      firstSeenMs: packed.firstSeenMs[place] as number,
      lastSeenMs: packed.lastSeenMs[place] as number,
    }
  })
}

/** All series of each metric, side by side. */
export interface PackedMetrics {
  readonly series: PackedSeries
  readonly seriesCounts: readonly number[]
}

/** Newest first. */
export function unpackMetrics({ series, seriesCounts }: PackedMetrics): CatalogMetric[] {
  const entries = unpackInOrder(series)
  let at = 0
  return seriesCounts
    .map((count) => metricOf(entries.slice(at, (at += count))))
    .sort((a, b) => b.firstSeenMs - a.firstSeenMs || byText(a.metricKey, b.metricKey))
}

function metricOf(entries: readonly CatalogEntry[]): CatalogMetric {
  const [first] = entries
  if (first === undefined) throw new Error('BUG: a metric without series')
  return {
    metricKey: first.identity.metricKey,
    metricType: first.identity.metricType,
    firstSeenMs: entries.reduce((least, entry) => Math.min(least, entry.firstSeenMs), first.firstSeenMs),
    lastSeenMs: entries.reduce((most, entry) => Math.max(most, entry.lastSeenMs), first.lastSeenMs),
    series: entries.map(({ identity }) => identity),
  }
}

export interface PackedNodes {
  readonly paths: PackedTexts
  /** 1: leaf, 2: branch. */
  readonly kinds: Uint8Array
  /** Of leaves. */
  readonly firstSeenMs: Float64Array
  readonly lastSeenMs: Float64Array
}

export const IS_LEAF = 1
export const IS_BRANCH = 2

/** Sorted by path. */
export function unpackNodes(packed: PackedNodes): CatalogNode[] {
  return unpackTexts(packed.paths)
    .map((path, place) => nodeOf(packed, path, place))
    .sort((a, b) => byText(a.path, b.path))
}

function nodeOf({ kinds, firstSeenMs, lastSeenMs }: PackedNodes, path: string, place: number): CatalogNode {
  const name = path.slice(path.lastIndexOf('.') + 1)
  const isBranch = ((kinds[place] as number) & IS_BRANCH) !== 0
  if (((kinds[place] as number) & IS_LEAF) === 0) return { path, name, isLeaf: false, isBranch }
  const seen = { firstSeenMs: firstSeenMs[place] as number, lastSeenMs: lastSeenMs[place] as number }
  return { path, name, isLeaf: true, isBranch, seen }
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
