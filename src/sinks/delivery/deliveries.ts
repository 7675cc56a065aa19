import { isDeepStrictEqual } from 'node:util'
import type { ExpositionFormat } from '../../formats/prometheus-text/negotiate.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PacketBatch } from '../../model/packet-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import type { OwnMetrics } from '../../telemetry/own-metrics.ts'
import type { NamedSinkOptions } from '../options.ts'
import type { DeadLetters, Sink } from '../sink.ts'
import type { DeadLetterFile } from './dead-letter-file.ts'
import {
  createDelivery,
  type Delivery,
  type DeliveryOptions,
  type DeliveryStatus,
  type SinkSettings,
} from './delivery.ts'

export type { NamedSinkOptions } from '../options.ts'

export interface DeliveriesOptions
  extends Omit<DeliveryOptions, keyof SinkSettings | 'metrics' | 'deadLetters'> {
  readonly createSink: (options: NamedSinkOptions, deadLetters: DeadLetters) => Promise<Sink>
  /** Where what a sink of this name is refused is written down; undefined: nowhere. */
  readonly openDeadLetters?: (sinkName: string) => DeadLetterFile | undefined
  /** How long a sink that is taken out may still deliver what is queued for it. */
  readonly longestDrainMs: number
}

interface Entry {
  readonly options: NamedSinkOptions
  readonly deadLetters: DeadLetterFile | undefined
  readonly sink: Sink
  readonly delivery: Delivery
}

const NOWHERE: DeadLetters = { add() {} }

function settingsOf(options: NamedSinkOptions): SinkSettings {
  return {
    type: options.type,
    queuePoints: options.queue_points,
    spoolBytes: options.spool_bytes,
    shape: options,
  }
}

/** The deliveries of all sinks, which may be others from one moment to the next. */
export class Deliveries {
  readonly #options: DeliveriesOptions
  #entries: Entry[] = []
  readonly #leaving = new Set<Delivery>()

  constructor(options: DeliveriesOptions) {
    this.#options = options
  }

  /**
   * From now on these are the sinks. One that is as it was goes on undisturbed. One that is different, and has the name of
   * one before, takes its place at its queue. One that is not among them is drained; resolves when all those are. If a sink
   * cannot be made, rejects and has changed nothing. One call at a time.
   */
  async reconfigure(wanted: readonly NamedSinkOptions[], metrics: OwnMetrics): Promise<void> {
    const before = new Map(this.#entries.map((entry) => [entry.options.name, entry]))
    const isNew = (options: NamedSinkOptions): boolean =>
      !isDeepStrictEqual(before.get(options.name)?.options, options)
    const { createSink, openDeadLetters } = this.#options
    const letters = new Map(
      wanted.map(({ name }) => [name, before.get(name)?.deadLetters ?? openDeadLetters?.(name)]),
    )
    const made = new Map<NamedSinkOptions, Sink>()
    for (const options of wanted.filter(isNew))
      made.set(options, await createSink(options, letters.get(options.name) ?? NOWHERE))

    this.#entries = wanted.map((options) => {
      const known = before.get(options.name)
      const sink = made.get(options)
      if (known !== undefined && sink === undefined) return known
      if (sink === undefined) throw new Error(`BUG: there is no sink for ${options.name}`)
      const own = settingsOf(options)
      known?.delivery.replaceSink(sink, own)
      const deadLetters = letters.get(options.name)
      const delivery =
        known?.delivery ??
        createDelivery(sink, {
          ...this.#options,
          ...own,
          ...(deadLetters === undefined ? {} : { deadLetters }),
          metrics,
        })
      return { options, sink, delivery, deadLetters }
    })
    const names = new Set(wanted.map(({ name }) => name))
    const removed = [...before.values()].filter(({ options }) => !names.has(options.name))
    await Promise.all(removed.map(({ delivery }) => this.#takeOut(delivery)))
  }

  flush(batch: FlushBatch): void {
    for (const { delivery } of this.#entries) delivery.flush(batch)
  }

  points(batch: PointBatch): void {
    for (const { delivery } of this.#entries) delivery.points(batch)
  }

  events(events: readonly MetricEvent[]): void {
    for (const { delivery } of this.#entries) delivery.events(events)
  }

  packets(batch: PacketBatch): void {
    for (const { delivery } of this.#entries) delivery.packets(batch)
  }

  /** What Prometheus gets from a sink: of this name, or the first that has anything. undefined: there is none. */
  expose(name: string | undefined, format: ExpositionFormat): Iterable<Uint8Array<ArrayBuffer>> | undefined {
    const asked = this.#entries.filter(({ options }) => name === undefined || options.name === name)
    return asked.find(({ sink }) => sink.expose !== undefined)?.sink.expose?.(format)
  }

  statuses(): DeliveryStatus[] {
    return this.#entries.map(({ delivery }) => delivery.status())
  }

  /** As that of a delivery. */
  async drain(): Promise<void> {
    const all = [...this.#entries.map(({ delivery }) => delivery), ...this.#leaving]
    await Promise.all(all.map((delivery) => delivery.drain(this.#options.longestDrainMs)))
  }

  async #takeOut(delivery: Delivery): Promise<void> {
    this.#leaving.add(delivery)
    await delivery.drain(this.#options.longestDrainMs)
    this.#leaving.delete(delivery)
  }
}
