import type { QuerySeries } from '../../query-series.ts'
import type { QueryWindow } from '../../query-window.ts'
import { derive, withTags } from '../calculate/create-series.ts'
import { analyseHoltWinters } from '../calculate/holt-winters.ts'
import { beginEarlier } from '../calculate/preview.ts'
import type { FunctionCall, SeriesExpression } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import type { Interval } from '../interval.ts'
import { expression, interval, numberShownAsInteger, withDefault } from '../parameters.ts'

const PERIODS = {
  bootstrapInterval: withDefault(interval({ suggestions: ['7d', '30d'] }), '7d'),
  seasonality: withDefault(interval({ suggestions: ['1d', '7d'] }), '1d'),
}
const BAND = { seriesList: expression(), delta: withDefault(numberShownAsInteger(), 3), ...PERIODS }

export const holtWintersForecast = defineFunction({
  name: 'holtWintersForecast',
  group: 'Calculate',
  description:
    'What Holt and Winters would have expected each value to be: by its level, its trend and its season. It learns from bootstrapInterval before the request, which is fetched too.',
  example: 'holtWintersForecast(stats.requests.rate, "7d", "1d")',
  params: { seriesList: expression(), ...PERIODS },
  windows: windowsWithHistory,
  async evaluate({ seriesList: series, ...periods }, call) {
    return (await forecast(series, periods, call)).map(({ series: one, predictions, startSeconds }) =>
      derive(one, `holtWintersForecast(${one.name})`, {
        values: predictions,
        startSeconds,
        consolidation: 'average',
        mark: { holtWintersForecast: '1', holtWintersDeviation: '1' },
      }),
    )
  },
})

export const holtWintersConfidenceBands = defineFunction({
  name: 'holtWintersConfidenceBands',
  group: 'Calculate',
  description:
    'Two series for each: the least and the greatest that Holt and Winters would have taken for usual. They are delta times the usual deviation away from the forecast.',
  example: 'holtWintersConfidenceBands(stats.requests.rate, 3)',
  params: BAND,
  windows: windowsWithHistory,
  evaluate: ({ seriesList: series, delta, ...periods }, call) => bands(series, delta, periods, call),
})

export const holtWintersConfidenceArea = defineFunction({
  name: 'holtWintersConfidenceArea',
  group: 'Calculate',
  description:
    'The area between the two bands of holtWintersConfidenceBands, for a graph. It takes one series.',
  example: 'holtWintersConfidenceArea(stats.requests.rate, 3)',
  params: BAND,
  windows: windowsWithHistory,
  async evaluate({ seriesList: series, delta, ...periods }, call) {
    const [lower, upper, ...others] = await bands(series, delta, periods, call)
    if (lower === undefined || upper === undefined) return []
    if (others.length > 0) return call.fail(`it takes one series, not ${others.length / 2 + 1}`)
    const name = `holtWintersConfidenceArea(${upper.pathExpression})`
    const tags = withTags(upper.tags, { holtWintersConfidenceArea: '1' })
    const drawn = { name, pathExpression: name, tags }
    return [
      { ...lower, ...drawn, style: { ...lower.style, isStacked: true, isInvisible: true } },
      { ...upper, ...drawn, style: { ...upper.style, isStacked: true } },
    ]
  },
})

export const holtWintersAberration = defineFunction({
  name: 'holtWintersAberration',
  group: 'Calculate',
  description:
    'By how much each value lies outside of the bands of holtWintersConfidenceBands; 0 inside of them, and for nulls.',
  example: 'holtWintersAberration(stats.requests.rate, 3)',
  params: BAND,
  windows: (args, window) => [...windowsWithHistory(args, window), window],
  async evaluate({ seriesList: expressionOf, delta, ...periods }, call) {
    const byName = new Map<string, QuerySeries>()
    for (const band of await bands(expressionOf, delta, periods, call)) byName.set(band.name, band)
    return (await expressionOf.over(call.window)).map((one) => {
      const lower = byName.get(`holtWintersConfidenceLower(${one.name})`)?.values
      const upper = byName.get(`holtWintersConfidenceUpper(${one.name})`)?.values
      const values = Float64Array.from(one.values, (value, index) =>
        aberration(value, lower?.[index] ?? Number.NaN, upper?.[index] ?? Number.NaN),
      )
      return derive(one, `holtWintersAberration(${one.name})`, {
        values,
        consolidation: 'average',
        mark: { holtWintersAberration: '1' },
      })
    })
  },
})

interface Periods {
  readonly bootstrapInterval: Interval
  readonly seasonality: Interval
}

interface Forecast {
  readonly series: QuerySeries
  /** Without the history. */
  readonly predictions: Float64Array
  readonly deviations: Float64Array
  readonly startSeconds: number
}

function windowsWithHistory({ bootstrapInterval }: Periods, window: QueryWindow): QueryWindow[] {
  return [beginEarlier(window, bootstrapInterval.seconds)]
}

async function forecast(
  series: SeriesExpression,
  { bootstrapInterval, seasonality }: Periods,
  call: FunctionCall,
): Promise<Forecast[]> {
  if (bootstrapInterval.seconds < 0)
    return call.fail('the bootstrapInterval is a length of time without a sign')
  const [window = call.window] = call.windows
  return (await series.over(window)).map((one) => {
    const seasonLength = Math.floor(seasonality.seconds / one.stepSeconds)
    const { predictions, deviations } = analyseHoltWinters(one.values, seasonLength)
    const history = Math.floor(bootstrapInterval.seconds / one.stepSeconds)
    return {
      series: one,
      predictions: predictions.subarray(history),
      deviations: deviations.subarray(history),
      startSeconds: one.startSeconds + bootstrapInterval.seconds,
    }
  })
}

/** Lower and upper, one after the other, for each series. */
async function bands(
  series: SeriesExpression,
  delta: number,
  periods: Periods,
  call: FunctionCall,
): Promise<QuerySeries[]> {
  const mark = {
    holtWintersForecast: '1',
    holtWintersDeviation: '1',
    holtWintersConfidenceUpper: '1',
    holtWintersConfidenceLower: '1',
  }
  return (await forecast(series, periods, call)).flatMap(
    ({ series: one, predictions, deviations, startSeconds }) =>
      ([-1, 1] as const).map((side) =>
        derive(one, `holtWintersConfidence${side < 0 ? 'Lower' : 'Upper'}(${one.name})`, {
          values: predictions.map((value, index) => value + side * delta * (deviations[index] as number)),
          startSeconds,
          pathExpression: one.pathExpression,
          consolidation: 'average',
          mark,
        }),
      ),
  )
}

function aberration(value: number, lower: number, upper: number): number {
  if (value > upper) return value - upper
  return value < lower ? value - lower : 0
}
