/**
 * The value at a percentile of sorted values without nulls, by Graphite's rule: of n values, the one at rank
 * (percent / 100) x (n + 1), the next one up where that is between two, or in proportion between them.
 */
export function percentileOfSorted(
  sorted: ArrayLike<number>,
  percent: number,
  isInterpolated = false,
): number {
  const { rank, share } = rankOf(sorted.length, percent, isInterpolated)
  const value = sorted[rank] ?? Number.NaN
  return share === 0 ? value : value + share * ((sorted[rank + 1] ?? Number.NaN) - value)
}

/** The same of the first values, in any order, which are put into another: a few of them are sorted, not all. See bench/query.ts. */
export function percentileOfUnsorted(
  values: Float64Array,
  percent: number,
  isInterpolated = false,
  count = values.length,
): number {
  const { rank, share } = rankOf(count, percent, isInterpolated)
  if (count === 0) return Number.NaN
  selectRank(values, count, rank)
  const value = values[rank] as number
  if (share === 0) return value
  // What lies to the right is not less than the value, in no order.
  let next = Number.POSITIVE_INFINITY
  for (let index = rank + 1; index < count; index++) next = Math.min(next, values[index] as number)
  return value + share * (next - value)
}

/** Which value, counted from 0, and how far from there to the next one; 0 also where there is none. */
function rankOf(
  count: number,
  percent: number,
  isInterpolated: boolean,
): { readonly rank: number; readonly share: number } {
  const exact = (percent / 100) * (count + 1)
  const whole = Math.trunc(exact)
  const share = exact - whole
  const rank = isInterpolated ? whole : whole + Math.ceil(share)
  const clamped = Math.min(Math.max(rank, 1), count) - 1
  return { rank: clamped, share: isInterpolated && rank >= 1 && rank < count ? share : 0 }
}

/** Parts values around a guess, again and again on the side where the rank is; sorts what is left when guesses are bad. */
function selectRank(values: Float64Array, count: number, rank: number): void {
  let left = 0
  let right = count - 1
  for (let guesses = 0; right - left > SMALL; guesses++) {
    if (guesses > MOST_GUESSES) break
    const pivot = middleOf(
      values[left] as number,
      values[(left + right) >> 1] as number,
      values[right] as number,
    )
    let low = left
    let high = right
    while (low <= high) {
      while ((values[low] as number) < pivot) low++
      while ((values[high] as number) > pivot) high--
      if (low > high) break
      const moved = values[low] as number
      values[low] = values[high] as number
      values[high] = moved
      low++
      high--
    }
    if (rank <= high) right = high
    else if (rank >= low) left = low
    else return
  }
  if (right - left > SMALL) values.subarray(left, right + 1).sort()
  else sortFew(values, left, right)
}

/** By insertion: to call what sorts takes longer than that. */
function sortFew(values: Float64Array, left: number, right: number): void {
  for (let index = left + 1; index <= right; index++) {
    const value = values[index] as number
    let place = index
    for (; place > left && (values[place - 1] as number) > value; place--)
      values[place] = values[place - 1] as number
    values[place] = value
  }
}

const SMALL = 24
const MOST_GUESSES = 40

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
