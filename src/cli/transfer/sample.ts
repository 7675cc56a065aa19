import type { SeriesKey } from '../../model/series-key.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { KymoPeer } from './kymo-peer.ts'

/** So many series are looked at, spread over all, and so many of the newest points of each. */
const SERIES = 20
const POINTS_PER_SERIES = 1_000

interface SeenPoints {
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly count: number
}

/** Some of the points that were sent, to be read back at the end. */
export class Sample {
  readonly #every: number
  readonly #points = new Map<SeriesKey, Map<number, number>>()

  constructor(seriesCount: number) {
    this.#every = Math.max(1, Math.ceil(seriesCount / SERIES))
  }

  /** Points of the series with this number, ascending in time, piece by piece. */
  see(key: SeriesKey, number: number, { timesMs, values, count }: SeenPoints): void {
    if (number % this.#every !== 0) return
    const kept = this.#points.get(key) ?? new Map<number, number>()
    this.#points.set(key, kept)
    for (let index = Math.max(0, count - POINTS_PER_SERIES); index < count; index++)
      kept.set(timesMs[index] as number, values[index] as number)
    for (const timeMs of kept.keys()) {
      if (kept.size <= POINTS_PER_SERIES) break
      kept.delete(timeMs)
    }
  }

  /** How many points were looked at and are right. Throws the KymoError `import-unverified`. */
  async verify(peer: Pick<KymoPeer, 'points'>): Promise<number> {
    let [right, wrong] = [0, 0]
    let first: { key: SeriesKey; timeMs: number } | undefined
    for (const [key, sent] of this.#points) {
      const times = [...sent.keys()]
      const range = { startMs: Math.min(...times), endMs: Math.max(...times) + 1 }
      const { timesMs, values } = await peer.points([key], range)
      const found = new Map(Array.from(timesMs, (timeMs, index) => [timeMs, values[index] as number]))
      // What is older than all that is kept was not to be kept.
      const keptFromMs = timesMs[0] ?? Number.POSITIVE_INFINITY
      for (const [timeMs, value] of sent) {
        if (timeMs < keptFromMs && !found.has(timeMs)) continue
        if (Object.is(found.get(timeMs), value)) right++
        else {
          wrong++
          first ??= { key, timeMs }
        }
      }
    }
    if (first !== undefined)
      throw new KymoError('import-unverified', {
        checked: right + wrong,
        wrong,
        key: first.key,
        time: new Date(first.timeMs).toISOString(),
      })
    return right
  }
}
