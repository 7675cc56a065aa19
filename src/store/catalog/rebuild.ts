import type { ExpectedOrder } from '../../lib/expected-order.ts'
import { grow } from '../../lib/grow.ts'
import type { Slices } from '../../lib/slices.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { CatalogColumns } from './catalog-columns.ts'

/**
 * Columns built anew without what has gone, while the old ones are in use. Row by row is copied, from the lowest on; what changes meanwhile in a
 * row that was copied already is told, and done in the new columns, too. At the end they say the same, and the new ones take the place of the old.
 */
export class Rebuild {
  readonly columns: CatalogColumns
  readonly #old: CatalogColumns
  /** By row of the old columns: that of the new ones, and 1; 0: it is not copied yet, or gone. */
  #rows: Uint32Array
  /** Old rows below it are copied. */
  #end = 0
  /** Rows of the new columns whose objects are others than when the order was renumbered. */
  readonly #changed: number[] = []

  constructor(old: CatalogColumns) {
    this.#old = old
    this.columns = new CatalogColumns(old)
    this.#rows = new Uint32Array(Math.max(1, old.rows.limit))
  }

  /** Copies all, and the order in which objects are expected. */
  *run(order: ExpectedOrder<SeriesIdentity>): Slices<ExpectedOrder<SeriesIdentity>> {
    const { rows } = this.#old
    for (; this.#end < rows.limit; this.#end++) {
      if (this.#end % ROWS_IN_A_SLICE === ROWS_IN_A_SLICE - 1) yield
      if (rows.has(this.#end)) this.#copy(this.#end)
    }
    this.#end = Number.POSITIVE_INFINITY
    const renumbered = yield* order.renumbered((row) => (this.#rows[row] ?? 0) - 1)
    for (const row of this.#changed) renumbered.forget(row)
    return renumbered
  }

  /** The row is new, or what is known of its series may be something else, or its object is another. */
  used(row: number): void {
    if (row >= this.#end) return
    this.#copy(row)
    this.#changed.push((this.#rows[row] as number) - 1)
  }

  seen(row: number, timeMs: number): void {
    const copied = this.#rows[row] ?? 0
    if (copied !== 0) this.columns.see(copied - 1, timeMs)
  }

  /** The row goes. */
  removed(row: number): void {
    const copied = this.#rows[row] ?? 0
    if (copied === 0) return
    this.columns.remove(copied - 1)
    this.#rows[row] = 0
    this.#changed.push(copied - 1)
  }

  #copy(row: number): void {
    const { firstSeenMs, lastSeenMs } = this.#old.rows
    const copied = this.columns.use(this.#old.identityOf(row), firstSeenMs[row] as number)
    this.columns.see(copied, firstSeenMs[row] as number)
    this.columns.see(copied, lastSeenMs[row] as number)
    if (row >= this.#rows.length)
      this.#rows = grow(this.#rows, new Uint32Array(Math.max(row + 1, this.#rows.length * 2)))
    this.#rows[row] = copied + 1
  }
}

const ROWS_IN_A_SLICE = 16
