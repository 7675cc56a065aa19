import type { QuerySeries } from '../../query/query-series.ts'
import type { QueryAnswer } from '../services.ts'
import { type EncodeOptions, encodeWhole, type SeriesWriter } from './series-writer.ts'

/**
 * Graphite's raw form, one line a series:
 *
 *   stats.counters.api.count,1700000010,1700000040,10|4,None,7
 *   name                     start      end        step
 *
 * Nothing can be quoted in it. A name may hold commas and bars: readers split at the last bar and the last three
 * commas. What a line cannot hold, control characters, is written as \xNN.
 */
export function encodeRaw(series: readonly QuerySeries[], options: EncodeOptions): QueryAnswer {
  return encodeWhole(createRawWriter(), series, options)
}

/** The same in parts. */
export function createRawWriter(): SeriesWriter {
  let isFirst = true
  return {
    contentType: 'text/plain; charset=utf-8',
    begin() {},
    beginSeries(body, { name, startSeconds, endSeconds, stepSeconds }) {
      body.add(`${escapeControls(name)},${startSeconds},${endSeconds},${stepSeconds}|`)
      isFirst = true
    },
    addValues(body, values) {
      for (const value of values) {
        if (!isFirst) body.addByte(COMMA)
        isFirst = false
        if (Number.isFinite(value)) body.addNumber(value)
        else body.add('None')
      }
    },
    endSeries(body) {
      body.add('\n')
    },
    end() {},
  }
}

const COMMA = 0x2c

function escapeControls(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}
