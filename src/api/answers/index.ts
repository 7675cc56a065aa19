import type { QueryAnswer, QueryRequest } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { answerExpand } from './expand.ts'
import { answerExplain } from './explain.ts'
import { answerExportPoints, answerExportSeries } from './export.ts'
import { answerFind } from './find.ts'
import { answerMetrics } from './metrics.ts'
import { answerNameIndex } from './name-index.ts'
import { answerRender } from './render.ts'
import { answerServices } from './services.ts'
import {
  answerTag,
  answerTagCompletion,
  answerTaggedSeries,
  answerTags,
  answerValueCompletion,
} from './tags.ts'

export type { AnswerContext } from './answer-context.ts'

/**
 * Answers a query, from its parameters to its bytes. Runs inside a query thread. Rejects with a KymoError, or with
 * the signal's reason when it aborts; the bytes of the answer own their memory and may be transferred.
 */
export async function answerQuery(
  request: QueryRequest,
  context: AnswerContext,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  signal.throwIfAborted()
  switch (request.kind) {
    case 'render':
      return answerRender(request, context, signal)
    case 'explain':
      return answerExplain(request.parameters, context, signal)
    case 'find':
      return answerFind(request.parameters, context)
    case 'expand':
      return answerExpand(request.parameters, context, signal)
    case 'index':
      return answerNameIndex(request.parameters, context)
    case 'metrics':
      return answerMetrics(request.parameters, context)
    case 'services':
      return answerServices(request.parameters, context)
    case 'export-series':
      return answerExportSeries(request.parameters, context)
    case 'export-points':
      return answerExportPoints(request.parameters, context, signal)
    case 'tagged-series':
      return answerTaggedSeries(request.parameters, context)
    case 'tags':
      return answerTags(request.parameters, context)
    case 'tag':
      return answerTag(request.parameters, context)
    case 'tag-completion':
      return answerTagCompletion(request.parameters, context)
    case 'value-completion':
      return answerValueCompletion(request.parameters, context)
  }
}
