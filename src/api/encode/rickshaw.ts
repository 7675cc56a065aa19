import type { QuerySeries } from '../../query/query-series.ts'
import type { JsonStyle } from '../../query/request-parameters.ts'
import type { QueryAnswer } from '../services.ts'
import { AnswerBody } from './answer-body.ts'
import { contentTypeOf, encodeNumber, encodeText, newLines } from './json-text.ts'

export interface RickshawOptions extends JsonStyle {
  readonly maxBytes: number
}

/** Series for Rickshaw: `[{"target":"a","datapoints":[{"x":seconds,"y":value or null},…]},…]`. */
export function encodeRickshaw(series: readonly QuerySeries[], options: RickshawOptions): QueryAnswer {
  const body = new AnswerBody(options.maxBytes)
  const { newLine, space } = newLines(options)
  if (options.callback !== undefined) body.add(`${options.callback}(`)
  body.add('[')
  series.forEach((one, index) => {
    const separator = index === 0 ? '' : ','
    body.add(`${separator}${newLine(1)}{${newLine(2)}"target":${space}${encodeText(one.name)},`)
    body.add(`${newLine(2)}"datapoints":${space}[`)
    one.values.forEach((value, place) => {
      const seconds = one.startSeconds + place * one.stepSeconds
      body.add(
        `${place === 0 ? '' : ','}${newLine(3)}{"x":${space}${seconds},"y":${space}${encodeNumber(value)}}`,
      )
    })
    body.add(`${newLine(2)}]${newLine(1)}}`)
  })
  body.add(`${newLine(0)}]`)
  if (options.callback !== undefined) body.add(')')
  return { contentType: contentTypeOf(options), body: body.toBytes() }
}
