import { hostname } from 'node:os'
import * as z from 'zod'
import { choice, integer, optionalText, text } from '../lib/option.ts'
import type { PointBatch } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { parseSeriesKey, type Tag } from '../model/series-key.ts'
import { defineSink } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { endpointOf } from './delivery/endpoint.ts'
import {
  authorization,
  basicAuthOptions,
  httpOptions,
  tokenOption,
  urlOption,
} from './delivery/http-options.ts'
import type { RefusedItem, RequestShape } from './delivery/http-sender.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('opentsdb'),
      ...deliveryOptions(),
      url: urlOption('Address of OpenTSDB, without `/api/put`, which is added.', 'http://localhost:4242'),
      points_per_request: integer(
        'The most points in one request. OpenTSDB advises 50; one that is told to take chunked requests, and what else speaks its protocol, takes thousands.',
        50,
        { min: 1, max: 50_000 },
      ),
      host_tag: text(
        'OpenTSDB takes no series without tags: those that have none are given this one, with `host` as its value.',
        'host',
      ),
      host: optionalText('Value of the tag `host_tag`. Not given: the name of this machine.'),
      ...tokenOption(),
      ...basicAuthOptions(),
      compression: choice('How the bodies of requests are compressed.', ['none', 'gzip'], 'gzip'),
      ...httpOptions(),
    })
    .meta({
      description:
        'Puts each flush to OpenTSDB, or to what else takes its `/api/put`: a point for each series. What no name there can have becomes `_`. Tried against VictoriaMetrics; for OpenTSDB itself it was checked that requests are as its documentation has them.',
    })

/**
 * Puts points, under the names that Graphite would have them by:
 *
 *   [{"metric":"stats.counters.api.hits.count","timestamp":1700000000,"value":10,"tags":{"env":"prod"}}, ...]
 *
 * A point that is put twice is there once (in OpenTSDB). Of a request that has bad points the others are taken, and the answer says which
 * they are.
 */
export const opentsdbSink = defineSink({
  types: ['opentsdb'],
  options,
  example: { url: 'http://opentsdb.example.net:4242' },
  async create(sink, context) {
    const { createHttpSender } = await import('./delivery/http-sender.ts')
    const { name } = sink
    const sender = createHttpSender(name, sink, context)
    const fallback = [sink.host_tag, sink.host ?? hostname()] as const
    const names = new WeakMap<SeriesIdentity, string>()
    const shape: RequestShape<Point> = {
      url: endpointOf(sink.url, '/api/put', { details: '' }),
      headers: { 'content-type': 'application/json', ...authorization(sink), ...sink.headers },
      mostItems: sink.points_per_request,
      mostBytes: MOST_BYTES,
      // A comma stands behind each.
      bytesOf: ({ text }) => Buffer.byteLength(text) + 1,
      pointsOf: () => 1,
      problemOf,
      encode: (points) => `[${points.map(({ text }) => text).join(',')}]`,
      describe: ({ key, value, timeMs }) => ({ key, value: String(value), timeMs }),
      readRefusal: ({ text }, points) => readErrors(text, points),
      mostAnswerBytes: MOST_ANSWER_BYTES,
    }

    /** `"metric":"api.hits","tags":{"env":"prod"}`, worked out once for each series. */
    function nameOf(series: SeriesIdentity): string {
      const known = names.get(series)
      if (known !== undefined) return known
      const own = encodeName(series.key, fallback)
      names.set(series, own)
      return own
    }

    function* encode(
      { series, values }: Pick<PointBatch, 'series' | 'values'>,
      timesMs: number | Float64Array,
    ): Generator<Point> {
      for (const [index, identity] of series.entries()) {
        const value = values[index] as number
        const timeMs = typeof timesMs === 'number' ? timesMs : (timesMs[index] as number)
        const named = nameOf(identity)
        const text = `{${named},"timestamp":${toTimestamp(timeMs)},"value":${formatValue(value)}}`
        yield { key: identity.key, named, value, timeMs, text }
      }
    }

    return {
      name,
      flush: (batch, signal) => sender.send(batch, encode(batch, batch.timestampMs), shape, signal),
      points: (batch, signal) => sender.send(batch, encode(batch, batch.timesMs), shape, signal),
      close: async () => sender.close(),
    }
  },
})

/** However many points a request may have. */
const MOST_BYTES = 8_000_000
/** Each point that is refused comes back, with the reason. */
const MOST_ANSWER_BYTES = 32_000_000

interface Point {
  readonly key: string
  readonly named: string
  readonly value: number
  readonly timeMs: number
  readonly text: string
}

/** What can stand in a name is what it is in JSON. Of tags that come to have one key the last counts. */
function encodeName(key: string, fallback: Tag): string {
  const { name, tags } = parseSeriesKey(key)
  const given = tags.length === 0 ? [fallback] : tags
  const own = new Map(given.map(([tag, value]) => [toName(tag), toName(value)]))
  return formatName(toName(name), [...own])
}

/** One text for one series, in whatever order its tags come. */
function formatName(metric: string, tags: readonly Tag[]): string {
  const texts = tags.map(([key, value]) => `"${key}":"${value}"`)
  return `"metric":"${metric}","tags":{${texts.toSorted((a, b) => (a < b ? -1 : 1)).join(',')}}`
}

/**
 * Letters of any script, digits, `-`, `_`, `.` and `/` may stand in a name. OpenTSDB looks at halves of surrogate pairs, which are no letters,
 * so what is beyond the basic plane may not.
 */
function toName(text: string): string {
  return text.replace(/[^\p{L}0-9\-_./]|[\u{10000}-\u{10ffff}]/gu, '_') || '_'
}

/** Whole seconds as seconds, which take OpenTSDB less space; what has more than 32 bits is milliseconds to it. */
function toTimestamp(timeMs: number): number {
  return timeMs % 1_000 === 0 && timeMs / 1_000 <= 0xffff_ffff ? timeMs / 1_000 : Math.round(timeMs)
}

/** A number without a dot and an exponent is a 64-bit integer there. */
function formatValue(value: number): string {
  return Number.isInteger(value) && Math.abs(value) >= 2 ** 63 ? value.toExponential() : String(value)
}

function problemOf({ value, timeMs }: Point): string | undefined {
  if (!Number.isFinite(value)) return 'the value is not a finite number'
  return timeMs > 0xffff_ffff && timeMs < 1e13 ? undefined : 'its time is one that OpenTSDB has no place for'
}

const REFUSAL = z.object({
  errors: z.array(
    z.object({
      error: z.string(),
      datapoint: z.object({
        metric: z.string(),
        timestamp: z.number(),
        tags: z.record(z.string(), z.string()),
      }),
    }),
  ),
})

/**
 * `{"success":1,"failed":1,"errors":[{"error":"...","datapoint":{"metric":...}}]}`. undefined: it does not say which points it means, or means
 * none of these.
 */
function readErrors(text: string, points: readonly Point[]): RefusedItem<Point>[] | undefined {
  const errors = parseErrors(text)
  if (errors === undefined) return undefined
  const reasons = new Map(
    errors.map(({ error, datapoint: { metric, timestamp, tags } }) => [
      `${formatName(metric, Object.entries(tags))} ${timestamp}`,
      error,
    ]),
  )
  const refused = points.flatMap((item) => {
    const reason = reasons.get(`${item.named} ${toTimestamp(item.timeMs)}`)
    return reason === undefined ? [] : [{ item, reason: reason.slice(0, MOST_REASON_CHARACTERS) }]
  })
  return refused.length < Math.max(1, errors.length) ? undefined : refused
}

const MOST_REASON_CHARACTERS = 300

function parseErrors(text: string): z.output<typeof REFUSAL>['errors'] | undefined {
  try {
    return REFUSAL.parse(JSON.parse(text)).errors
  } catch {
    return undefined
  }
}
