import type { QuerySeries } from '../../query-series.ts'
import { derive } from '../calculate/create-series.ts'
import { roundTo } from '../calculate/round.ts'
import { defineFunction } from '../graphite-function.ts'
import { float, optional, seriesList } from '../parameters.ts'

export const derivative = defineFunction({
  name: 'derivative',
  group: 'Transform',
  description:
    'What each value has more than the one before it; null where either is. For counters that begin anew, use perSecond or nonNegativeDerivative.',
  example: 'derivative(servers.web1.bytes_sent)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) =>
    series.map((one) => {
      const { values } = one
      const changes = new Float64Array(values.length).fill(Number.NaN)
      for (let index = 1; index < values.length; index++) {
        changes[index] = (values[index] as number) - (values[index - 1] as number)
      }
      return derive(one, `derivative(${one.name})`, { values: changes, mark: { derivative: '1' } })
    }),
})

const LIMITS = { maxValue: optional(float()), minValue: optional(float()) }

export const nonNegativeDerivative = defineFunction({
  name: 'nonNegativeDerivative',
  group: 'Transform',
  description:
    'What a counter has gained since the point before. Where it has become less it has begun anew: with maxValue it went past that to minValue or 0, with minValue alone it was set to that, with neither the point is null. Values outside the two are left out.',
  example: 'nonNegativeDerivative(servers.web1.bytes_sent)',
  params: { seriesList: seriesList(), ...LIMITS },
  evaluate: ({ seriesList: series, maxValue, minValue }) =>
    series.map((one) =>
      derive(one, `nonNegativeDerivative(${one.name})`, {
        values: gains(one, { maxValue, minValue }, (gain) => gain),
        mark: { nonNegativeDerivative: '1' },
      }),
    ),
})

export const perSecond = defineFunction({
  name: 'perSecond',
  group: 'Transform',
  description:
    'What a counter has gained since the point before, for each second between the two, rounded to six digits. A counter that begins anew is treated as nonNegativeDerivative does.',
  example: 'perSecond(servers.web1.bytes_sent)',
  params: { seriesList: seriesList(), ...LIMITS },
  evaluate: ({ seriesList: series, maxValue, minValue }) =>
    series.map((one) =>
      derive(one, `perSecond(${one.name})`, {
        values: gains(one, { maxValue, minValue }, (gain) => roundTo(gain / one.stepSeconds, 6)),
        mark: { perSecond: '1' },
      }),
    ),
})

interface CounterLimits {
  readonly maxValue: number | undefined
  readonly minValue: number | undefined
}

function gains(
  { values }: QuerySeries,
  limits: CounterLimits,
  change: (gain: number) => number,
): Float64Array {
  const { maxValue = Number.POSITIVE_INFINITY, minValue = Number.NEGATIVE_INFINITY } = limits
  const changed = new Float64Array(values.length).fill(Number.NaN)
  let previous = Number.NaN
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number
    if (value > maxValue || value < minValue) {
      previous = Number.NaN
      continue
    }
    const gain = value >= previous ? value - previous : gainAcrossReset(value, previous, limits)
    if (gain === gain) changed[index] = change(gain)
    previous = value
  }
  return changed
}

function gainAcrossReset(value: number, previous: number, { maxValue, minValue }: CounterLimits): number {
  if (Number.isNaN(previous)) return Number.NaN
  if (maxValue !== undefined) return maxValue + 1 + value - previous - (minValue ?? 0)
  return minValue === undefined ? Number.NaN : value - minValue
}
