import type { QuerySeries } from '../../query/query-series.ts'
import type { QueryAnswer } from '../services.ts'
import { AnswerBody } from './answer-body.ts'

/**
 * Graphite's raw form, one line a series:
 *
 *   stats.counters.api.count,1700000010,1700000040,10|4,None,7
 *   name                     start      end        step
 *
 * Nothing can be quoted in it. A name may hold commas and bars: readers split at the last bar and the last three
 * commas. What a line cannot hold, control characters, is written as \xNN.
 */
export function encodeRaw(series: readonly QuerySeries[], options: { maxBytes: number }): QueryAnswer {
  const body = new AnswerBody(options.maxBytes)
  for (const one of series) {
    body.add(`${escapeControls(one.name)},${one.startSeconds},${one.endSeconds},${one.stepSeconds}|`)
    let separator = ''
    for (const value of one.values) {
      body.add(separator + encodeValue(value))
      separator = ','
    }
    body.add('\n')
  }
  return { contentType: 'text/plain; charset=utf-8', body: body.toBytes() }
}

function encodeValue(value: number): string {
  if (!Number.isFinite(value)) return 'None'
  return Object.is(value, -0) ? '-0.0' : String(value)
}

function escapeControls(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}
