import { type OwnMetricsLayout, readOwnMetrics } from '../telemetry/own-metrics.ts'
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
    const sumOf = (family: string): number => {
      let sum = 0
      for (const [slot, value] of values) if (slot.startsWith(`${family}{`)) sum += value
      return sum
    }
    return {
      packets: sumOf('kymo_received_packets_total'),
      lines: sumOf('kymo_received_lines_total'),
      badLines: sumOf('kymo_rejected_lines_total'),
    }
  }
}
