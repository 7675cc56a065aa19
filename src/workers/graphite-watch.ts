import type { SinkStatus } from '../api/services.ts'
import type { Config } from '../config/config.ts'
import type { GraphiteReadings } from '../model/graphite-readings.ts'
import { readGraphite, type Sent } from './read-graphite.ts'

type Sinks = Config['sinks']

/** What series tell of Graphite as etsy's statsd does of its own: of the first sink to one. */
export class GraphiteWatch {
  readonly #startedAtMs: number
  #name: string | undefined
  #readings: GraphiteReadings | undefined

  constructor(sinks: Sinks, startedAtMs: number) {
    this.#startedAtMs = startedAtMs
    this.reconfigure(sinks)
  }

  /** undefined: there is no sink to Graphite. */
  get readings(): GraphiteReadings | undefined {
    return this.#readings
  }

  /** Under the name that it had it goes on; under another, nothing has been sent. */
  reconfigure(sinks: Sinks): void {
    const name = sinks.find(({ type }) => type === 'graphite')?.name
    if (name === this.#name) return
    this.#name = name
    this.#readings = name === undefined ? undefined : readGraphite(undefined, this.#startedAtMs)
  }

  /** Any sink to Graphite has tried to send, also one that is being taken out. */
  sent(status: Sent & Pick<SinkStatus, 'name'>): void {
    if (status.name === this.#name) this.#readings = readGraphite(status, this.#startedAtMs)
  }
}
