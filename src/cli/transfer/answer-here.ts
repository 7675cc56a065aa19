import { answerQuery } from '../../api/answers/index.ts'
import type { Clock } from '../../lib/clock.ts'
import { localTimeZone } from '../../query/local-time-zone.ts'
import { DEFAULT_QUERY_LIMITS } from '../../query/query-limits.ts'
import type { OpenStore } from '../../store/index.ts'
import type { SeriesLevels } from '../../store/rules/index.ts'
import type { PeerQuestion } from './kymo-peer.ts'

/** Answers questions from a store that this process has open, as a query thread would. */
export function answerHere(
  { engine, catalog }: OpenStore,
  { clock, levels, stepSeconds }: { clock: Clock; levels?: SeriesLevels; stepSeconds: number },
): (question: PeerQuestion) => Promise<Uint8Array> {
  return async ({ kind, parameters }) => {
    const answer = await answerQuery(
      { kind, parameters },
      {
        access: {
          findNodes: async (pattern, limit, choice) => catalog.findNodes(pattern, limit, choice),
          findSeries: async (pattern, limit) => catalog.findSeries(pattern, limit),
          findSeriesByTags: async (expressions, limit) => catalog.findSeriesByTags(expressions, limit),
          tags: async (question) => catalog.tags(question),
          tagValues: async (tag, question) => catalog.tagValues(tag, question),
          metrics: async ({ limit, search }) => catalog.metrics(limit, search),
          reader: engine,
          ...(levels === undefined ? {} : { levels }),
        },
        clock,
        stepSeconds,
        defaultTimeZone: localTimeZone(),
        limits: DEFAULT_QUERY_LIMITS,
      },
      new AbortController().signal,
    )
    return answer.body
  }
}
