import type { QuerySeries } from '../../query-series.ts'
import { bucketCountOf, summarizeInto } from '../calculate/buckets.ts'
import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { seriesList } from '../parameters.ts'

export const compressPeriodicGaps = defineFunction({
  name: 'compressPeriodicGaps',
  group: 'Transform',
  description:
    'Takes the nulls out of series that are stored with a finer step than they are sent with: the distance of the first three values, if it is the same between both pairs, becomes the step.',
  example: 'compressPeriodicGaps(servers.web1.disk.used)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) => series.map(compress),
})

function compress(series: QuerySeries): QuerySeries {
  const name = `compressPeriodicGaps(${series.name})`
  const [first, second, third] = firstPresent(series.values, 3)
  if (first === undefined || second === undefined || third === undefined) return derive(series, name)
  const distance = second - first
  if (distance === 1 || third - second !== distance) return derive(series, name)
  const stepSeconds = distance * series.stepSeconds
  const startSeconds = series.startSeconds + first * series.stepSeconds
  const buckets = { startSeconds, endSeconds: series.endSeconds, seconds: stepSeconds }
  const fromFirst = { ...series, startSeconds, values: series.values.subarray(first) }
  return derive(series, name, {
    values: summarizeInto({ ...fromFirst, xFilesFactor: 0 }, buckets, 'last'),
    startSeconds,
    // The time of the last point, as in Graphite, not the one after it.
    endSeconds: startSeconds + (bucketCountOf(buckets) - 1) * stepSeconds,
    stepSeconds,
  })
}

function firstPresent(values: Float64Array, count: number): number[] {
  const places: number[] = []
  for (const [index, value] of values.entries()) {
    if (!Number.isNaN(value)) places.push(index)
    if (places.length === count) break
  }
  return places
}
