import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import { type SeriesIdentity, statisticName } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'

/** One metric as it was sent, with all that an interval says of it, or the one value of a point with its own time. */
export interface MetricReading {
  /** The first of its series: the same object from flush to flush, for what is worked out once. */
  readonly identity: SeriesIdentity
  readonly metricKey: SeriesKey
  readonly metricType: SeriesIdentity['metricType']
  /** End of the interval, or the point's own time. */
  readonly timeMs: number
  /** Left out: a point. */
  readonly intervalMs?: number
  /** `[statistic, value]` in the order of the batch: `['upper_90', 17]`. */
  readonly statistics: readonly (readonly [name: string, value: number])[]
}

/** A reading per metric, in the order of the first series of each. */
export function readingsOfFlush({ series, values, timestampMs, intervalMs }: FlushBatch): MetricReading[] {
  const readings: (MetricReading & { readonly statistics: [string, number][] })[] = []
  const places = new Map<SeriesIdentity['metricType'], Map<SeriesKey, number>>()
  for (const [index, identity] of series.entries()) {
    const { metricType, metricKey } = identity
    const statistic: [string, number] = [statisticName(identity), values[index] as number]
    let ofType = places.get(metricType)
    if (ofType === undefined) {
      ofType = new Map()
      places.set(metricType, ofType)
    }
    const place = ofType.get(metricKey)
    if (place !== undefined) {
      readings[place]?.statistics.push(statistic)
      continue
    }
    ofType.set(metricKey, readings.length)
    readings.push({
      identity,
      metricKey,
      metricType,
      timeMs: timestampMs,
      intervalMs,
      statistics: [statistic],
    })
  }
  return readings
}

/** A reading per point. */
export function* readingsOfPoints({ series, values, timesMs }: PointBatch): Generator<MetricReading> {
  for (const [index, identity] of series.entries()) {
    const { metricKey, metricType } = identity
    const statistics = [[statisticName(identity), values[index] as number]] as const
    yield { identity, metricKey, metricType, timeMs: timesMs[index] as number, statistics }
  }
}

/** For wires that have no NaN and no infinities: each of them is a reading by itself, without a finite value beside it. */
export function* partedByFiniteness(readings: Iterable<MetricReading>): Generator<MetricReading> {
  for (const reading of readings) {
    if (reading.statistics.every(([, value]) => Number.isFinite(value))) {
      yield reading
      continue
    }
    const finite = reading.statistics.filter(([, value]) => Number.isFinite(value))
    if (finite.length > 0) yield { ...reading, statistics: finite }
    for (const one of reading.statistics)
      if (!Number.isFinite(one[1])) yield { ...reading, statistics: [one] }
  }
}

/** Why a wire of finite numbers cannot carry a reading that has been parted. */
export function problemOfValue({ statistics }: MetricReading): string | undefined {
  return Number.isFinite(statistics[0]?.[1]) ? undefined : 'the value is not a finite number'
}
