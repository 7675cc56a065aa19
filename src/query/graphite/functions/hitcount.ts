import type { QuerySeries } from '../../query-series.ts'
import type { CalendarUnit } from '../calculate/truncate-time.ts'
import { derive } from '../calculate/create-series.ts'
import { truncateTime } from '../calculate/truncate-time.ts'
import { defineFunction } from '../graphite-function.ts'
import { boolean, expression, interval, withDefault } from '../parameters.ts'

export const hitcount = defineFunction({
  name: 'hitcount',
  group: 'Transform',
  description:
    'How many there were in each interval, of values that are rates per second: each counts for as long as its point lasts, in the intervals that this falls into. Intervals are counted back from the end; with alignToInterval they begin with the day, hour or minute that the request begins in.',
  example: 'hitcount(stats.requests.rate, "1h")',
  params: {
    seriesList: expression(),
    intervalString: interval({ suggestions: ['10min', '1h', '1d'] }),
    alignToInterval: withDefault(boolean(), false),
  },
  stepSeconds: ({ intervalString }) => Math.max(1, Math.abs(intervalString.seconds)),
  windows({ intervalString: { seconds }, alignToInterval }, window, { timeZone }) {
    const unit = unitOf(seconds)
    if (!alignToInterval || unit === undefined) return [window]
    return [{ ...window, fromSeconds: truncateTime(window.fromSeconds, unit, { timeZone }) }]
  },
  async evaluate({ seriesList: series, intervalString, alignToInterval }, call) {
    const { seconds } = intervalString
    if (seconds <= 0) return call.fail('the interval has to be longer than nothing')
    const [window = call.window] = call.windows
    const suffix = alignToInterval ? ', true' : ''
    return (await series.over(window)).map((one) => {
      const length = one.endSeconds - one.startSeconds
      const endSeconds = alignToInterval
        ? one.startSeconds + (Math.floor(length / seconds) + 1) * seconds
        : one.endSeconds
      const bucketCount = Math.ceil((endSeconds - one.startSeconds) / seconds)
      call.reserve(bucketCount - one.values.length)
      const startSeconds = endSeconds - bucketCount * seconds
      return derive(one, `hitcount(${one.name}, "${intervalString.text}"${suffix})`, {
        values: countHits(one, { startSeconds, seconds, bucketCount }),
        startSeconds,
        endSeconds,
        stepSeconds: seconds,
        mark: { hitcount: intervalString.text },
      })
    })
  },
})

function unitOf(seconds: number): CalendarUnit | undefined {
  if (seconds >= 86_400) return 'days'
  if (seconds >= 3_600) return 'hours'
  return seconds >= 60 ? 'minutes' : undefined
}

interface Buckets {
  readonly startSeconds: number
  readonly seconds: number
  readonly bucketCount: number
}

function countHits(series: QuerySeries, { startSeconds, seconds, bucketCount }: Buckets): Float64Array {
  const hits = new Float64Array(bucketCount).fill(Number.NaN)
  const add = (bucket: number, count: number): void => {
    const before = hits[bucket] ?? Number.NaN
    if (bucket >= 0) hits[bucket] = Number.isNaN(before) ? count : before + count
  }
  for (const [index, value] of series.values.entries()) {
    if (Number.isNaN(value)) continue
    const start = series.startSeconds + index * series.stepSeconds - startSeconds
    const end = start + series.stepSeconds
    const startBucket = Math.floor(start / seconds)
    const isPastEnd = Math.floor(end / seconds) >= bucketCount
    const endBucket = isPastEnd ? bucketCount - 1 : Math.floor(end / seconds)
    const endWithin = isPastEnd ? seconds : end - endBucket * seconds
    const startWithin = start - startBucket * seconds
    if (startBucket === endBucket) {
      add(startBucket, value * (endWithin - startWithin))
      continue
    }
    add(startBucket, value * (seconds - startWithin))
    for (let bucket = startBucket + 1; bucket < endBucket; bucket++) add(bucket, value * seconds)
    if (endWithin > 0) add(endBucket, value * endWithin)
  }
  return hits
}
