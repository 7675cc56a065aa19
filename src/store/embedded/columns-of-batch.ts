import type { PointBatch } from '../../model/point.ts'
import type { Columns } from './payloads.ts'

/** More points than any batch has, so that a number and a place fit into one double. */
const PLACES = 2 ** 26

/** Where points are put in order, batch after batch: what is taken anew for each costs more than the order. */
export class OrderRoom {
  #numbers = new Uint32Array(0)
  #spread = new Uint32Array(0)
  #timesMs = new Float64Array(0)
  #values = new Float64Array(0)
  /** How many points there are of a number, then where the next one of it goes. */
  #places = new Uint32Array(0)

  /** The number of each point, from those of their series; valid until the next call. */
  spread(numbers: Uint32Array, rows: Uint32Array): Uint32Array {
    const count = rows.length
    if (count > this.#spread.length) this.#spread = new Uint32Array(Math.max(count, this.#spread.length * 2))
    const spread = this.#spread
    for (let index = 0; index < count; index++) spread[index] = numbers[rows[index] as number] as number
    return spread.subarray(0, count)
  }

  /** Columns for so many points, for the caller to fill; valid until the next call. */
  columns(count: number): Columns {
    if (count > this.#numbers.length) {
      const room = Math.max(count, this.#numbers.length * 2)
      this.#numbers = new Uint32Array(room)
      this.#timesMs = new Float64Array(room)
      this.#values = new Float64Array(room)
    }
    return {
      numbers: this.#numbers.subarray(0, count),
      timesMs: this.#timesMs.subarray(0, count),
      values: this.#values.subarray(0, count),
    }
  }

  /** As many zeros. */
  places(count: number): Uint32Array {
    if (count > this.#places.length) this.#places = new Uint32Array(Math.max(count, this.#places.length * 2))
    return this.#places.subarray(0, count).fill(0)
  }
}

/** Of more different numbers for each point, counting them takes longer than to sort. */
const MOST_NUMBERS_PER_POINT = 16

/**
 * Orders points by number, then time. Of two with one number and time, the last of the batch counts. Fast paths: they are in
 * order; or those of each series are, as they come from whoever sends all series of one time, then those of the next.
 */
export function columnsOfPoints(
  numbers: Uint32Array,
  { timesMs, values }: Pick<PointBatch, 'timesMs' | 'values'>,
  room = new OrderRoom(),
): Columns {
  const columns = { numbers, timesMs, values }
  if (areOrdered(columns)) return columns
  const counted = countedOut(columns, room)
  if (counted !== undefined && areOrdered(counted)) return counted
  // Numbers with their places sort as doubles, many times faster than by a function that compares.
  const keys = Float64Array.from(numbers, (number, place) => number * PLACES + place).sort()
  const order = Int32Array.from(keys, (key) => key % PLACES)
  sortTimes(columns, order)
  const last = order.filter((position, index) => {
    const next = order[index + 1]
    return next === undefined || byNumberAndTime(columns, position, next) !== 0
  })
  return pick(columns, last)
}

/** By number, and as they came within each. undefined: too few points for so many numbers. */
function countedOut({ numbers, timesMs, values }: Columns, room: OrderRoom): Columns | undefined {
  const count = numbers.length
  let least = numbers[0] ?? 0
  let most = least
  for (let index = 1; index < count; index++) {
    const number = numbers[index] as number
    if (number < least) least = number
    else if (number > most) most = number
  }
  if (most - least > count * MOST_NUMBERS_PER_POINT) return undefined
  const places = room.places(most - least + 1)
  for (let index = 0; index < count; index++) places[(numbers[index] as number) - least]!++
  for (let number = 0, next = 0; number < places.length; number++) {
    const points = places[number] as number
    places[number] = next
    next += points
  }
  const ordered = room.columns(count)
  for (let index = 0; index < count; index++) {
    const number = numbers[index] as number
    const place = places[number - least]!++
    ordered.numbers[place] = number
    ordered.timesMs[place] = timesMs[index] as number
    ordered.values[place] = values[index] as number
  }
  return ordered
}

/** Orders the points of each series by time, where they are not. */
function sortTimes(columns: Columns, order: Int32Array): void {
  const { numbers, timesMs } = columns
  for (let start = 0, end = 0; start < order.length; start = end) {
    const number = numbers[order[start] as number]
    let isInOrder = true
    for (end = start + 1; end < order.length && numbers[order[end] as number] === number; end++)
      if ((timesMs[order[end - 1] as number] as number) > (timesMs[order[end] as number] as number))
        isInOrder = false
    if (!isInOrder) order.subarray(start, end).sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || a - b)
  }
}

function byNumberAndTime({ numbers, timesMs }: Columns, a: number, b: number): number {
  return (numbers[a] ?? 0) - (numbers[b] ?? 0) || (timesMs[a] ?? 0) - (timesMs[b] ?? 0)
}

function areOrdered({ numbers, timesMs }: Columns): boolean {
  for (let index = 1; index < numbers.length; index++) {
    const before = numbers[index - 1] as number
    const number = numbers[index] as number
    if (before > number) return false
    if (before === number && !((timesMs[index - 1] as number) < (timesMs[index] as number))) return false
  }
  return true
}

function pick({ numbers, timesMs, values }: Columns, order: Int32Array): Columns {
  const picked = {
    numbers: new Uint32Array(order.length),
    timesMs: new Float64Array(order.length),
    values: new Float64Array(order.length),
  }
  for (let index = 0; index < order.length; index++) {
    const position = order[index] ?? 0
    picked.numbers[index] = numbers[position] ?? 0
    picked.timesMs[index] = timesMs[position] ?? 0
    picked.values[index] = values[position] ?? 0
  }
  return picked
}
