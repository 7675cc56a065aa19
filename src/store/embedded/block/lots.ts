/** Points held at once. One series alone may have more. */
const POINTS_PER_LOT = 2_097_152

/** Series next to each other, as many as are held at once. */
export function* lotsOf<Series extends { readonly pointCount: number }>(
  all: readonly Series[],
): Iterable<readonly Series[]> {
  let start = 0
  let points = 0
  for (const [index, { pointCount }] of all.entries()) {
    if (points + pointCount > POINTS_PER_LOT && index > start) {
      yield all.slice(start, index)
      start = index
      points = 0
    }
    points += pointCount
  }
  if (start < all.length) yield all.slice(start)
}
