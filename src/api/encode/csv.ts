import type { QuerySeries } from '../../query/query-series.ts'
import type { TimeZone } from '../../query/time-zone.ts'
import type { QueryAnswer } from '../services.ts'
import { AnswerBody } from './answer-body.ts'

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
  options: { timeZone: TimeZone; maxBytes: number },
): QueryAnswer {
  const body = new AnswerBody(options.maxBytes)
  for (const one of series) {
    const name = quoteCell(guardFormula(one.name))
    let seconds = one.startSeconds
    for (const value of one.values) {
      body.add(`${name},${formatTime(seconds, options.timeZone)},${encodeValue(value)}\r\n`)
      seconds += one.stepSeconds
    }
  }
  return { contentType: 'text/csv; charset=utf-8', body: body.toBytes() }
}

function guardFormula(name: string): string {
  // oxlint-disable-next-line no-control-regex -- a tab or a carriage return hides a formula behind it
  return /^[=+\-@\u0000-\u001f]/.test(name) ? `'${name}` : name
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function formatTime(epochSeconds: number, timeZone: TimeZone): string {
  const { year, month, day, hour, minute, second } = timeZone.toCivilTime(epochSeconds)
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)} ${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}`
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}

function encodeValue(value: number): string {
  if (!Number.isFinite(value)) return ''
  return Object.is(value, -0) ? '-0.0' : String(value)
}
