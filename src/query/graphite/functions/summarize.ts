import type { QuerySeries } from '../../query-series.ts'
import { bucketCountOf, summarizeInto } from '../calculate/buckets.ts'
import { derive, withValues } from '../calculate/create-series.ts'
import type { CalendarUnit } from '../calculate/truncate-time.ts'
import { CALENDAR_UNITS, truncateTime } from '../calculate/truncate-time.ts'
import type { Aggregation } from '../aggregation-name.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import type { Interval } from '../interval.ts'
import {
  aggregation,
  boolean,
  expression,
  interval,
  optional,
  seriesList,
  text,
  withDefault,
} from '../parameters.ts'

const INTERVALS = ['10min', '1h', '1d']

export const summarize = defineFunction({
  name: 'summarize',
  group: 'Transform',
  description:
    'Makes one point of all that fall into the same interval: their sum, or another aggregation. Intervals lie where they do since 1970, in UTC; with alignToFrom they begin with the series.',
  example: 'summarize(stats.requests.count, "1h", "sum")',
  params: {
    seriesList: seriesList(),
    intervalString: interval({ suggestions: INTERVALS }),
    func: withDefault(aggregation(), 'sum'),
    alignToFrom: withDefault(boolean(), false),
  },
  stepSeconds: ({ intervalString }) => Math.max(1, Math.abs(intervalString.seconds)),
  consolidation: ({ func }) => consolidationFor(func.aggregation),
  evaluate({ seriesList: series, intervalString, func, alignToFrom }, call) {
    const seconds = positive(intervalString, call)
    return series.map((one) => {
      const startSeconds = alignToFrom ? one.startSeconds : floorTo(one.startSeconds, seconds)
      const endSeconds = alignToFrom ? one.endSeconds : floorTo(one.endSeconds, seconds) + seconds
      const buckets = { startSeconds, endSeconds, seconds }
      call.reserve(bucketCountOf(buckets) - one.values.length)
      const values = summarizeInto(one, buckets, func.aggregation)
      const suffix = alignToFrom ? ', true' : ''
      return derive(one, `summarize(${one.name}, "${intervalString.text}", "${func.name}"${suffix})`, {
        ...withValues(values, { startSeconds, stepSeconds: seconds }),
        mark: { summarize: intervalString.text, summarizeFunction: func.name },
      })
    })
  },
})

export const smartSummarize = defineFunction({
  name: 'smartSummarize',
  group: 'Transform',
  description:
    'Makes one point of all that fall into the same interval, as summarize does, but intervals begin with the request; with alignTo, at the beginning of the year, month, week, day, hour or minute that the request begins in, in the time zone of the request. `weeks3` are weeks that begin on Wednesday.',
  example: 'smartSummarize(stats.requests.count, "1d", "sum", "days")',
  params: {
    seriesList: expression(),
    intervalString: interval({ suggestions: INTERVALS }),
    func: withDefault(aggregation(), 'sum'),
    alignTo: optional({
      ...text(),
      options: [null, ...CALENDAR_UNITS, true, false],
    }),
  },
  shownSignature: "smartSummarize(seriesList, intervalString, func='sum', alignTo=None)",
  stepSeconds: ({ intervalString }) => Math.max(1, Math.abs(intervalString.seconds)),
  consolidation: ({ func }) => consolidationFor(func.aggregation),
  windows({ alignTo }, window, { timeZone, fail }) {
    const alignment = readAlignment(alignTo)
    if (alignment === undefined) return fail(`"${alignTo}" is nothing that times can be aligned to`)
    if (alignment === 'none') return [window]
    const fromSeconds = truncateTime(window.fromSeconds, alignment.unit, {
      timeZone,
      firstWeekday: alignment.weekday,
    })
    return [{ ...window, fromSeconds }]
  },
  async evaluate({ seriesList: series, intervalString, func }, call) {
    const seconds = positive(intervalString, call)
    const [window = call.window] = call.windows
    return (await series.over(window)).map((one) => {
      const { startSeconds, endSeconds } = one
      const buckets = { startSeconds, endSeconds, seconds }
      call.reserve(bucketCountOf(buckets) - one.values.length)
      const values = summarizeInto(one, buckets, func.aggregation)
      return derive(one, `smartSummarize(${one.name}, "${intervalString.text}", "${func.name}")`, {
        ...withValues(values, { startSeconds, stepSeconds: seconds }),
        mark: { smartSummarize: intervalString.text, smartSummarizeFunction: func.name },
      })
    })
  },
})

/** What points may be made coarser by, so that the aggregate of the coarse ones is that of the fine ones. */
function consolidationFor(func: Aggregation): QuerySeries['consolidation'] | undefined {
  return func === 'sum' || func === 'min' || func === 'max' || func === 'last' ? func : undefined
}

function positive({ seconds }: Interval, call: Pick<FunctionCall, 'fail'>): number {
  return seconds > 0 ? seconds : call.fail('the interval has to be longer than nothing')
}

function floorTo(seconds: number, interval: number): number {
  return Math.floor(seconds / interval) * interval
}

/** `days`, `weeks3`; undefined: neither. Earlier versions of Graphite took true and false, which say nothing now. */
function readAlignment(
  alignTo: string | undefined,
): { readonly unit: CalendarUnit; readonly weekday: number } | 'none' | undefined {
  if (alignTo === undefined || alignTo === 'True' || alignTo === 'False') return 'none'
  const beginnings: readonly (readonly [string, CalendarUnit])[] = [
    ['s', 'seconds'],
    ['min', 'minutes'],
    ['h', 'hours'],
    ['d', 'days'],
    ['w', 'weeks'],
    ['mon', 'months'],
    ['y', 'years'],
  ]
  const unit = beginnings.find(([beginning]) => alignTo.startsWith(beginning))?.[1]
  const weekday = /[1-7]$/.exec(alignTo)?.[0]
  return unit === undefined ? undefined : { unit, weekday: Number(weekday ?? 1) }
}
