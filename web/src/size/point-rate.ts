/** What is there at a moment. */
export interface PointCount {
  readonly points: number
  readonly atMs: number
}

/** Shorter than this, one flush more or less is all the difference. */
const LEAST_MS = 5_000

/** Points a second between two moments; null: it cannot be told yet, or points have gone meanwhile. */
export function pointRate(first: PointCount | undefined, newest: PointCount): number | null {
  if (first === undefined || newest.atMs - first.atMs < LEAST_MS || newest.points < first.points) return null
  return ((newest.points - first.points) * 1000) / (newest.atMs - first.atMs)
}
