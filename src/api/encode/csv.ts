import type { QuerySeries } from '../../query/query-series.ts'
import type { TimeZone } from '../../query/time-zone.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerBody } from './answer-body.ts'
import { type EncodeOptions, encodeWhole, type SeriesWriter } from './series-writer.ts'

/**
 * One row a point, `name,2026-01-31 12:00:00,value`, in the zone of the request; rows end in CRLF and a null is an
 * empty cell. Cells are quoted only where they must be.
 *
 * A name that begins with = + - @ or a control character gets a ' in front: spreadsheets would run it as a formula,
 * and names come from anyone who can send a packet. That costs such a name its exact spelling here; json and raw
 * keep it. Values are numbers and stay as they are.
 */
export function encodeCsv(
  series: readonly QuerySeries[],
  options: EncodeOptions & { readonly timeZone: TimeZone },
): QueryAnswer {
  return encodeWhole(createCsvWriter(options), series, options)
}

/** The same in parts. */
export function createCsvWriter({ timeZone }: { readonly timeZone: TimeZone }): SeriesWriter {
  const addTime = createTimeWriter(timeZone)
  let cell = ''
  let seconds = 0
  let stepSeconds = 1
  return {
    contentType: 'text/csv; charset=utf-8',
    begin() {},
    beginSeries(_body, head) {
      cell = `${quoteCell(guardFormula(head.name))},`
      seconds = head.startSeconds
      stepSeconds = head.stepSeconds
    },
    addValues(body, values) {
      for (const value of values) {
        body.add(cell)
        addTime(body, seconds)
        body.addByte(COMMA)
        if (Number.isFinite(value)) body.addNumber(value)
        body.addByte(CARRIAGE_RETURN)
        body.addByte(LINE_FEED)
        seconds += stepSeconds
      }
    },
    endSeries() {},
    end() {},
  }
}

function guardFormula(name: string): string {
  // oxlint-disable-next-line no-control-regex -- a tab or a carriage return hides a formula behind it
  return /^[=+\-@\u0000-\u001f]/.test(name) ? `'${name}` : name
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Adds `2026-01-31 12:00:00`. Of a minute all but the seconds is written once: the civil time is most of what a row costs. */
function createTimeWriter(timeZone: TimeZone): (body: AnswerBody, epochSeconds: number) => void {
  let minute = ''
  let startSeconds = Number.NaN
  return (body, epochSeconds) => {
    let second = epochSeconds - startSeconds
    if (!(second >= 0 && second < 60)) {
      const civil = timeZone.toCivilTime(epochSeconds)
      second = civil.second
      startSeconds = epochSeconds - second
      minute = `${pad(civil.year, 4)}-${pad(civil.month, 2)}-${pad(civil.day, 2)} ${pad(civil.hour, 2)}:${pad(civil.minute, 2)}:`
    }
    const tens = Math.floor(second / 10)
    body.add(minute)
    body.addByte(DIGIT_0 + tens)
    body.addByte(DIGIT_0 + second - tens * 10)
  }
}

const DIGIT_0 = 0x30
const COMMA = 0x2c
const [CARRIAGE_RETURN, LINE_FEED] = [0x0d, 0x0a]

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
