import { MOST_LISTED_BYTES } from './list-metrics.ts'

/** The metrics of one type, by name. A Map is one. */
export interface MetricNames {
  has(name: string): boolean
  keys(): Iterable<string>
}

/** What became of one argument of a command that deletes. */
export interface Deletion {
  readonly argument: string
  /** How many metrics it deleted. */
  readonly count: number
  /** Their names; where all the names of a command would make too long an answer, the first of them. */
  readonly names: readonly string[]
}

/**
 * Deletes the metrics that the arguments of a `delcounters` and its like name, and tells which these were. For the thread
 * that keeps them.
 */
export function deleteMetrics(
  metrics: MetricNames & { delete(name: string): unknown },
  given: readonly string[],
): Deletion[] {
  let roomBytes = MOST_LISTED_BYTES
  return matchMetrics(metrics, given).map((matches, index) => {
    const names: string[] = []
    for (const name of matches) {
      metrics.delete(name)
      roomBytes -= Buffer.byteLength(name)
      if (roomBytes >= 0) names.push(name)
    }
    return { argument: given[index] ?? '', count: matches.length, names }
  })
}

/**
 * The names that each argument is for. As each would delete them before the next is looked at, a name is in the first list
 * only that could have it.
 *
 *   a.b    the metric of that name
 *   a.*    all below `a`, however deep, but not `a` itself; and a metric that is really called `a.*`
 *
 * Nothing else is a wildcard, as with etsy. However many folders are given, the names are gone through once: each is cut at
 * its dots, and what is before them looked up.
 */
export function matchMetrics(metrics: MetricNames, given: readonly string[]): string[][] {
  const matches = given.map((): string[] => [])
  const indexByName = new Map<string, number>()
  /** By what its names begin with: `a.` */
  const indexByFolder = new Map<string, number>()
  for (const [index, argument] of given.entries()) {
    if (!indexByName.has(argument)) indexByName.set(argument, index)
    const folder = argument.endsWith('.*') ? argument.slice(0, -1) : undefined
    if (folder !== undefined && !indexByFolder.has(folder)) indexByFolder.set(folder, index)
  }
  const candidates = indexByFolder.size > 0 ? metrics.keys() : indexByName.keys()
  for (const name of candidates) {
    if (!metrics.has(name)) continue
    let first = indexByName.get(name) ?? Number.POSITIVE_INFINITY
    for (let dot = name.indexOf('.'); dot >= 0 && indexByFolder.size > 0; dot = name.indexOf('.', dot + 1)) {
      first = Math.min(first, indexByFolder.get(name.slice(0, dot + 1)) ?? Number.POSITIVE_INFINITY)
    }
    matches[first]?.push(name)
  }
  return matches
}
