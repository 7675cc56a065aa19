import type { TimerColumns } from '../model/partial-aggregate.ts'

/**
 * Brings the values of each timer together, which came mixed: whoever takes them in then looks up each timer once, and
 * works on its memory alone. Sorted by counting; the values of one timer stay in their order.
 */
export class TimerGroups {
  /** By id: how many rows it has, then where its next row goes. All 0 in between. */
  #places = new Uint32Array(0)
  #ids = new Uint32Array(0)
  #values = new Float64Array(0)
  #weights = new Float64Array(0)

  /** Calls `visit` once for each id, with its values and weights; undefined: every weight is 1. Both are good until it returns. */
  forEach(
    { ids, values, weights }: TimerColumns,
    visit: (id: number, values: Float64Array, weights: Float64Array | undefined) => void,
  ): void {
    const rows = ids.length
    const hasWeights = weights.length > 0
    const idCount = this.#count(ids)
    if (this.#values.length < rows) this.#values = new Float64Array(rows)
    if (hasWeights && this.#weights.length < rows) this.#weights = new Float64Array(rows)

    const places = this.#places
    let start = 0
    for (let i = 0; i < idCount; i++) {
      const id = this.#ids[i] ?? 0
      const count = places[id] ?? 0
      places[id] = start
      start += count
    }
    for (let row = 0; row < rows; row++) {
      const id = ids[row] ?? 0
      const place = places[id] ?? 0
      this.#values[place] = values[row] ?? 0
      if (hasWeights) this.#weights[place] = weights[row] ?? 1
      places[id] = place + 1
    }
    start = 0
    for (let i = 0; i < idCount; i++) {
      const id = this.#ids[i] ?? 0
      const end = places[id] ?? 0
      places[id] = 0
      visit(
        id,
        this.#values.subarray(start, end),
        hasWeights ? this.#weights.subarray(start, end) : undefined,
      )
      start = end
    }
  }

  /** Counts the rows of each id; the ids are in `#ids` after that, in the order of their first row. Returns how many. */
  #count(ids: Uint32Array): number {
    let most = 0
    for (let row = 0; row < ids.length; row++) most = Math.max(most, ids[row] ?? 0)
    if (most >= this.#places.length) this.#places = new Uint32Array(most + 1 + (most >> 1))
    if (this.#ids.length < ids.length) this.#ids = new Uint32Array(ids.length)
    let count = 0
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row] ?? 0
      if (this.#places[id] === 0) this.#ids[count++] = id
      this.#places[id] = (this.#places[id] ?? 0) + 1
    }
    return count
  }
}
