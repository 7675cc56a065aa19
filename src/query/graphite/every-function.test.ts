import { describe, expect, test } from 'vitest'
import { KymoError } from '../../telemetry/errors.ts'
import { fetchWindow } from '../fetch-window.ts'
import { DEFAULT_QUERY_LIMITS } from '../query-limits.ts'
import type { QuerySeries } from '../query-series.ts'
import type { SeriesRequest, SeriesSource } from '../series-fetcher.ts'
import { FakeStoreAccess } from '../testdata/fake-store-access.ts'
import { UTC } from '../testdata/utc.ts'
import { TargetBinder } from './bind-target.ts'
import { Evaluation } from './evaluation.ts'
import { FUNCTIONS } from './functions/index.ts'
import type { GraphiteFunction } from './graphite-function.ts'
import type { Parameter } from './parameter.ts'
import type { CallNode, TargetNode } from './target-node.ts'

// What holds for every function there is, whatever it is handed.

const functions = [...new Set(FUNCTIONS.values())]
  .filter((definition) => definition.query === undefined)
  .map((definition) => [definition.name, definition] as const)

/** What a path stands for: series by their values, as functions of the place, and their steps. */
const SHAPES: Readonly<Record<string, readonly [step: number, valueAt: (place: number) => number][]>> = {
  empty: [],
  plain: [
    [10, (place) => place],
    [10, (place) => (place % 4 === 1 ? Number.NaN : 100 - place)],
  ],
  single: [[10, (place) => (place * 7) % 5]],
  nulls: [[10, () => Number.NaN]],
  mixed: [
    [10, (place) => place],
    [60, (place) => place * 2],
    [15, (place) => (place % 3 === 0 ? Number.NaN : 1)],
  ],
  huge: [
    [10, (place) => (place % 2 === 0 ? 1 : -1) * 1e308],
    [10, () => Number.POSITIVE_INFINITY],
    [10, () => Number.NEGATIVE_INFINITY],
  ],
  tiny: [[10, (place) => (place % 3) * 5e-324]],
}

const RANGES = {
  'many points': { fromSeconds: 1_700_000_000, untilSeconds: 1_700_000_600 },
  'one point': { fromSeconds: 1_700_000_000, untilSeconds: 1_700_000_010 },
} as const

describe.each(functions)('%s', (name, definition) => {
  test('answers to what it is for', async () => {
    const { error, series } = await call(definition, 'plain')
    expect(error).toBe(NEEDS_OTHERS[name])
    if (GIVES_NONE.has(name) || error !== undefined) return
    expect(series.length).toBeGreaterThan(0)
    for (const one of series) expectConsistent(name, one)
  })

  test.each(Object.keys(SHAPES))('answers, or says why not, to series that are %s', async (shape) => {
    for (const range of Object.values(RANGES)) {
      const { series } = await call(definition, shape, { range })
      for (const one of series) {
        expect(one.stepSeconds).toBeGreaterThan(0)
        expect(typeof one.name).toBe('string')
        expect(one.values).toBeInstanceOf(Float64Array)
      }
    }
  })

  test('answers, or says why not, to arguments of every other type', async () => {
    const parameters = Object.values(definition.params)
    for (let index = 0; index < parameters.length; index++) {
      for (const replaced of OTHER_TYPES) {
        const { error } = await call(definition, 'plain', { replaced: { index, node: replaced } })
        expect(REFUSALS).toContain(error)
      }
    }
  })

  test('gives one answer to the same question', async () => {
    if (definition.isEachCallItsOwn === true) return
    const [first, second] = [await call(definition, 'mixed'), await call(definition, 'mixed')]
    expect(withTextValues(first)).toEqual(withTextValues(second))
  })
})

const REFUSALS = [
  undefined,
  'argument-invalid',
  'function-unknown',
  'target-invalid',
  'regex-invalid',
  'too-many-points',
]

/** Functions that the arguments of this test are an error to. */
const NEEDS_OTHERS: Readonly<Record<string, string>> = {
  timerPercentile: 'argument-invalid',
  aliasQuery: 'argument-invalid',
}

/** Functions that rightly find nothing among the series of this test. */
const GIVES_NONE: ReadonlySet<string> = new Set(['useSeriesAbove', 'tukeyAbove', 'tukeyBelow'])

/** Where length and range are not the same, as in Graphite. */
const OTHER_RANGES: ReadonlySet<string> = new Set([
  'constantLine',
  'aggregateLine',
  'threshold',
  'verticalLine',
])

function expectConsistent(name: string, series: QuerySeries): void {
  const { startSeconds, endSeconds, stepSeconds, values } = series
  expect(Number.isInteger(startSeconds) && Number.isInteger(endSeconds)).toBe(true)
  expect(Number.isInteger(stepSeconds) && stepSeconds > 0).toBe(true)
  if (OTHER_RANGES.has(name)) return
  const slots = (endSeconds - startSeconds) / stepSeconds
  expect(Math.abs(values.length - slots)).toBeLessThanOrEqual(1)
}

interface Outcome {
  /** The code; undefined: none. */
  readonly error: string | undefined
  readonly series: readonly QuerySeries[]
}

/** Calls a function, and sees to it that it leaves alone what it is handed. */
async function call(
  definition: GraphiteFunction,
  shape: string,
  options: {
    readonly range?: (typeof RANGES)[keyof typeof RANGES]
    readonly replaced?: { readonly index: number; readonly node: TargetNode }
  } = {},
): Promise<Outcome> {
  const { range = RANGES['many points'], replaced } = options
  const context = {
    access: new FakeStoreAccess([]),
    limits: DEFAULT_QUERY_LIMITS,
    signal: new AbortController().signal,
    nowSeconds: range.untilSeconds,
    timeZone: UTC,
    stepSeconds: 10,
    ...range,
  }
  const binder = new TargetBinder({
    functions: FUNCTIONS,
    template: new Map(),
    xFilesFactor: undefined,
    nowSeconds: range.untilSeconds,
    timeZone: UTC,
  })
  const source = new ShapeSource()
  const evaluation = new Evaluation(context, binder, source)
  try {
    const node = binder.bind(createCall(definition, shape, replaced), '')
    const series = await evaluation.evaluateAll([node], { ...range, stepSeconds: 10 })
    source.expectUnchanged()
    return { error: undefined, series }
  } catch (error) {
    if (!(error instanceof KymoError)) throw error
    source.expectUnchanged()
    return { error: error.code, series: [] }
  }
}

/** Makes series of shapes, and knows whether somebody has changed them. */
class ShapeSource implements SeriesSource {
  readonly #handedOut: { readonly series: QuerySeries; readonly copy: QuerySeries }[] = []

  async find(): Promise<void> {}

  stepSeconds(_query: unknown, window: { readonly stepSeconds: number }): number {
    return window.stepSeconds
  }

  async fetch(): Promise<void> {}

  has(): boolean {
    return true
  }

  series({ query, pathExpression, window }: SeriesRequest): QuerySeries[] {
    const shape = query.kind === 'path' ? (SHAPES[query.pattern] ?? []) : []
    return shape.map(([stepSeconds, valueAt], index) => {
      const { startSeconds, endSeconds, slotCount } = fetchWindow({ ...window, stepSeconds })
      const name = `a.b${index}.${pathExpression}`
      const series: QuerySeries = {
        name,
        pathExpression,
        tags: { name },
        startSeconds,
        endSeconds,
        stepSeconds,
        values: Float64Array.from({ length: slotCount }, (_, place) => valueAt(place)),
        consolidation: 'average',
        xFilesFactor: 0,
      }
      this.#handedOut.push({ series, copy: { ...series, tags: { name }, values: series.values.slice() } })
      return series
    })
  }

  expectUnchanged(): void {
    for (const { series, copy } of this.#handedOut) {
      expect(isSame(series.values, copy.values)).toBe(true)
      expect({ ...series, values: undefined }).toEqual({ ...copy, values: undefined })
    }
  }
}

/** Comparing typed arrays by way of `expect` takes most of the time otherwise. */
function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]))
}

function withTextValues({ error, series }: Outcome): object {
  return { error, series: series.map((one) => ({ ...one, values: one.values.join() })) }
}

const SPAN = { start: 0, end: 0 }

const OTHER_TYPES: readonly TargetNode[] = [
  { kind: 'number', value: -1, isInteger: true, ...SPAN },
  { kind: 'number', value: 0.5, isInteger: false, ...SPAN },
  { kind: 'number', value: 1e300, isInteger: false, ...SPAN },
  { kind: 'infinity', ...SPAN },
  { kind: 'string', value: '', ...SPAN },
  { kind: 'string', value: '(((', ...SPAN },
  { kind: 'string', value: '9'.repeat(400), ...SPAN },
  { kind: 'boolean', value: true, ...SPAN },
  { kind: 'none', ...SPAN },
  { kind: 'path', path: 'plain', ...SPAN },
  { kind: 'path', path: 'empty', ...SPAN },
]

function createCall(
  definition: GraphiteFunction,
  shape: string,
  replaced: { readonly index: number; readonly node: TargetNode } | undefined,
): CallNode {
  const args = Object.entries(definition.params).map(([name, parameter], index) =>
    replaced?.index === index ? replaced.node : argumentFor(definition.name, name, parameter, shape),
  )
  return { kind: 'call', name: definition.name, args, namedArgs: new Map(), depth: 1, ...SPAN }
}

/** An argument that the function is for. */
function argumentFor(
  functionName: string,
  name: string,
  parameter: Parameter<unknown>,
  shape: string,
): TargetNode {
  const special = ARGUMENTS[`${functionName}.${name}`]
  if (special !== undefined) return { kind: 'string', value: special, ...SPAN }
  if (parameter.takes === 'any') return { kind: 'none', ...SPAN }
  if (parameter.takes !== 'literal') {
    const isSingle = shape === 'plain' && SINGLE.has(`${functionName}.${name}`)
    return { kind: 'path', path: isSingle ? 'single' : shape, ...SPAN }
  }
  const option = parameter.options?.find((one) => typeof one === 'string')
  if (typeof option === 'string') return { kind: 'string', value: option, ...SPAN }
  const value = LITERALS[parameter.type] ?? 'a'
  if (typeof value === 'number') return { kind: 'number', value, isInteger: true, ...SPAN }
  return { kind: 'string', value, ...SPAN }
}

/** Parameters that take exactly one series. */
const SINGLE: ReadonlySet<string> = new Set([
  'divideSeries.divisorSeries',
  'holtWintersConfidenceArea.seriesList',
  'integralWithReset.resettingSeries',
  'kolmogorovSmirnovTest2.series',
  'kolmogorovSmirnovTest2.otherSeries',
  'pearson.series',
  'pearson.otherSeries',
  'pearsonClosest.series',
])

const LITERALS: Readonly<Record<string, string | number>> = {
  aggOrSeriesFunc: 'sum',
  boolean: 'true',
  date: '-1min',
  float: 2,
  integer: 2,
  interval: '30s',
  intOrInf: 2,
  intOrInterval: 2,
  node: 1,
  nodeOrTag: 1,
  tag: 'name',
}

const HOLT_WINTERS = ['Forecast', 'ConfidenceBands', 'ConfidenceArea', 'Aberration'].flatMap((name) => [
  [`holtWinters${name}.bootstrapInterval`, '5min'],
  [`holtWinters${name}.seasonality`, '1min'],
])

const ARGUMENTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(HOLT_WINTERS),
  'integralByInterval.intervalUnit': '1min',
  'applyByNode.templateFunction': 'constantLine(1)',
  'averageBelow.n': '1000',
  'currentBelow.n': '1000',
  'maximumBelow.n': '1000',
  'exclude.pattern': 'z',
  'removeEmptySeries.xFilesFactor': '0.5',
  'removeZeroSeries.xFilesFactor': '0.5',
  'linearRegression.startSourceAt': '-5min',
  'smartSummarize.alignTo': 'minutes',
  'timeStack.timeShiftStart': '0',
  'baseline.timeShiftStart': '0',
  'baselineAberration.timeShiftStart': '0',
  'join.type': 'OR',
  'reduceSeries.reduceFunction': 'sumSeries',
  'reduceSeries.reduceMatchers': 'b0',
}
