import type { SeriesKey } from '../../../model/series-key.ts'

/** What series with the same first nodes take up. */
export interface PrefixSize {
  readonly prefix: string
  readonly series: number
  readonly points: number
  /** Points of coarser steps. */
  readonly slots: number
  /** Of the files; what several series have in common is divided among them. */
  readonly bytes: number
}

/** Called with what a series has in a file. */
export type NoteSeries = (key: SeriesKey, points: number, bytes: number) => void

/** The series that there are, and what they take up by their first nodes, if that is wanted. */
export class SeriesNotes {
  readonly keys = new Set<SeriesKey>()
  readonly #nodes: number | undefined
  readonly #sizes = new Map<string, { series: number; points: number; slots: number; bytes: number }>()

  constructor(nodes: number | undefined) {
    this.#nodes = nodes
  }

  readonly points: NoteSeries = (key, points, bytes) => this.#note(key, { points, slots: 0, bytes })
  /** Of a column of a tier; `isOfCounts`: it is the one by which slots are counted. */
  slotsOf(isOfCounts: boolean): NoteSeries {
    return (key, slots, bytes) => this.#note(key, { points: 0, slots: isOfCounts ? slots : 0, bytes })
  }

  /** The largest first. */
  get sizes(): readonly PrefixSize[] {
    return Array.from(this.#sizes, ([prefix, size]) => ({
      prefix,
      ...size,
      bytes: Math.round(size.bytes),
    })).sort((a, b) => b.bytes - a.bytes || (a.prefix < b.prefix ? -1 : 1))
  }

  #note(key: SeriesKey, found: Pick<PrefixSize, 'points' | 'slots' | 'bytes'>): void {
    if (this.#nodes !== undefined) {
      const prefix = firstNodes(key, this.#nodes)
      const size = this.#sizes.get(prefix) ?? { series: 0, points: 0, slots: 0, bytes: 0 }
      this.#sizes.set(prefix, size)
      if (!this.keys.has(key)) size.series += 1
      size.points += found.points
      size.slots += found.slots
      size.bytes += found.bytes
    }
    this.keys.add(key)
  }
}

/** Of the name; tags are behind it. */
function firstNodes(key: SeriesKey, nodes: number): string {
  const tagsStart = key.indexOf(';')
  const name = tagsStart < 0 ? key : key.slice(0, tagsStart)
  let end = -1
  for (let left = nodes; left > 0; left--) {
    end = name.indexOf('.', end + 1)
    if (end < 0) return name
  }
  return name.slice(0, end)
}
