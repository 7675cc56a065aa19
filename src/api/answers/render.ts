import { drawGraph } from '../../graph/draw-graph.ts'
import { consolidateToFit } from '../../query/consolidate.ts'
import { evaluateTargets } from '../../query/graphite/evaluate.ts'
import type { QuerySeries } from '../../query/query-series.ts'
import type { RenderFormat, RenderRequest } from '../../query/render-request.ts'
import { parseRenderRequest } from '../../query/render-request.ts'
import { encodeCsv } from '../encode/csv.ts'
import { encodeDygraph } from '../encode/dygraph.ts'
import { encodeSeriesJson } from '../encode/json.ts'
import { encodeRaw } from '../encode/raw.ts'
import { encodeRickshaw } from '../encode/rickshaw.ts'
import { encodeSeriesMsgpack, encodeSeriesPickle } from '../encode/series-info.ts'
import type { QueryAnswer, QueryRequest } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { recordLevels, withStep } from './level-record.ts'
import { answerRenderWithMeta } from './render-meta.ts'

/** `/render`: the series of all targets over a range of time. */
export async function answerRender(
  { parameters, origin }: Pick<QueryRequest, 'parameters' | 'origin'>,
  context: AnswerContext,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const { limits } = context
  const request = parseRenderRequest(parameters, context)
  if (request.hasMeta && request.format === 'json')
    return answerRenderWithMeta(request, context, signal, origin)
  const { stepSeconds } = context
  const record = recordLevels(context.access)
  const { access } = record
  const series = await evaluateTargets(request.targets, { ...request, access, limits, stepSeconds, signal })
  signal.throwIfAborted()
  context.usage?.record(record.keys(), origin, context.clock.nowMs())
  const { format } = request
  const { maxAnswerBytes: maxBytes } = limits
  const answer =
    format === 'png' || format === 'svg'
      ? await drawGraph(series, { ...request, format, parameters, signal, maxBytes })
      : encode(series, { ...request, format }, maxBytes)
  return withStep(answer, record.finestStepSeconds())
}

type EncodedRequest = RenderRequest & { readonly format: Exclude<RenderFormat, 'png' | 'svg'> }

/** Only json is consolidated to maxDataPoints, and only json can do without nulls. */
function encode(series: readonly QuerySeries[], request: EncodedRequest, maxBytes: number): QueryAnswer {
  switch (request.format) {
    case 'json': {
      const { maxDataPoints, isWithoutNulls, jsonStyle } = request
      const fitting = maxDataPoints === undefined ? series : consolidateToFit(series, maxDataPoints)
      return encodeSeriesJson(fitting, { ...jsonStyle, isWithoutNulls, maxBytes })
    }
    case 'csv':
      return encodeCsv(series, { timeZone: request.timeZone, maxBytes })
    case 'raw':
      return encodeRaw(series, { maxBytes })
    case 'pickle':
      return encodeSeriesPickle(series, { maxBytes })
    case 'msgpack':
      return encodeSeriesMsgpack(series, { maxBytes })
    case 'dygraph':
      return encodeDygraph(series, { ...request.jsonStyle, maxBytes })
    case 'rickshaw':
      return encodeRickshaw(series, { ...request.jsonStyle, maxBytes })
  }
}
