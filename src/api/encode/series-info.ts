import type { QuerySeries } from '../../query/query-series.ts'
import type { QueryAnswer } from '../services.ts'
import { encodeMsgpack } from './msgpack.ts'
import { encodePickle } from './pickle.ts'
import type { PlainValue } from './plain-value.ts'

/** Series as another graphite-web asks for them, with what it goes on calculating with. */
export function encodeSeriesPickle(
  series: readonly QuerySeries[],
  options: { maxBytes: number },
): QueryAnswer {
  return { contentType: 'application/pickle', body: encodePickle(series.map(toInfo), options) }
}

/** The same as MessagePack. */
export function encodeSeriesMsgpack(
  series: readonly QuerySeries[],
  options: { maxBytes: number },
): QueryAnswer {
  return { contentType: 'application/x-msgpack', body: encodeMsgpack(series.map(toInfo), options) }
}

function toInfo(series: QuerySeries): PlainValue {
  return {
    name: series.name,
    start: series.startSeconds,
    end: series.endSeconds,
    step: series.stepSeconds,
    values: series.values,
    pathExpression: series.pathExpression,
    valuesPerPoint: 1,
    consolidationFunc: series.consolidation,
    xFilesFactor: series.xFilesFactor,
  }
}
