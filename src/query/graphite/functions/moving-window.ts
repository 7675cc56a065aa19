import type { QuerySeries } from '../../query-series.ts'
import { derive } from '../calculate/create-series.ts'
import { beginEarlier, previewSecondsOf, sizeText, withPreview } from '../calculate/preview.ts'
import { slideWindow, slidingCost } from '../calculate/sliding-window.ts'
import type { Aggregation, NamedAggregation } from '../aggregation-name.ts'
import type { FunctionCall, SeriesExpression } from '../function-call.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import type { WindowSize } from '../interval.ts'
import { aggregation, expression, float, optional, windowSize, withDefault } from '../parameters.ts'

export const WINDOW_SIZES = [5, 7, 10, '1min', '5min', '10min', '30min', '1hour']
const SIZE = { seriesList: expression(), windowSize: windowSize({ suggestions: WINDOW_SIZES }) }
const X_FILES_FACTOR = { xFilesFactor: optional(float()) }

export const movingWindow = defineFunction({
  name: 'movingWindow',
  group: 'Calculate',
  description:
    'At each point the aggregate of the points up to it: of so many, or of those within a length of time. What lies before the request is fetched too.',
  example: 'movingWindow(servers.web1.load, "5min", "median")',
  params: { ...SIZE, func: withDefault(aggregation(), 'average'), ...X_FILES_FACTOR },
  windows: ({ windowSize: size }, window, { stepSeconds }) => [
    beginEarlier(window, previewSecondsOf(size, stepSeconds)),
  ],
  consolidation: ({ func }) => consolidationFor(func.aggregation),
  evaluate: ({ seriesList: series, windowSize: size, func, xFilesFactor }, call) =>
    moveWindow(series, { size, func, xFilesFactor }, call),
})

export const movingAverage = defineMoving('movingAverage', 'average', 'The average')
export const movingMedian = defineMoving('movingMedian', 'median', 'The median')
export const movingSum = defineMoving('movingSum', 'sum', 'The sum')
export const movingMin = defineMoving('movingMin', 'min', 'The least')
export const movingMax = defineMoving('movingMax', 'max', 'The greatest')

function defineMoving(name: string, func: Aggregation, what: string): GraphiteFunction {
  return defineFunction({
    name,
    group: 'Calculate',
    description: `${what} of the points up to each point: of so many, or of those within a length of time. What lies before the request is fetched too.`,
    example: `${name}(servers.web1.load, "5min")`,
    params: { ...SIZE, ...X_FILES_FACTOR },
    windows: ({ windowSize: size }, window, { stepSeconds }) => [
      beginEarlier(window, previewSecondsOf(size, stepSeconds)),
    ],
    consolidation: () => consolidationFor(func),
    evaluate: ({ seriesList: series, windowSize: size, xFilesFactor }, call) =>
      moveWindow(series, { size, func: { name: func, aggregation: func }, xFilesFactor }, call),
  })
}

interface Moving {
  readonly size: WindowSize
  readonly func: NamedAggregation
  readonly xFilesFactor: number | undefined
}

/**
 * A window ends with its point: of series with `points` more at the beginning, the first window leaves out the very first.
 *
 *   values   . . . . . .       points: 3
 *              [- - -]         the first of 3 windows, at the place of its last
 */
async function moveWindow(
  expression: SeriesExpression,
  { size, func, xFilesFactor }: Moving,
  call: FunctionCall,
): Promise<QuerySeries[]> {
  const { series, previewSeconds } = await withPreview(expression, size, call)
  const tag = `moving${func.name.charAt(0).toUpperCase()}${func.name.slice(1).toLowerCase()}`
  const { shown, mark } = sizeText(size)
  const moved: QuerySeries[] = []
  for (const one of series) {
    const points = 'points' in size ? size.points : Math.floor(previewSeconds / one.stepSeconds)
    await call.work(slidingCost(one.values.length, points, func.aggregation))
    const values =
      points === 0
        ? new Float64Array(one.values.length).fill(Number.NaN)
        : slideWindow(one.values.subarray(1), points, func.aggregation, {
            xFilesFactor: xFilesFactor ?? one.xFilesFactor,
          })
    moved.push(
      derive(one, `${tag}(${one.name},${shown})`, {
        values,
        startSeconds: one.startSeconds + previewSeconds,
        mark: { [tag]: mark },
      }),
    )
  }
  return moved
}

function consolidationFor(func: Aggregation): QuerySeries['consolidation'] | undefined {
  return func === 'sum' || func === 'min' || func === 'max' || func === 'last' ? func : undefined
}
