import { compilePathGlob } from '../../../lib/glob.ts'
import { parseSeriesKey } from '../../../model/series-key.ts'
import { FakeStoreAccess } from '../../testdata/fake-store-access.ts'
import { DEFAULT_QUERY_LIMITS } from '../../query-limits.ts'
import type { QuerySeries, SeriesStyle } from '../../query-series.ts'
import { CONSOLIDATIONS } from '../../query-series.ts'
import type { SeriesRequest, SeriesSource } from '../../series-fetcher.ts'
import { UTC } from '../../testdata/utc.ts'
import { TargetBinder } from '../bind-target.ts'
import { Evaluation } from '../evaluation.ts'
import { FUNCTIONS } from '../functions/index.ts'
import { parseTarget } from '../parse-target.ts'
import type { CallNode, TargetNode } from '../target-node.ts'

/** A call of a function of graphite-web, as its own tests make it, and what came of it. */
export interface FunctionVector {
  readonly id: number
  readonly function: string
  readonly test: string
  readonly target?: string
  readonly context?: { readonly startTime?: VectorTime; readonly endTime?: VectorTime } | null
  readonly args?: readonly unknown[]
  readonly kwargs?: Readonly<Record<string, unknown>>
  /** What a path is answered with, of whole targets. */
  readonly fetch?: Readonly<Record<string, readonly VectorSeries[]>>
  /** What the first argument is over another window. */
  readonly refetched?: readonly VectorSeries[]
  readonly expect?: readonly VectorSeries[] | readonly (readonly VectorSeries[])[]
  readonly expect_at?: readonly { readonly path: string; readonly value: unknown }[]
  readonly raises?: unknown
}

export interface VectorSeries {
  readonly series: {
    readonly name: string
    readonly start: number
    readonly end: number
    readonly step: number
    readonly values: readonly (number | null)[]
    readonly pathExpression?: string
    readonly xFilesFactor?: number
    readonly options?: Readonly<Record<string, unknown>>
    readonly color?: string
  }
}

type VectorTime = number | { readonly datetime: string }

/** Evaluates the call, with its lists of series in the places of paths. */
export async function evaluateVector(
  vector: FunctionVector,
  vectors: readonly FunctionVector[],
): Promise<QuerySeries[]> {
  const fromSeconds = secondsOf(vector.context?.startTime, 0)
  const untilSeconds = secondsOf(vector.context?.endTime, 600)
  const lists = new Map<string, readonly QuerySeries[]>()
  for (const [pattern, series] of Object.entries(vector.fetch ?? {})) lists.set(pattern, series.map(toSeries))
  const { text, node } =
    vector.function === 'evaluateTarget'
      ? { text: vector.target ?? '', node: parseTarget(vector.target ?? '') }
      : { text: '', node: createCall(vector, lists) }
  const earlier = vectors.find(({ id }) => id === resultOf(vector))
  if (earlier !== undefined) lists.set('list0', await evaluateVector(earlier, vectors))
  const firstStep = [...lists.values()].flat()[0]?.stepSeconds ?? 1
  const window = { fromSeconds, untilSeconds, stepSeconds: firstStep }
  // Where there were no series at first, those tests make them by when they begin.
  const isMade = vector.args?.[0] === null && vector.refetched !== undefined
  const refetched = isMade ? undefined : vector.refetched?.map(toSeries)
  const context = {
    access: new FakeStoreAccess([]),
    limits: DEFAULT_QUERY_LIMITS,
    signal: new AbortController().signal,
    nowSeconds: untilSeconds,
    timeZone: UTC,
    // Those tests have a chance that is always the same.
    random: () => 1,
    ...window,
  }
  const binder = new TargetBinder({
    functions: FUNCTIONS,
    template: new Map(),
    xFilesFactor: undefined,
    nowSeconds: untilSeconds,
    timeZone: UTC,
  })
  const source: SeriesSource = {
    find: async () => {},
    stepSeconds: (_query, given) => given.stepSeconds,
    fetch: async () => {},
    has: () => true,
    series: (request) =>
      isMade
        ? (vector.refetched ?? []).map((one, index) => makeSeries(one, index, request.window.fromSeconds))
        : answer(request, lists, isOther(request, window) ? refetched : undefined),
  }
  const evaluation = new Evaluation(context, binder, source)
  return evaluation.evaluateAll([binder.bind(node, text)], window)
}

function isOther({ window }: SeriesRequest, own: { fromSeconds: number; untilSeconds: number }): boolean {
  return window.fromSeconds !== own.fromSeconds || window.untilSeconds !== own.untilSeconds
}

/** A path is a list by its number, or names of the series that there are in all lists. */
function answer(
  { query }: SeriesRequest,
  lists: ReadonlyMap<string, readonly QuerySeries[]>,
  refetched: readonly QuerySeries[] | undefined,
): QuerySeries[] {
  const pattern = query.kind === 'path' ? query.pattern : ''
  const list = lists.get(pattern)
  if (list !== undefined) return [...(refetched ?? list)]
  const glob = compilePathGlob(pattern)
  return [...lists.values()].flat().filter(({ name }) => {
    const nodes = name.split('.')
    return (
      glob.isCompiled &&
      glob.alternatives.some(
        (matchers) =>
          matchers.length === nodes.length && matchers.every((one, index) => one.matches(nodes[index] ?? '')),
      )
    )
  })
}

/** Times upwards, times downwards, nulls, numbers from 0 on. */
function makeSeries({ series }: VectorSeries, index: number, start: number): QuerySeries {
  const { end, step } = series
  const count = Math.ceil((end - start) / step)
  const values = Array.from({ length: count }, (_, place) =>
    index === 2 ? null : index === 3 ? place : (index === 0 ? 1 : -1) * place * step + start,
  )
  return toSeries({ series: { ...series, start, values } })
}

/** Some calls are handed what came of another. */
function resultOf({ args }: FunctionVector): number | undefined {
  return (args?.[0] as { resultOf?: number } | null | undefined)?.resultOf
}

export function isKnown(vector: FunctionVector): boolean {
  const names = vector.function === 'evaluateTarget' ? namesIn(vector.target) : [registeredName(vector)]
  return names.every((name) => FUNCTIONS.has(name))
}

function namesIn(target = ''): string[] {
  return [...target.matchAll(/[A-Za-z]+(?=\()/g)].map(([name]) => name)
}

function registeredName(vector: FunctionVector): string {
  return REGISTERED[vector.function] ?? vector.function
}

/** The names under which functions are registered, where those of their Python functions differ. */
const REGISTERED: Readonly<Record<string, string>> = {
  roundFunction: 'round',
  logarithm: 'log',
  toUpperCase: 'upper',
  toLowerCase: 'lower',
}

function createCall(vector: FunctionVector, lists: Map<string, readonly QuerySeries[]>): CallNode {
  const span = { start: 0, end: 0 }
  const toNode = (value: unknown, index: number): TargetNode => {
    // Where the series are fetched again, some tests hand over none at first.
    if (value === null && (vector.refetched === undefined || index > 0)) return { kind: 'none', ...span }
    if (typeof value === 'number')
      return { kind: 'number', value, isInteger: Number.isInteger(value), ...span }
    if (typeof value === 'string') return { kind: 'string', value, ...span }
    if (typeof value === 'boolean') return { kind: 'boolean', value, ...span }
    const path = `list${lists.size}`
    if (resultOf(vector) === undefined || index > 0) {
      lists.set(path, [value ?? []].flat(3).map((one) => toSeries(one as VectorSeries)))
    } else {
      lists.set(path, [])
    }
    return { kind: 'path', path, ...span }
  }
  const args = (vector.args ?? []).map(toNode)
  const namedArgs = new Map(Object.entries(vector.kwargs ?? {}).map(([name, value]) => [name, toNode(value, 1)]))
  return { kind: 'call', name: registeredName(vector), args, namedArgs, depth: 1, ...span }
}

export function toSeries({ series }: VectorSeries): QuerySeries {
  const { name, tags } = parseSeriesKey(series.name)
  return {
    name: series.name,
    pathExpression: series.pathExpression ?? series.name,
    tags: { ...Object.fromEntries(tags), name },
    startSeconds: series.start,
    endSeconds: series.end,
    stepSeconds: series.step,
    values: Float64Array.from(series.values, (value) => value ?? Number.NaN),
    consolidation: 'average',
    xFilesFactor: series.xFilesFactor ?? 0,
  }
}

/** What a path of `expect_at` says of the answer: `[0].name`, `[1][3]`, `[0].options.get()`. */
export function lookUp(series: readonly QuerySeries[], path: string): unknown {
  const [, place = '', rest = ''] = /^\[(\d+)\](.*)$/.exec(path) ?? []
  const one = series[Number(place)]
  if (one === undefined) return undefined
  if (/^\[\d+\]$/.test(rest)) return one.values[Number(rest.slice(1, -1))]
  switch (rest) {
    case '.name':
      return one.name
    case '.tags':
      return { ...one.tags }
    case '.color':
      return one.style?.color
    case '.consolidationFunc':
      return CONSOLIDATIONS.find((name) => name === one.consolidation)
    case '.xFilesFactor':
      return one.xFilesFactor
    case '':
      return one
    case '.name.startswith()':
      return one.name
    case '.options.get()':
      return styleOf(one.style)
    default:
      throw new Error(`BUG: nothing is known of ${path}`)
  }
}

/** Graphite's options by their names; those tests ask for one, without saying which. */
export function optionsOf(style: SeriesStyle = {}): Record<string, unknown> {
  const { lineWidth, dashed, alpha, isStacked, isInvisible, isOnSecondYAxis, isDrawnAsInfinite } = style
  const options = {
    lineWidth,
    dashed,
    alpha,
    stacked: isStacked,
    invisible: isInvisible,
    secondYAxis: isOnSecondYAxis,
    drawAsInfinite: isDrawnAsInfinite,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function styleOf(style: SeriesStyle | undefined): unknown {
  return Object.values(optionsOf(style))[0]
}

function secondsOf(time: VectorTime | undefined, missing: number): number {
  if (time === undefined) return missing
  return typeof time === 'number' ? time : new Date(time.datetime).getTime() / 1000
}
