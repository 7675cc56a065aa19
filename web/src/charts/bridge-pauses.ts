/**
 * A sender that reports once a minute has five empty places of ten seconds between its points, and they are no gaps: the line
 * goes on over them. What is longer than its usual pause is a gap still.
 *
 *   every 10 s    ▪▪▪▪▪▪  ▪▪▪▪▪     every 60 s    ▪     ▪     ▪                 ▪     ▪
 *                 ──────  ─────                   ─────────────                 ───────
 *
 * As uPlot has them: null is a gap, undefined none.
 */
export function bridgePauses(
  times: ArrayLike<number>,
  values: readonly (number | null | undefined)[],
): (number | null | undefined)[] {
  const bridged = values.slice()
  if (!isSparse(bridged)) return bridged
  const places = bridged.flatMap((value, place) => (typeof value === 'number' ? [place] : []))
  const pauses = places.slice(1).map((place, i) => (times[place] ?? 0) - (times[places[i] ?? 0] ?? 0))
  const usual = pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0
  for (const [i, pause] of pauses.entries()) {
    if (pause < LONGEST_PAUSE * usual) bridged.fill(undefined, (places[i] ?? 0) + 1, places[i + 1])
  }
  return bridged
}

/** Of the usual one. One report that is missing makes it twice as long. */
const LONGEST_PAUSE = 1.75

/** Most of the points have an empty place before them. */
function isSparse(values: readonly (number | null | undefined)[]): boolean {
  let neighbours = 0
  let alone = 0
  let before: number | null = null
  for (const value of values) {
    if (value === undefined) continue
    if (value !== null) {
      if (before === null) alone++
      else neighbours++
    }
    before = value
  }
  return alone > Math.max(2, neighbours)
}
