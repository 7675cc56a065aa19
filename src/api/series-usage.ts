import type { SeriesKey } from '../model/series-key.ts'
import { childPathOf } from '../store/child-path.ts'
import type { QueryOrigin, SeriesUse, UsageQuestion } from './services.ts'

/** Beyond this the series that were read longest ago are forgotten. */
const MOST_SERIES = 200_000
/** Panels of a series that are remembered, those that read it last. */
const MOST_ORIGINS_OF_SERIES = 10
const MOST_ORIGINS = 10_000

interface Use {
  readonly origin: QueryOrigin | null
  count: number
  lastMs: number
}

/** Which series were read, and for which panels of which dashboards: what one thread has answered. */
export class SeriesUsage {
  /** The ones read last come last. */
  readonly #series = new Map<SeriesKey, Use[]>()
  /** One object for each, so that to compare them is to compare objects. */
  readonly #origins = new Map<string, QueryOrigin>()

  /** A query has read these. */
  record(keys: Iterable<SeriesKey>, origin: QueryOrigin | undefined, nowMs: number): void {
    const known = origin === undefined ? null : this.#intern(origin)
    for (const key of keys) {
      const uses = this.#series.get(key) ?? []
      this.#series.delete(key)
      this.#series.set(key, uses)
      const use = uses.find((one) => one.origin === known)
      if (use !== undefined) {
        use.count += 1
        use.lastMs = nowMs
        continue
      }
      if (uses.length >= MOST_ORIGINS_OF_SERIES) uses.splice(uses.indexOf(oldestOf(uses)), 1)
      uses.push({ origin: known, count: 1, lastMs: nowMs })
    }
    for (const oldest of this.#series.keys()) {
      if (this.#series.size <= MOST_SERIES) break
      this.#series.delete(oldest)
    }
  }

  /** Those that were read last come first. */
  list({ dashboard, limit }: UsageQuestion): SeriesUse[] {
    const found: SeriesUse[] = []
    for (const [key, uses] of [...this.#series].reverse()) {
      if (found.length >= limit) break
      const wanted = uses.filter(({ origin }) => dashboard === undefined || origin?.dashboard === dashboard)
      if (wanted.length > 0) found.push({ key, uses: wanted.map((use) => ({ ...use })) })
    }
    return found
  }

  /** When a series of each of these children of a prefix was last read; 0: never. */
  lastReads(prefix: string, children: readonly string[]): number[] {
    const places = new Map(children.map((path, place) => [path, place]))
    const lastMs = children.map(() => 0)
    for (const [key, uses] of this.#series) {
      const place = places.get(childPathOf(key, prefix) ?? '')
      if (place === undefined) continue
      for (const use of uses) lastMs[place] = Math.max(lastMs[place] as number, use.lastMs)
    }
    return lastMs
  }

  #intern(origin: QueryOrigin): QueryOrigin | null {
    const name = `${origin.dashboard} ${origin.panel ?? ''}`
    const known = this.#origins.get(name)
    if (known !== undefined) return known
    if (this.#origins.size >= MOST_ORIGINS) return null
    this.#origins.set(name, origin)
    return origin
  }
}

function oldestOf(uses: readonly Use[]): Use {
  return uses.reduce((oldest, use) => (use.lastMs < oldest.lastMs ? use : oldest))
}

/** What several threads say, as one. */
export function mergeUsage(lists: readonly (readonly SeriesUse[])[], limit: number): SeriesUse[] {
  const merged = new Map<SeriesKey, Map<string, Use>>()
  for (const { key, uses } of lists.flat()) {
    const own = merged.get(key) ?? new Map<string, Use>()
    merged.set(key, own)
    for (const use of uses) {
      const name = JSON.stringify(use.origin)
      const known = own.get(name)
      if (known === undefined) own.set(name, { ...use })
      else {
        known.count += use.count
        known.lastMs = Math.max(known.lastMs, use.lastMs)
      }
    }
  }
  return [...merged]
    .map(([key, uses]) => ({ key, uses: [...uses.values()].sort((a, b) => b.lastMs - a.lastMs) }))
    .sort((a, b) => (b.uses[0]?.lastMs ?? 0) - (a.uses[0]?.lastMs ?? 0) || (a.key < b.key ? -1 : 1))
    .slice(0, limit)
}
