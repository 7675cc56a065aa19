import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import { formatSeriesKey, parseSeriesKey, type SeriesKey, type Tag } from '../../model/series-key.ts'
import type { DecodedOutput } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { canonicalKey } from '../graphite-plaintext/canonical-key.ts'
import { TAG_TEXT } from '../tags.ts'

/**
 * Points as JSON: a list of them, or one. docs/formats/json-points.md is the published description.
 *
 *   [{"metric": "disk.used", "value": 42, "timestamp": 1700000000, "tags": {"host": "web1"}},
 *    {"metric": "api.ms", "value": {"count": 3, "sum": 60, "min": 10, "max": 30, "last": 20}}]
 */
export function readJsonPoints(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (Array.isArray(body)) return body as unknown[]
    return typeof body === 'object' && body !== null ? [body] : undefined
  } catch {
    return undefined
  }
}

/** Puts out one point, or one for each aggregate, or says why it is none; then nothing of it was put out. */
export function decodeJsonPoint(
  value: unknown,
  receivedAtMs: number,
  out: DecodedOutput,
): RejectionReason | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'bad_field'
  const given = value as Readonly<Record<string, unknown>>
  const name = given.metric ?? given.name ?? given.path
  if (typeof name !== 'string') return 'empty_name'
  const tags = readTags(given.tags)
  if (tags === undefined) return 'bad_field'
  const key = withTags(canonicalKey(name), tags)
  if (key === '') return 'empty_name'
  const timeMs = readTime(given.timestamp ?? given.time, receivedAtMs)
  const isTimely = timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS
  if (given.value === undefined || given.value === null) return 'no_value'
  if (typeof given.value === 'object') {
    const reason = problemOfAggregates(given.value)
    if (reason !== undefined) return reason
    if (!isTimely) return 'bad_timestamp'
    putAggregates(key, given.value as Aggregates, timeMs, out)
    return undefined
  }
  if (typeof given.value !== 'number' || !Number.isFinite(given.value)) return 'bad_number'
  if (!isTimely) return 'bad_timestamp'
  const point: Point = { key, value: given.value, timeMs }
  out.point(point)
  return undefined
}

/** What a sender has made of many values. Each becomes a series of its own, whose last node says how it is rolled up (`untypedIdentity`). */
const AGGREGATES = ['count', 'sum', 'min', 'max', 'last'] as const
type Aggregates = Partial<Record<(typeof AGGREGATES)[number], number>>

function problemOfAggregates(given: object): RejectionReason | undefined {
  if (Array.isArray(given)) return 'bad_number'
  const entries = Object.entries(given)
  if (entries.length === 0) return 'no_value'
  if (entries.some(([name]) => !AGGREGATES.some((aggregate) => aggregate === name))) return 'bad_field'
  if (entries.some(([, one]) => typeof one !== 'number' || !Number.isFinite(one))) return 'bad_number'
  const { count = 1, min = -Infinity, max = Infinity } = given as Aggregates
  return count < 0 || min > max ? 'bad_number' : undefined
}

function putAggregates(key: SeriesKey, aggregates: Aggregates, timeMs: number, out: DecodedOutput): void {
  const { name, tags } = parseSeriesKey(key)
  for (const aggregate of AGGREGATES) {
    const value = aggregates[aggregate]
    if (value !== undefined) out.point({ key: formatSeriesKey(`${name}.${aggregate}`, tags), value, timeMs })
  }
}

/** Later than the year 5000 as seconds, so it is milliseconds. */
const FIRST_MILLISECONDS = 1e11

/** Seconds, or milliseconds; nothing, null and -1 are now. */
function readTime(time: unknown, receivedAtMs: number): number {
  if (time === undefined || time === null || time === -1) return receivedAtMs
  if (typeof time !== 'number') return Number.NaN
  return Math.round(time >= FIRST_MILLISECONDS ? time : time * 1_000)
}

/** undefined: they are none. */
function readTags(given: unknown): Tag[] | undefined {
  if (given === undefined || given === null) return []
  if (typeof given !== 'object' || Array.isArray(given)) return undefined
  const tags: Tag[] = []
  for (const [name, one] of Object.entries(given as Record<string, unknown>)) {
    if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean') return undefined
    const key = TAG_TEXT.key(name)
    const value = TAG_TEXT.value(String(one))
    if (key !== '' && value !== '') tags.push([key, value])
  }
  return tags
}

/** Those that stand in the name itself stay, but for those that come beside it. */
function withTags(key: string, tags: readonly Tag[]): string {
  if (key === '' || tags.length === 0) return key
  const parsed = parseSeriesKey(key)
  return formatSeriesKey(parsed.name, [...parsed.tags, ...tags])
}
