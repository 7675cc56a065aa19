import { excerpt } from '../../lib/excerpt.ts'
import { parseTime } from './parse-time.ts'

export interface CsvPoint {
  readonly series: string
  readonly timeMs: number
  /** undefined: the field is empty, as Graphite writes it where there is no value. */
  readonly value: number | undefined
}

export interface CsvProblem {
  readonly problem: string
  /** It may be what the columns are called. */
  readonly isHeader: boolean
}

/**
 * One line of CSV: series, time, value. A field with commas stands in double quotes, which are doubled within it. undefined: the line is empty.
 *
 *   web1.load,1700000000,0.5        "disk.used;dc=fra",2026-01-31T12:00:00Z,12
 */
export function parseCsvLine(text: string): CsvPoint | CsvProblem | undefined {
  const line = text.replace(/^\ufeff/, '').replace(/\r$/, '')
  if (line.trim() === '') return undefined
  const fields = fieldsOf(line)
  if (fields === undefined)
    return { problem: 'a field in quotes has no end, or something behind it', isHeader: false }
  const [series, time, value] = fields
  if (series === undefined || time === undefined || value === undefined || fields.length > 3)
    return {
      problem: `it has ${fields.length} fields, and series, time and value are wanted`,
      isHeader: false,
    }
  const isNumber = NUMBER.test(value)
  const timeMs = parseTime(time)
  if (!(timeMs > 0))
    return { problem: `"${excerpt(time, 60)}" is no time`, isHeader: !isNumber && value !== '' }
  if (value === '' || /^(none|null|nan)$/i.test(value)) return { series, timeMs, value: undefined }
  if (!isNumber || !Number.isFinite(Number(value)))
    return { problem: `"${excerpt(value, 60)}" is no number`, isHeader: false }
  return { series, timeMs, value: Number(value) }
}

const NUMBER = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i

/** Without the blanks around them. */
function fieldsOf(line: string): string[] | undefined {
  // Fast path: nothing is in quotes.
  if (!line.includes('"')) return line.split(',').map((field) => field.trim())
  const fields: string[] = []
  for (let at = 0; at <= line.length; ) {
    const [whole = '', quoted, plain = ''] = FIELD.exec(line.slice(at)) ?? []
    fields.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'))
    at += whole.length
    if (at < line.length && line[at] !== ',') return undefined
    at++
  }
  return fields
}

const FIELD = /^(?:\s*"((?:[^"]|"")*)"\s*|([^",]*))/
