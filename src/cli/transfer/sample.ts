import type { Rollup } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { KymoPeer, NamedSeries } from './kymo-peer.ts'

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
  readonly #points = new Map<SeriesKey, { readonly rollup: Rollup; readonly points: Map<number, number> }>()

  constructor(seriesCount: number) {
    this.#every = Math.max(1, Math.ceil(seriesCount / SERIES))
  }

  /** Points of the series with this number, ascending in time, piece by piece. */
  see({ key, rollup }: NamedSeries, number: number, { timesMs, values, count }: SeenPoints): void {
    if (number % this.#every !== 0) return
    const series = this.#points.get(key) ?? { rollup, points: new Map<number, number>() }
    this.#points.set(key, series)
    const kept = series.points
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
    for (const [key, { rollup, points: sent }] of this.#points) {
      const times = [...sent.keys()]
      const range = { startMs: Math.min(...times), endMs: Math.max(...times) + 1 }
      const found = await peer.points([{ key, rollup }], range)
      for (const { timeMs, values, value } of slotsOf(sent, found)) {
        if (isClose(rollUp(rollup, values), value)) right += values.length
        else {
          wrong += values.length
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

interface Slot {
  readonly timeMs: number
  /** What was sent from there on, up to the next slot. */
  readonly values: readonly number[]
  /** What is there now. */
  readonly value: number
}

/**
 * Points that were sent, by what is there now: one for each, or, of times that are rolled up by now, one for several. What is older than all that is
 * kept was not to be kept, and of the first slot not all may have been seen.
 */
function slotsOf(
  sent: ReadonlyMap<number, number>,
  found: { readonly timesMs: Float64Array; readonly values: Float64Array },
): Slot[] {
  const points = [...sent].sort(([a], [b]) => a - b)
  const slots: Slot[] = []
  let next = 0
  for (const [index, timeMs] of found.timesMs.entries()) {
    while (next < points.length && (points[next]?.[0] ?? 0) < timeMs) next++
    const endMs = found.timesMs[index + 1] ?? Number.POSITIVE_INFINITY
    const start = next
    while (next < points.length && (points[next]?.[0] ?? 0) < endMs) next++
    const values = points.slice(start, next).map(([, value]) => value)
    const isPart = index === 0 && values.length > 1
    if (values.length > 0 && !isPart) slots.push({ timeMs, values, value: found.values[index] as number })
  }
  return slots
}

function rollUp(rollup: Rollup, values: readonly number[]): number {
  switch (rollup) {
    case 'sum':
      return values.reduce((sum, value) => sum + value, 0)
    case 'mean':
      return values.reduce((sum, value) => sum + value, 0) / values.length
    case 'min':
      return values.reduce((least, value) => Math.min(least, value))
    case 'max':
      return values.reduce((most, value) => Math.max(most, value))
    case 'last':
      return values.at(-1) as number
  }
}

/** One value is as it was; sums may have been added up in another order. */
function isClose(wanted: number, found: number): boolean {
  return (
    Object.is(wanted, found) || Math.abs(wanted - found) <= 1e-9 * Math.max(Math.abs(wanted), Math.abs(found))
  )
}
