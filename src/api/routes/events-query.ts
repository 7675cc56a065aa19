import type { Clock } from '../../lib/clock.ts'
import { excerpt } from '../../lib/excerpt.ts'
import { localTimeZone } from '../../query/local-time-zone.ts'
import { allValues, lastValue, type RequestParameters } from '../../query/request-parameters.ts'
import { parseTimeExpression } from '../../query/time-expression.ts'
import { findTimeZone } from '../../query/time-zone.ts'
import { formatEventTag, parseEventTag } from '../../model/event-tag.ts'
import { type EventQuery, MAX_FOUND_EVENTS, MAX_QUERY_TAGS } from '../../store/events.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { readInteger } from '../answers/answer-context.ts'
import { jsonParameters, parameter, timeRangeParameters } from './graphite-parameters.ts'

/** What events are asked for by, with Graphite's names. */
export const eventParameters = {
  ...timeRangeParameters,
  from: parameter('The first moment: epoch seconds, or a time like `-1h`. Default: the beginning.'),
  until: parameter('The last second. Default: `now`.'),
  tags: parameter('Only events with all of these tags, divided by spaces: `deploy env:prod`.'),
  set: parameter('`union`: events with any of the tags.'),
  kind: parameter('Only these: `event` or `service_check`.'),
  limit: parameter(`At most so many events, the newest. At most ${MAX_FOUND_EVENTS}.`),
  ...jsonParameters,
}

export const MAX_EVENT_ANSWER_BYTES = 64 * 1024 * 1024

/** Throws the KymoErrors `time-invalid` and `request-invalid`. */
export function readEventQuery(
  parameters: RequestParameters,
  { clock, defaultLimit }: { readonly clock: Clock; readonly defaultLimit: number },
): EventQuery {
  const timeZone = findTimeZone(lastValue(parameters, 'tz') ?? '') ?? localTimeZone()
  const readTime = (name: string, missing: string, nowSeconds: number): number =>
    parseTimeExpression(lastValue(parameters, name) ?? missing, { nowSeconds, timeZone, parameter: name })
  const nowSeconds = readTime('now', 'now', Math.floor(clock.nowMs() / 1000))
  const kind = readKind(parameters)
  return {
    startMs: readTime('from', '0', nowSeconds) * 1000,
    // Of the last second every moment counts: what happened just now is found.
    endMs: (readTime('until', 'now', nowSeconds) + 1) * 1000,
    tags: readTags(parameters),
    setOperation: lastValue(parameters, 'set') === 'union' ? 'union' : 'intersection',
    limit: readLimit(parameters, defaultLimit),
    ...(kind !== undefined && { kind }),
  }
}

/** Where tags are given more than once, all of them count. */
function readTags(parameters: RequestParameters): string[] {
  const words = allValues(parameters, 'tags').flatMap((text) => text.split(/\s+/))
  const isTag = (word: string): boolean => word !== '' && word !== 'undefined'
  const tags = new Set(words.filter(isTag).map((word) => formatEventTag(parseEventTag(word))))
  if (tags.size > MAX_QUERY_TAGS) throw invalid('tags', `${tags.size} tags; the limit is ${MAX_QUERY_TAGS}`)
  return [...tags]
}

function readKind(parameters: RequestParameters): EventQuery['kind'] {
  const kind = lastValue(parameters, 'kind')
  if (kind === undefined || kind === 'event' || kind === 'service_check') return kind
  throw invalid('kind', `"${excerpt(kind, 100)}" is neither "event" nor "service_check"`)
}

function readLimit(parameters: RequestParameters, missing: number): number {
  const limit = readInteger(parameters, 'limit', missing)
  if (limit < 1) throw invalid('limit', 'a number of at least 1 is wanted')
  return Math.min(limit, MAX_FOUND_EVENTS)
}

function invalid(name: string, problem: string): KymoError {
  return new KymoError('request-invalid', { problem: `Parameter \`${name}\`: ${problem}.` })
}
