import type { RejectionReason } from '../model/rejection.ts'
import { REJECTION_REASONS } from '../model/rejection.ts'
import type { Counter, Gauge, OwnMetrics } from '../telemetry/own-metrics.ts'

/** What a listener counts. Each number is counted where it happens; none is computed from the others. */
export interface IntakeMeter {
  readonly packets: Counter
  readonly bytes: Counter
  readonly lines: Counter
  readonly accepted: Counter
  readonly connections: Gauge
  readonly refusedConnections: Counter
  /** Datagrams that the kernel dropped in front of the listener; they are in none of the numbers above. */
  readonly kernelDrops: Counter
  readonly rejected: Readonly<Record<RejectionReason, Counter>>
}

export function createIntakeMeter(metrics: OwnMetrics, listener: string): IntakeMeter {
  const rejected = {} as Record<RejectionReason, Counter>
  for (const reason of REJECTION_REASONS)
    rejected[reason] = metrics.counter('kymo_rejected_lines_total', { reason })
  return {
    packets: metrics.counter('kymo_received_packets_total', { listener }),
    bytes: metrics.counter('kymo_received_bytes_total', { listener }),
    lines: metrics.counter('kymo_received_lines_total', { listener }),
    accepted: metrics.counter('kymo_accepted_lines_total', { listener }),
    connections: metrics.gauge('kymo_open_connections', { listener }),
    refusedConnections: metrics.counter('kymo_refused_connections_total', { listener }),
    kernelDrops: metrics.counter('kymo_kernel_dropped_packets_total', { listener }),
    rejected,
  }
}
