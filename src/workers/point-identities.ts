import type { Naming } from '../aggregator/index.ts'
import type { Point } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'

/** Keys come from outside, as many as it likes: past this all are forgotten, and made again when they are used. */
const MOST_IDENTITIES = 10_000

export const POINT_TYPES = ['untyped', 'counter', 'gauge', 'total'] as const satisfies readonly (
  | 'untyped'
  | NonNullable<Point['type']>
)[]
export type PointType = (typeof POINT_TYPES)[number]

/**
 * One and the same identity for all points of a metric, so that it is made and told once. A typed point belongs to the series that
 * its metric is flushed to; an untyped one is a series by itself.
 */
export class PointIdentities {
  readonly #naming: Naming
  readonly #byType: Readonly<Record<PointType, Map<SeriesKey, SeriesIdentity>>> = {
    untyped: new Map(),
    counter: new Map(),
    gauge: new Map(),
    total: new Map(),
  }

  constructor(naming: Naming) {
    this.#naming = naming
  }

  get(key: SeriesKey, type: PointType = 'untyped'): SeriesIdentity {
    const known = this.#byType[type]
    let identity = known.get(key)
    if (identity === undefined) {
      if (known.size >= MOST_IDENTITIES) known.clear()
      identity = this.#make(key, type)
      known.set(key, identity)
    }
    return identity
  }

  #make(key: SeriesKey, type: PointType): SeriesIdentity {
    switch (type) {
      case 'untyped':
        return untypedIdentity(key)
      case 'counter':
        return this.#naming.counter(key).count
      case 'gauge':
        return this.#naming.gauge(key)
      case 'total':
        return { ...untypedIdentity(key), rollup: 'last' }
    }
  }
}
