import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Aggregation } from './aggregation-name.ts'
import { aggregateRows } from './calculate/aggregate-rows.ts'
import { aggregateValues } from './calculate/aggregate-values.ts'
import { joinPathExpressions } from './calculate/create-series.ts'
import { leastCommonMultiple, normalize } from './calculate/normalize.ts'
import { percentileOfSorted } from './calculate/percentile.ts'
import { divide, power } from './calculate/power.ts'
import type { VectorSeries } from './testdata/function-vector.ts'
import { toSeries } from './testdata/function-vector.ts'
import { unpack } from './testdata/unpack.ts'

interface HelperVector {
  readonly id: number
  readonly helper: string
  readonly args: readonly unknown[]
  readonly expect?: unknown
  readonly raises?: unknown
}

const file = new URL('testdata/graphite_web_helper_vectors.json', import.meta.url)
const { vectors } = unpack(JSON.parse(readFileSync(file, 'utf8'))) as { vectors: HelperVector[] }

type Value = number | null
type Helper = (...args: never[]) => unknown

const AGGREGATIONS: Readonly<Record<string, Aggregation>> = {
  'safe.safeSum': 'sum',
  'safe.safeDiff': 'diff',
  'safe.safeLen': 'count',
  'safe.safeAvg': 'average',
  'safe.safeMedian': 'median',
  'safe.safeStdDev': 'stddev',
  'safe.safeLast': 'last',
  'safe.safeMin': 'min',
  'safe.safeMax': 'max',
}

const HELPERS: Readonly<Record<string, Helper>> = {
  ...Object.fromEntries(
    Object.entries(AGGREGATIONS).map(([name, aggregation]): [string, Helper] => [
      name,
      (values: readonly Value[] | VectorSeries) =>
        fromNaN(aggregateValues(toArray(valuesOf(values)), aggregation)),
    ]),
  ),
  'safe.safeDiv': (a: Value, b: Value) => fromNaN(divide(toNaN(a), toNaN(b))),
  'safe.safePow': (a: Value, b: Value) => fromNaN(power(toNaN(a), toNaN(b))),
  'safe.safeMul': (...factors: Value[]) => fromNaN(aggregateValues(toArray(factors), 'multiply')),
  'safe.safeSubtract': (a: Value, b: Value) => fromNaN(toNaN(a) - toNaN(b)),
  'safe.safeAbs': (a: Value) => fromNaN(Math.abs(toNaN(a))),
  lcm: leastCommonMultiple,
  xff: (count: number, total: number, xFilesFactor: number) => {
    const values = Array.from({ length: total }, (_, index) => (index < count ? 1 : null))
    return hasRow(values, xFilesFactor)
  },
  xffValues: (values: readonly Value[] | VectorSeries, xFilesFactor: number) =>
    hasRow(valuesOf(values), xFilesFactor),
  normalize: (lists: readonly (readonly VectorSeries[])[]) => {
    const normalized = normalize(lists.flat().map(toSeries))
    if (normalized === undefined) throw new Error('there are no series')
    const { startSeconds, endSeconds, stepSeconds } = normalized
    return [lists.flat(), startSeconds, endSeconds, stepSeconds]
  },
  formatPathExpressions: (series: readonly VectorSeries[]) => joinPathExpressions(series.map(toSeries)),
  _getPercentile: (values: readonly Value[], percent: number) =>
    fromNaN(percentileOfSorted(toArray(values).sort(), percent)),
}

/** Helpers that have no counterpart here, and why. */
const WITHOUT_COUNTERPART: Readonly<Record<string, string>> = {
  gcd: 'a part of the least common multiple',
  'safe.safeMap': 'no function uses it',
  matchSeries: 'a part of asPercent',
}

const cases = vectors.filter(({ helper, args }) => {
  // None in the place of a list, and texts in the place of numbers, have no counterpart: types rule them out.
  const isNumeric = /Div|Pow|Mul|Subtract|Abs/.test(helper)
  // What came of another helper is not recorded.
  const isTypeError = args.some(
    (arg) =>
      typeof arg === 'string' ||
      (arg === null && !isNumeric) ||
      (Array.isArray(arg) && isNumeric) ||
      (typeof arg === 'object' && arg !== null && 'resultOf' in arg),
  )
  return WITHOUT_COUNTERPART[helper] === undefined && !isTypeError
})

test('most vectors have a counterpart', () => {
  expect(cases.length).toBeGreaterThan(85)
})

test.each(cases)('$helper, vector $id', ({ helper, args, expect: wanted, raises }) => {
  const answer = HELPERS[helper] as (...args: readonly unknown[]) => unknown
  if (raises !== undefined) expect(() => answer(...args)).toThrow()
  else expect(answer(...args)).toEqual(wanted)
})

function valuesOf(values: readonly Value[] | VectorSeries): readonly Value[] {
  return 'series' in values ? values.series.values : values
}

function hasRow(values: readonly Value[], xFilesFactor: number): boolean {
  const columns = values.map((value) => toArray([value]))
  const normalized = { columns, rowCount: 1, startSeconds: 0, endSeconds: 1, stepSeconds: 1 }
  return !Number.isNaN(aggregateRows(normalized, 'count', xFilesFactor)[0])
}

function toArray(values: readonly Value[]): Float64Array {
  return Float64Array.from(values, toNaN)
}

function toNaN(value: Value): number {
  return value ?? Number.NaN
}

function fromNaN(value: number): Value {
  return Number.isNaN(value) ? null : value
}
