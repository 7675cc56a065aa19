import { mapEach } from '../calculate/map-values.ts'
import { power } from '../calculate/power.ts'
import { roundTo } from '../calculate/round.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText } from '../number-text.ts'
import { float, integer, numberShownAsInteger, optional, seriesList, withDefault } from '../parameters.ts'

export const absolute = defineArithmetic('absolute', '1', Math.abs, 'The value without its sign.')

export const exp = defineArithmetic(
  'exp',
  'e',
  (value) => power(Math.E, value),
  'The number e to the power of each value. A result that is too large for a number is null.',
)

export const invert = defineArithmetic(
  'invert',
  '1',
  (value) => power(value, -1),
  '1 divided by each value; null for 0.',
)

export const squareRoot = defineArithmetic(
  'squareRoot',
  '1',
  (value) => power(value, 0.5),
  'The square root of each value; null for those below 0.',
)

export const logit = defineArithmetic(
  'logit',
  'logit',
  (value) => {
    const odds = value / (1 - value)
    return odds > 0 && odds < Number.POSITIVE_INFINITY ? Math.log(odds) : Number.NaN
  },
  'The logarithm of value / (1 - value), for values between 0 and 1; null for others.',
  'logit(scale(servers.web1.cpu.user, 0.01))',
)

export const sigmoid = defineArithmetic(
  'sigmoid',
  'sigmoid',
  (value) => 1 / (1 + Math.exp(-value)),
  '1 / (1 + exp(-value)): a number between 0 and 1.',
)

export const pow = defineFunction({
  name: 'pow',
  group: 'Transform',
  description: 'Each value to the power of the factor. What is no real number is null.',
  example: 'pow(servers.web1.load, 2)',
  params: { seriesList: seriesList(), factor: float() },
  evaluate: ({ seriesList: series, factor }) =>
    mapEach(
      series,
      (name) => `pow(${name},${shortText(factor)})`,
      (value) => power(value, factor),
      { pow: floatText(factor) },
    ),
})

export const log = defineFunction({
  name: 'log',
  aliases: ['logarithm'],
  group: 'Transform',
  description: 'The logarithm of each value to the base; null for values that are not above 0.',
  example: 'log(servers.web1.requests, 10)',
  params: { seriesList: seriesList(), base: withDefault(numberShownAsInteger(), 10) },
  evaluate({ seriesList: series, base }, call) {
    if (!(base > 0) || base === 1) return call.fail(`${shortText(base)} is no base of logarithms`)
    const baseText = Number.isInteger(base) ? String(base) : floatText(base)
    const scaleOfBase = Math.log(base)
    return mapEach(
      series,
      (name) => `log(${name}, ${baseText})`,
      (value) => (value > 0 ? Math.log(value) / scaleOfBase : Number.NaN),
      { log: baseText },
    )
  },
})

export const round = defineFunction({
  name: 'round',
  group: 'Transform',
  description:
    'Rounds each value to so many digits after the point, or before it if negative; a value in the middle goes to the even neighbour.',
  example: 'round(servers.web1.load, 1)',
  params: { seriesList: seriesList(), precision: optional(integer({ shownDefault: 0 })) },
  shownSignature: 'round(seriesList, precision=None)',
  evaluate: ({ seriesList: series, precision }) =>
    mapEach(
      series,
      (name) => (precision === undefined ? `round(${name})` : `round(${name},${shortText(precision)})`),
      (value) => roundTo(value, precision ?? 0),
      { round: String(precision ?? 0) },
    ),
})

function defineArithmetic(
  name: string,
  mark: string,
  change: (value: number) => number,
  description: string,
  example = `${name}(servers.web1.load)`,
): GraphiteFunction {
  return defineFunction({
    name,
    group: 'Transform',
    description,
    example,
    params: { seriesList: seriesList() },
    evaluate: ({ seriesList: series }) =>
      mapEach(series, (inner) => `${name}(${inner})`, change, { [name]: mark }),
  })
}
