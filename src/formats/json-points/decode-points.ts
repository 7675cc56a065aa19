import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import { formatSeriesKey, parseSeriesKey, type Tag } from '../../model/series-key.ts'
import type { DecodedOutput } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { canonicalKey } from '../graphite-plaintext/canonical-key.ts'
import { TAG_TEXT } from '../tags.ts'

/**
 * Points as JSON: a list of them, or one. docs/formats/json-points.md is the published description.
 *
 *   [{"metric": "disk.used", "value": 42, "timestamp": 1700000000, "tags": {"host": "web1"}}]
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

/** Puts out one point, or says why it is none. */
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
  if (given.value === undefined || given.value === null) return 'no_value'
  if (typeof given.value !== 'number' || !Number.isFinite(given.value)) return 'bad_number'
  const timeMs = readTime(given.timestamp ?? given.time, receivedAtMs)
  if (!(timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS)) return 'bad_timestamp'
  const point: Point = { key, value: given.value, timeMs }
  out.point(point)
  return undefined
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
