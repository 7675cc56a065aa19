import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { TimedPoints } from './calls.ts'
import type { PointIdentities, PointType } from './point-identities.ts'

/** A series as points of one thread that takes in name it. */
export interface NumberedSeries {
  readonly key: SeriesKey
  readonly type: PointType
  /** undefined: it was not let in, or nobody has looked yet. */
  admitted: AdmittedSeries | undefined
}

export interface AdmittedSeries {
  readonly identity: SeriesIdentity
  /** It holds as long as these are those in use, and so long. */
  readonly by: PointIdentities
  readonly goodUntilMs: number
}

/** What the numbers in the batches of one thread stand for. */
export class SeriesByNumber {
  #series: NumberedSeries[] = []

  learn({ newKeys, newTypes, newFrom }: Pick<TimedPoints, 'newKeys' | 'newTypes' | 'newFrom'>): void {
    if (newFrom === 0 && newKeys.length > 0) this.#series = []
    for (const [index, key] of newKeys.entries())
      this.#series[newFrom + index] = { key, type: newTypes[index] ?? 'untyped', admitted: undefined }
  }

  get(number: number): NumberedSeries {
    const series = this.#series[number]
    if (series === undefined) throw new Error(`BUG: series ${number} was never introduced`)
    return series
  }
}
