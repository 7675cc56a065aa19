import type { SeriesKey } from '../model/series-key.ts'
import { childPathOf } from '../store/child-path.ts'
import type { QueryOrigin, SeriesUse, UsageQuestion } from './services.ts'

/** Beyond this a tenth of them is forgotten, those that were read longest ago. */
const MOST_SERIES = 200_000
/** Panels of a series that are remembered, those that read it last. */
const MOST_ORIGINS_OF_SERIES = 10
const MOST_ORIGINS = 10_000

export interface LastRead {
  /** 0: never. */
  readonly lastMs: number
  /** null: nobody said. */
  readonly origin: QueryOrigin | null
}

export const NEVER_READ: LastRead = { lastMs: 0, origin: null }

interface Use {
  readonly origin: QueryOrigin | null
  count: number
  lastMs: number
}

interface ReadSeries {
  readonly uses: Use[]
  /** When it was read last, counted in series. */
  turn: number
}

/** Which series were read, and for which panels of which dashboards: what one thread has answered. */
export class SeriesUsage {
  readonly #series = new Map<SeriesKey, ReadSeries>()
  #turn = 0
  /** One object for each, so that to compare them is to compare objects. */
  readonly #origins = new Map<string, QueryOrigin>()

  /** A query has read these. */
  record(keys: Iterable<SeriesKey>, origin: QueryOrigin | undefined, nowMs: number): void {
    const known = origin === undefined ? null : this.#intern(origin)
    for (const key of keys) {
      const series = this.#series.get(key) ?? this.#add(key)
      series.turn = ++this.#turn
      const { uses } = series
      const use = uses.find((one) => one.origin === known)
      if (use !== undefined) {
        use.count += 1
        use.lastMs = nowMs
        continue
      }
      if (uses.length >= MOST_ORIGINS_OF_SERIES) uses.splice(uses.indexOf(oldestOf(uses)), 1)
      uses.push({ origin: known, count: 1, lastMs: nowMs })
    }
    if (this.#series.size <= MOST_SERIES) return
    for (const [key] of this.#newestFirst().slice(MOST_SERIES * 0.9)) this.#series.delete(key)
  }

  /** Those that were read last come first. */
  list({ dashboard, limit }: UsageQuestion): SeriesUse[] {
    const found: SeriesUse[] = []
    for (const [key, { uses }] of this.#newestFirst()) {
      if (found.length >= limit) break
      const wanted = uses.filter(({ origin }) => dashboard === undefined || origin?.dashboard === dashboard)
      if (wanted.length > 0) found.push({ key, uses: wanted.map((use) => ({ ...use })) })
    }
    return found
  }

  #add(key: SeriesKey): ReadSeries {
    const series = { uses: [], turn: 0 }
    this.#series.set(key, series)
    return series
  }

  #newestFirst(): [SeriesKey, ReadSeries][] {
    return [...this.#series].sort(([, a], [, b]) => b.turn - a.turn)
  }

  /** When a series of each of these children of a prefix was last read, and for whom. */
  lastReads(prefix: string, children: readonly string[]): LastRead[] {
    const places = new Map(children.map((path, place) => [path, place]))
    const reads = children.map(() => NEVER_READ)
    for (const [key, { uses }] of this.#series) {
      const place = places.get(childPathOf(key, prefix) ?? '')
      if (place === undefined) continue
      for (const { origin, lastMs } of uses)
        if (lastMs > (reads[place] as LastRead).lastMs) reads[place] = { lastMs, origin }
    }
    return reads
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
