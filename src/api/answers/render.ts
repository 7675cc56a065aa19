import { drawGraph } from '../../graph/draw-graph.ts'
import { consolidateToFit } from '../../query/consolidate.ts'
import { evaluateOrStream, evaluateTargets } from '../../query/graphite/evaluate.ts'
import type { QuerySeries } from '../../query/query-series.ts'
import type { RenderRequest } from '../../query/render-request.ts'
import { parseRenderRequest } from '../../query/render-request.ts'
import { lastValue, type RequestParameters } from '../../query/request-parameters.ts'
import { streamOf } from '../../query/streamed-series.ts'
import { createCsvWriter } from '../encode/csv.ts'
import { encodeDygraph } from '../encode/dygraph.ts'
import { createJsonWriter } from '../encode/json.ts'
import { createRawWriter } from '../encode/raw.ts'
import { createRickshawWriter } from '../encode/rickshaw.ts'
import { encodeSeriesMsgpack, encodeSeriesPickle } from '../encode/series-info.ts'
import { type EncodeOptions, encodeWhole, type SeriesWriter } from '../encode/series-writer.ts'
import type { QueryAnswer, QueryRequest } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { evaluatePie } from './evaluate-pie.ts'
import { answerInPieces } from './answer-in-pieces.ts'
import { recordLevels, withStep } from './level-record.ts'
import { answerRenderWithMeta } from './render-meta.ts'

/** `/render`: the series of all targets over a range of time. */
export async function answerRender(
  { parameters, origin }: Pick<QueryRequest, 'parameters' | 'origin'>,
  context: AnswerContext,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const { limits, stepSeconds, room } = context
  const request = parseRenderRequest(parameters, context)
  if (request.hasMeta && request.format === 'json')
    return answerRenderWithMeta(request, context, signal, origin)
  const record = recordLevels(context.access)
  const { access } = record
  const evaluation = { ...request, access, limits, stepSeconds, signal }
  const writer = isConsolidated(request) ? undefined : writerOf(request)
  const evaluate =
    writer !== undefined ? evaluateOrStream : isPie(request, parameters) ? evaluatePie : evaluateTargets
  const found = await evaluate(request.targets, evaluation)
  signal.throwIfAborted()
  context.usage?.record(record.keys(), origin, context.clock.nowMs())
  if (writer !== undefined) {
    if (!Array.isArray(found)) return answerInPieces(writer, found, signal)
    if (pointsOf(found) > MOST_POINTS_AT_ONCE) return answerInPieces(writer, found.map(streamOf), signal)
  }
  const series = found as readonly QuerySeries[]
  const { maxAnswerBytes: maxBytes } = limits
  const answer =
    request.format === 'png' || request.format === 'svg'
      ? await drawGraph(series, { ...request, format: request.format, parameters, signal, maxBytes })
      : encode(series, request, { maxBytes, ...(room !== undefined && { room }) })
  return withStep(answer, record.finestStepSeconds())
}

/** Of more the answer goes out while it is written. */
const MOST_POINTS_AT_ONCE = 262_144

function isPie({ format }: RenderRequest, parameters: RequestParameters): boolean {
  return (format === 'png' || format === 'svg') && lastValue(parameters, 'graphType') === 'pie'
}

function pointsOf(series: readonly QuerySeries[]): number {
  return series.reduce((sum, { values }) => sum + values.length, 0)
}

/** Only json is, and it takes all series to know how. */
function isConsolidated({ format, maxDataPoints }: RenderRequest): boolean {
  return format === 'json' && maxDataPoints !== undefined
}

/** Undefined: the format has to be made of all series at once. Only json can do without nulls. */
function writerOf({ format, isWithoutNulls, jsonStyle, timeZone }: RenderRequest): SeriesWriter | undefined {
  if (format === 'json') return createJsonWriter({ ...jsonStyle, isWithoutNulls })
  if (format === 'csv') return createCsvWriter({ timeZone })
  if (format === 'raw') return createRawWriter()
  return format === 'rickshaw' ? createRickshawWriter(jsonStyle) : undefined
}

function encode(series: readonly QuerySeries[], request: RenderRequest, options: EncodeOptions): QueryAnswer {
  const { format, maxDataPoints, jsonStyle } = request
  if (format === 'pickle') return encodeSeriesPickle(series, options)
  if (format === 'msgpack') return encodeSeriesMsgpack(series, options)
  if (format === 'dygraph') return encodeDygraph(series, { ...jsonStyle, ...options })
  const writer = writerOf(request)
  if (writer === undefined) throw new Error(`BUG: nobody writes ${format}`)
  const isFitted = format === 'json' && maxDataPoints !== undefined
  return encodeWhole(writer, isFitted ? consolidateToFit(series, maxDataPoints) : series, options)
}
