import type { QuerySeries } from '../../query/query-series.ts'
import type { JsonStyle } from '../../query/request-parameters.ts'
import type { QueryAnswer } from '../services.ts'
import { contentTypeOf, encodeText, newLines } from './json-text.ts'
import { type EncodeOptions, encodeWhole, type SeriesWriter } from './series-writer.ts'

/** Series for Rickshaw: `[{"target":"a","datapoints":[{"x":seconds,"y":value or null},…]},…]`. */
export function encodeRickshaw(
  series: readonly QuerySeries[],
  options: JsonStyle & EncodeOptions,
): QueryAnswer {
  return encodeWhole(createRickshawWriter(options), series, options)
}

/** The same in parts. */
export function createRickshawWriter(options: JsonStyle): SeriesWriter {
  const { newLine, space } = newLines(options)
  let seriesSeparator = ''
  let separator = ''
  let seconds = 0
  let stepSeconds = 1
  return {
    contentType: contentTypeOf(options),
    begin(body) {
      body.add(options.callback === undefined ? '[' : `${options.callback}([`)
    },
    beginSeries(body, head) {
      body.add(`${seriesSeparator}${newLine(1)}{${newLine(2)}"target":${space}${encodeText(head.name)},`)
      body.add(`${newLine(2)}"datapoints":${space}[`)
      seriesSeparator = ','
      separator = ''
      seconds = head.startSeconds
      stepSeconds = head.stepSeconds
    },
    addValues(body, values) {
      for (const value of values) {
        body.add(`${separator}${newLine(3)}{"x":${space}${seconds},"y":${space}`)
        body.addNumber(value)
        body.add('}')
        separator = ','
        seconds += stepSeconds
      }
    },
    endSeries(body) {
      body.add(`${newLine(2)}]${newLine(1)}}`)
    },
    end(body) {
      body.add(options.callback === undefined ? `${newLine(0)}]` : `${newLine(0)}])`)
    },
  }
}
