import { scratch } from './scratch.ts'

/** 10^0 to 10^22: the powers of ten that a double holds exactly. */
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))
const MOST_DECIMALS = 22
/** Differences of differences of such integers are still exact. */
export const LARGEST_INTEGER = 2 ** 51

/** A column of doubles as integers that share one power of ten. */
export interface ScaledColumn {
  readonly decimals: number
  /** `values[i]` is exactly `integers[i] / 10^decimals`, but for the exceptions, which repeat the integer before. */
  readonly integers: Float64Array
  /** Places whose value is no such quotient, ascending. */
  readonly exceptions: readonly number[]
}

/**
 * Finds the power of ten that makes integers of all values, or of all but a few. The quotient of two integers that
 * doubles hold is the double nearest to it, so what was written as a decimal of up to 15 digits comes back to the bit.
 * undefined: too many are no decimals. `likelyDecimals`: what is tried first; if it is more than they have, the integers have a divisor in common.
 */
export function scaleToIntegers(values: Float64Array, likelyDecimals = 0): ScaledColumn | undefined {
  const mostExceptions = values.length >> 4
  let decimals = likelyDecimals
  // Values with more decimals than those before come rarely, so most columns are gone through once or twice.
  for (;;) {
    const attempt = scaleBy(values, decimals, mostExceptions)
    if (!('moreDecimals' in attempt)) return attempt
    if (attempt.moreDecimals === undefined) return undefined
    decimals = attempt.moreDecimals
  }
}

function scaleBy(
  values: Float64Array,
  decimals: number,
  mostExceptions: number,
): ScaledColumn | { moreDecimals: number | undefined } {
  const power = POWERS_OF_TEN[decimals] ?? 1
  const integers = scratch.doubles(values.length)
  const exceptions: number[] = []
  let moreDecimals: number | undefined
  let needMore = 0
  let last = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number
    const integer = Math.round(value * power)
    if (isExactly(value, integer, power)) {
      last = integer
    } else {
      exceptions.push(index)
      const needed = decimalsOf(value, decimals + 1)
      if (needed !== undefined) {
        needMore++
        moreDecimals = Math.max(moreDecimals ?? 0, needed)
      }
      if (exceptions.length > mostExceptions) return { moreDecimals }
    }
    integers[index] = last
  }
  // What more decimals would make a number of is rather that than an exception.
  if (needMore > 0 && moreDecimals !== undefined && needMore * 32 > values.length) return { moreDecimals }
  // Exceptions at the beginning repeat what comes behind them.
  const leading = exceptions.findIndex((place, index) => place !== index)
  const count = leading < 0 ? exceptions.length : leading
  integers.fill(integers[count] ?? 0, 0, count)
  return { decimals, integers, exceptions }
}

function isExactly(value: number, integer: number, power: number): boolean {
  if (!(Math.abs(integer) <= LARGEST_INTEGER) || integer / power !== value) return false
  return value !== 0 || Object.is(value, 0)
}

function decimalsOf(value: number, least: number): number | undefined {
  for (let decimals = least; decimals <= MOST_DECIMALS; decimals++) {
    const power = POWERS_OF_TEN[decimals] ?? 1
    const integer = Math.round(value * power)
    if (Math.abs(integer) > LARGEST_INTEGER) return undefined
    if (isExactly(value, integer, power)) return decimals
  }
  return undefined
}
