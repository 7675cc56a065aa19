import type { Slices } from '../../lib/slices.ts'
import type { MetricsQuestion } from '../catalog.ts'
import type { CatalogColumns } from './catalog-columns.ts'
import { newestFirst } from './newest-first.ts'
import { type PackedMetrics, SeriesPacker } from './packed-answers.ts'

/** The metrics first seen last, each with its series. They are looked for again only after something has changed. */
export class NewestMetrics {
  #known: Known | undefined;

  *find(columns: CatalogColumns, { limit, search = '' }: MetricsQuestion): Slices<PackedMetrics> {
    const { version } = columns
    const words = wordsOf(search)
    if (words.length > 0) {
      const hasAll = (row: number): boolean => {
        const key = (columns.metrics.keyOf(row) ?? columns.keyOf(row)).toLowerCase()
        return words.every((word) => key.includes(word))
      }
      return yield* pack(columns, yield* newestFirst(columns.metrics, limit, hasAll))
    }
    const isKnown =
      this.#known?.columns === columns && this.#known.version === version && this.#known.limit >= limit
    const heads =
      isKnown && this.#known !== undefined ? this.#known.heads : yield* newestFirst(columns.metrics, limit)
    this.#known = { columns, version, limit: isKnown ? (this.#known?.limit ?? limit) : limit, heads }
    return yield* pack(columns, heads.slice(0, limit))
  }
}

function wordsOf(search: string): string[] {
  return search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

interface Known {
  readonly columns: CatalogColumns
  readonly version: number
  readonly limit: number
  /** Newest first. */
  readonly heads: readonly number[]
}

function* pack(columns: CatalogColumns, rows: readonly number[]): Slices<PackedMetrics> {
  const { metrics } = columns
  const packer = new SeriesPacker(columns)
  const seriesCounts: number[] = []
  const heads = new Set<number>()
  for (const row of rows) {
    yield
    // Series came and went, if this was interrupted: a row may be gone, or be of another metric.
    if (!columns.rows.has(row)) continue
    const head = metrics.headOf(row)
    if (heads.has(head)) continue
    heads.add(head)
    const series = metrics.rowsOf(head)
    for (const one of series) packer.add(one, columns.keyOf(one))
    seriesCounts.push(series.length)
  }
  return { series: packer.finish(), seriesCounts }
}
