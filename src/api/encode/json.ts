import type { QuerySeries } from '../../query/query-series.ts'
import type { JsonStyle } from '../../query/request-parameters.ts'
import type { QueryAnswer } from '../services.ts'
import { AnswerBody } from './answer-body.ts'
import { contentTypeOf, encodeText, newLines } from './json-text.ts'

export interface SeriesJsonOptions extends JsonStyle {
  /** Leaves out nulls, and series that hold nothing else. */
  readonly isWithoutNulls: boolean
  readonly maxBytes: number
  /** Metrictank's dialect: the list stands in an object, with what is known of it and of each series. */
  readonly meta?: ResponseMeta
}

export interface ResponseMeta {
  readonly stats: Readonly<Record<string, number>>
  /** In the order of the series. */
  readonly ofSeries: readonly (readonly SeriesMeta[])[]
}

export type SeriesMeta = Readonly<Record<string, string | number>>

/**
 * The answer of `/render`, `[{"target":…,"tags":{…},"datapoints":[[value or null, seconds],…]},…]`, written without
 * building it as objects first. Pretty: one datapoint a line.
 */
export function encodeSeriesJson(series: readonly QuerySeries[], options: SeriesJsonOptions): QueryAnswer {
  const body = new AnswerBody(options.maxBytes)
  const { newLine, space } = newLines(options)
  if (options.callback !== undefined) body.add(`${options.callback}(`)
  const { meta } = options
  if (meta !== undefined) {
    body.add(
      `{"version":${space}"v0.1","meta":${space}${encodeText({ stats: meta.stats })},"series":${space}`,
    )
  }
  body.add('[')
  let separator = ''
  for (const [index, one] of series.entries()) {
    if (options.isWithoutNulls && one.values.every(Number.isNaN)) continue
    body.add(`${separator}${newLine(1)}{${newLine(2)}"target":${space}${encodeText(one.name)},`)
    body.add(`${newLine(2)}"tags":${space}${encodeText(one.tags)},`)
    if (meta !== undefined) {
      body.add(`${newLine(2)}"interval":${space}${one.stepSeconds},`)
      body.add(`${newLine(2)}"meta":${space}${encodeText(meta.ofSeries[index] ?? [])},`)
    }
    body.add(`${newLine(2)}"datapoints":${space}[`)
    addDatapoints(body, one, { isWithoutNulls: options.isWithoutNulls, newLine: newLine(3) })
    body.add(`${newLine(2)}]${newLine(1)}}`)
    separator = ','
  }
  body.add(`${newLine(0)}]`)
  if (meta !== undefined) body.add('}')
  if (options.callback !== undefined) body.add(')')
  return { contentType: contentTypeOf(options), body: body.toBytes() }
}

/** An answer that is small enough to exist as a value. */
export function encodeJson(value: unknown, options: JsonStyle & { maxBytes: number }): QueryAnswer {
  const body = new AnswerBody(options.maxBytes)
  const text = encodeText(value, options.isPretty ? 2 : undefined)
  body.add(options.callback === undefined ? text : `${options.callback}(${text})`)
  return { contentType: contentTypeOf(options), body: body.toBytes() }
}

const [BRACKET, COMMA, END_BRACKET] = [0x5b, 0x2c, 0x5d]

function addDatapoints(
  body: AnswerBody,
  series: QuerySeries,
  { isWithoutNulls, newLine }: { isWithoutNulls: boolean; newLine: string },
): void {
  let isFirst = true
  let seconds = series.startSeconds
  for (const value of series.values) {
    // Of series that functions have cut, Graphite shows what lies up to the end, that moment included.
    if (seconds > series.endSeconds) break
    // Only NaN is not itself.
    if (!isWithoutNulls || value === value) {
      if (!isFirst) body.addByte(COMMA)
      isFirst = false
      if (newLine !== '') body.add(newLine)
      body.addByte(BRACKET)
      body.addNumber(value)
      body.addByte(COMMA)
      body.addNumber(seconds)
      body.addByte(END_BRACKET)
    }
    seconds += series.stepSeconds
  }
}
