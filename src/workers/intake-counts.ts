import { type OwnMetricsLayout, readOwnMetrics, sumOfOwnMetric } from '../telemetry/own-metrics.ts'
import type { IntakeCounts } from './calls.ts'

/** Reads, from a thread's own metrics, what it has taken in since it was last asked. */
export class IntakeCountReader {
  readonly #layout: OwnMetricsLayout
  readonly #buffer: SharedArrayBuffer
  #last: IntakeCounts

  /** The thread before this one, in whose place it was started, has told its own. */
  constructor(layout: OwnMetricsLayout, buffer: SharedArrayBuffer) {
    this.#layout = layout
    this.#buffer = buffer
    this.#last = this.#total()
  }

  take(): IntakeCounts {
    const total = this.#total()
    const last = this.#last
    this.#last = total
    return {
      packets: total.packets - last.packets,
      lines: total.lines - last.lines,
      badLines: total.badLines - last.badLines,
    }
  }

  #total(): IntakeCounts {
    const values = readOwnMetrics(this.#layout, [this.#buffer])
    return {
      packets: sumOfOwnMetric(values, 'kymo_received_packets_total'),
      lines: sumOfOwnMetric(values, 'kymo_received_lines_total'),
      badLines: sumOfOwnMetric(values, 'kymo_rejected_lines_total'),
    }
  }
}
