/** A small line without axes, from left to right, one path for each run of points: null is a gap, undefined none. */
export function sparkPaths(
  values: readonly (number | null | undefined)[],
  width: number,
  height: number,
): string[] {
  const known = values.filter((value) => typeof value === 'number')
  const top = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const bottom = known.reduce((a, b) => Math.min(a, b), 0)
  const range = top - bottom
  const paths: string[] = []
  let path = ''
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue
    if (value === null || !Number.isFinite(value)) {
      if (path !== '') paths.push(path)
      path = ''
      continue
    }
    const x = values.length < 2 ? 0 : (index / (values.length - 1)) * width
    const share = range > 0 ? (value - bottom) / range : 0
    // Half a line's width of room above and below.
    const y = 1 + (1 - share) * (height - 2)
    // A point alone is a stroke without length, which round ends make a dot.
    path += path === '' ? `M${x.toFixed(1)} ${y.toFixed(1)}h0` : `L${x.toFixed(1)} ${y.toFixed(1)}`
  }
  if (path !== '') paths.push(path)
  return paths
}
