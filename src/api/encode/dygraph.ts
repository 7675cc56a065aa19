import type { QuerySeries } from '../../query/query-series.ts'
import type { JsonStyle } from '../../query/request-parameters.ts'
import type { QueryAnswer } from '../services.ts'
import { AnswerBody } from './answer-body.ts'
import { contentTypeOf, encodeNumber, encodeText } from './json-text.ts'

export interface DygraphOptions extends JsonStyle {
  readonly maxBytes: number
}

/**
 * A table for Dygraphs: `{"labels":["Time","a","b"],"data":[[milliseconds,1,null],…]}`; `{}` without series. Rows stand
 * where any of the series has a point, so that series of different steps fit into one table.
 */
export function encodeDygraph(series: readonly QuerySeries[], options: DygraphOptions): QueryAnswer {
  const body = new AnswerBody(options.maxBytes)
  if (options.callback !== undefined) body.add(`${options.callback}(`)
  if (series.length === 0) body.add('{}')
  else addTable(body, series)
  if (options.callback !== undefined) body.add(')')
  return body.toAnswer(contentTypeOf(options))
}

function addTable(body: AnswerBody, series: readonly QuerySeries[]): void {
  body.add(`{"labels":${encodeText(['Time', ...series.map(({ name }) => name)])},"data":[`)
  let separator = ''
  for (const seconds of rowTimes(series)) {
    body.add(`${separator}[${seconds * 1000}`)
    for (const one of series) body.add(`,${encodeNumber(valueAt(one, seconds))}`)
    body.add(']')
    separator = ','
  }
  body.add(']}')
}

/** Ascending. Series of one query mostly have the same times. */
function rowTimes(series: readonly QuerySeries[]): number[] {
  const shapes = new Map(
    series.map((one) => [`${one.startSeconds} ${one.stepSeconds} ${one.values.length}`, one] as const),
  )
  const times = new Set<number>()
  for (const { startSeconds, stepSeconds, values } of shapes.values()) {
    for (let index = 0; index < values.length; index++) times.add(startSeconds + index * stepSeconds)
  }
  return [...times].sort((a, b) => a - b)
}

function valueAt({ startSeconds, stepSeconds, values }: QuerySeries, seconds: number): number {
  return values[(seconds - startSeconds) / stepSeconds] ?? Number.NaN
}
