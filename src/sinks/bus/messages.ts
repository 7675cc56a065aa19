import { encodeLines } from '../../formats/graphite-plaintext/encode-lines.ts'
import { WireNames } from '../../formats/graphite-plaintext/wire-name.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import { parseSeriesKey } from '../../model/series-key.ts'
import { eventDocument, metricDocument } from '../delivery/json-documents.ts'
import { type MetricReading, readingsOfFlush, readingsOfPoints } from '../delivery/metric-readings.ts'

/** What goes to a bus: one message for each metric, point or event. */
export interface BusMessage {
  /** Where it goes: a topic, or a subject. */
  readonly place: string
  /** What keeps the messages of one metric together, and in order. */
  readonly key: string
  readonly text: string
  /** Told apart from every other message, and the same when it is sent again; undefined: nothing tells it apart. */
  readonly id?: string
  /** How many points there are in it. */
  readonly points: number
}

export type BusFormat = 'json' | 'graphite'

/** Parts of a place that are filled in: `kymo.{{type}}.{{metric}}`. */
export const PLACE_PARTS = ['type', 'metric'] as const

export interface BusEncoding {
  readonly format: BusFormat
  /** With parts between `{{` and `}}`. */
  readonly place: string
  /** Makes of a name what can stand in a place. */
  readonly escape: (name: string) => string
}

/** What is wrong with a template of a place; undefined: nothing. */
export function problemOfPlace(template: string, literal: RegExp): string | undefined {
  const rest = template.replaceAll(/\{\{\s*(type|metric)\s*\}\}/g, 'x')
  return literal.test(rest)
    ? undefined
    : `only ${PLACE_PARTS.map((part) => `{{${part}}}`).join(' and ')} between {{ and }}`
}

/**
 * Makes messages. JSON is what the sink `stdout` writes: a metric with all its statistics. A line of Graphite is one series; what it cannot carry
 * goes to `refuse`.
 */
export class BusEncoder {
  readonly #encoding: BusEncoding
  readonly #names = new WireNames('keep')
  /** By metric: names do not change, and there are as many as there are metrics. */
  #places = new Map<string, string>()

  constructor(encoding: BusEncoding) {
    this.#encoding = encoding
  }

  *flush(batch: FlushBatch, refuse: (points: number) => void): Generator<BusMessage> {
    if (this.#encoding.format === 'json') yield* this.#documents(readingsOfFlush(batch))
    else yield* this.#lines(batch, batch.timestampMs, refuse)
  }

  *points(batch: PointBatch, refuse: (points: number) => void): Generator<BusMessage> {
    if (this.#encoding.format === 'json') yield* this.#documents(readingsOfPoints(batch))
    else yield* this.#lines(batch, batch.timesMs, refuse)
  }

  /** Always JSON: Graphite's lines have no events. */
  *events(events: readonly MetricEvent[]): Generator<BusMessage> {
    for (const event of events) {
      const text = JSON.stringify({ event: { timestamp: event.timeMs / 1_000, ...eventDocument(event) } })
      yield { place: this.#fill('event', event.title), key: event.title, text, points: 1 }
    }
  }

  *#documents(readings: Iterable<MetricReading>): Generator<BusMessage> {
    for (const reading of readings) {
      const { metricKey, metricType, timeMs, intervalMs, statistics } = reading
      const time = {
        timestamp: timeMs / 1_000,
        ...(intervalMs === undefined ? {} : { interval_ms: intervalMs }),
      }
      yield {
        place: this.#placeOf(metricType, metricKey),
        key: metricKey,
        text: JSON.stringify({ ...time, ...metricDocument(reading) }),
        ...(intervalMs === undefined ? {} : { id: `${timeMs} ${metricType} ${metricKey}` }),
        points: statistics.length,
      }
    }
  }

  *#lines(
    { series, values }: FlushBatch | PointBatch,
    timesMs: number | Float64Array,
    refuse: (points: number) => void,
  ): Generator<BusMessage> {
    for (const [index, identity] of series.entries()) {
      const timeMs = typeof timesMs === 'number' ? timesMs : (timesMs[index] ?? 0)
      const one = { series: [identity], values: values.subarray(index, index + 1), timesMs: timeMs }
      for (const line of encodeLines(one, this.#names, () => refuse(1)))
        yield {
          place: this.#placeOf(identity.metricType, identity.metricKey),
          key: identity.key,
          text: line.slice(0, -1),
          ...(typeof timesMs === 'number' ? { id: `${timeMs} ${identity.key}` } : {}),
          points: 1,
        }
    }
  }

  #placeOf(type: string, metricKey: string): string {
    const key = `${type} ${metricKey}`
    const known = this.#places.get(key)
    if (known !== undefined) return known
    if (this.#places.size >= MOST_PLACES) this.#places = new Map()
    const place = this.#fill(type, parseSeriesKey(metricKey).name)
    this.#places.set(key, place)
    return place
  }

  #fill(type: string, name: string): string {
    const { place, escape } = this.#encoding
    return place.replaceAll(/\{\{\s*(type|metric)\s*\}\}/g, (_, part) =>
      part === 'type' ? type : escape(name),
    )
  }
}

const MOST_PLACES = 1_000_000
