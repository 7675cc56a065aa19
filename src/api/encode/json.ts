import type { QuerySeries } from '../../query/query-series.ts'
import type { JsonStyle } from '../../query/request-parameters.ts'
import type { QueryAnswer } from '../services.ts'
import { AnswerBody } from './answer-body.ts'
import { contentTypeOf, encodeText, newLines } from './json-text.ts'
import { type EncodeOptions, encodeWhole, type SeriesHead, type SeriesWriter } from './series-writer.ts'

export interface SeriesJsonOptions extends JsonStyle, EncodeOptions {
  /** Leaves out nulls, and series that hold nothing else. */
  readonly isWithoutNulls: boolean
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
  return encodeWhole(createJsonWriter(options), series, options)
}

/** The same in parts. */
export function createJsonWriter(options: Omit<SeriesJsonOptions, keyof EncodeOptions>): SeriesWriter {
  const { isWithoutNulls, isPretty, meta, callback } = options
  const { newLine, space } = newLines(options)
  const newPair = newLine(3)
  let separator = ''
  let index = 0
  let head: SeriesHead | undefined
  let isOpen = false
  let isFirst = true
  let seconds = 0

  function open(body: AnswerBody, { name, tags, stepSeconds }: SeriesHead): void {
    isOpen = true
    body.add(`${separator}${newLine(1)}{${newLine(2)}"target":${space}${encodeText(name)},`)
    body.add(`${newLine(2)}"tags":${space}${encodeText(tags)},`)
    if (meta !== undefined) {
      body.add(`${newLine(2)}"interval":${space}${stepSeconds},`)
      body.add(`${newLine(2)}"meta":${space}${encodeText(meta.ofSeries[index] ?? [])},`)
    }
    body.add(`${newLine(2)}"datapoints":${space}[`)
    separator = ','
  }

  /** Returns how many there are now that it is there. */
  function addPair(body: AnswerBody, value: number, stepSeconds: number): 1 {
    body.addByte(BRACKET)
    body.addNumber(value)
    body.addByte(COMMA)
    body.addNumber(seconds)
    body.addByte(END_BRACKET)
    seconds += stepSeconds
    isFirst = false
    return 1
  }

  return {
    contentType: contentTypeOf(options),
    begin(body) {
      if (callback !== undefined) body.add(`${callback}(`)
      if (meta !== undefined) {
        body.add(
          `{"version":${space}"v0.1","meta":${space}${encodeText({ stats: meta.stats })},"series":${space}`,
        )
      }
      body.add('[')
    },
    beginSeries(body, begun) {
      head = begun
      isOpen = false
      isFirst = true
      seconds = begun.startSeconds
      // Without nulls it is shown once there is something else.
      if (!isWithoutNulls) open(body, begun)
    },
    addValues(body, values) {
      if (head === undefined) throw new Error('BUG: values of no series')
      const { endSeconds, stepSeconds } = head
      // Of series that functions have cut, Graphite shows what lies up to the end, that moment included.
      const most = Math.floor((endSeconds - seconds) / stepSeconds) + 1
      const end = Math.min(values.length, Math.max(0, most))
      if (end > 0 && !isWithoutNulls && !isPretty) {
        // Fast path: what is not the first has a comma in front.
        const start = isFirst ? addPair(body, values[0] as number, stepSeconds) : 0
        body.addPairs({ values, start, end, seconds, stepSeconds })
        seconds += (end - start) * stepSeconds
        return
      }
      for (let place = 0; place < end; place++) {
        const value = values[place] as number
        if (isWithoutNulls && Number.isNaN(value)) {
          seconds += stepSeconds
          continue
        }
        if (!isOpen) open(body, head)
        if (!isFirst) body.addByte(COMMA)
        body.add(newPair)
        addPair(body, value, stepSeconds)
      }
    },
    endSeries(body) {
      if (isOpen) body.add(`${newLine(2)}]${newLine(1)}}`)
      index += 1
    },
    end(body) {
      body.add(`${newLine(0)}]`)
      if (meta !== undefined) body.add('}')
      if (callback !== undefined) body.add(')')
    },
  }
}

const [BRACKET, COMMA, END_BRACKET] = [0x5b, 0x2c, 0x5d]

/** An answer that is small enough to exist as a value. */
export function encodeJson(value: unknown, options: JsonStyle & EncodeOptions): QueryAnswer {
  return encodeWritten(encodeText(value, options.isPretty ? 2 : undefined), options)
}

/** The same, of what is written already. */
export function encodeJsonText(text: string, options: JsonStyle & EncodeOptions): QueryAnswer {
  return options.isPretty ? encodeJson(JSON.parse(text), options) : encodeWritten(text, options)
}

function encodeWritten(text: string, options: JsonStyle & EncodeOptions): QueryAnswer {
  const written = options.callback === undefined ? text : `${options.callback}(${text})`
  const contentType = contentTypeOf(options)
  // Fast path: most are short, and to make room for them takes longer than to write them.
  if (written.length <= LONGEST_SHORT_TEXT && options.maxBytes >= LONGEST_SHORT_TEXT * 3)
    return { contentType, body: encoder.encode(written) }
  const body = new AnswerBody(options.maxBytes, options.room)
  body.add(written)
  return body.toAnswer(contentType)
}

const encoder = new TextEncoder()
const LONGEST_SHORT_TEXT = 8_192
