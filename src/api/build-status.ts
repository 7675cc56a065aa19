import { sumOfOwnMetric } from '../telemetry/own-metrics.ts'
import type { SinkStatus, StatusReport } from './services.ts'

/** What a status report is made of; the numbers of lines and packets are own metrics. */
export interface StatusParts extends Omit<StatusReport, 'lines' | 'packets' | 'sinks'> {
  readonly ownMetrics: ReadonlyMap<string, number>
  readonly sinks: readonly SinkStatus[]
}

export function buildStatus({ ownMetrics, ...rest }: StatusParts): StatusReport {
  const rejectedByReason: Record<string, number> = Object.create(null) as Record<string, number>
  let rejected = 0
  for (const [slot, value] of ownMetrics) {
    const reason = /^kymo_rejected_lines_total\{reason="(\w+)"\}$/.exec(slot)?.[1]
    if (reason === undefined || value === 0) continue
    rejectedByReason[reason] = value
    rejected += value
  }
  return {
    ...rest,
    lines: {
      received: sumOfOwnMetric(ownMetrics, 'kymo_received_lines_total'),
      accepted: sumOfOwnMetric(ownMetrics, 'kymo_accepted_lines_total'),
      rejected,
      rejectedByReason,
    },
    packets: {
      received: sumOfOwnMetric(ownMetrics, 'kymo_received_packets_total'),
      droppedByKernel: sumOfOwnMetric(ownMetrics, 'kymo_kernel_dropped_packets_total'),
    },
  }
}
