import type { StatusReport } from '../api.ts'

export interface StatusChanges {
  readonly nowMs?: number
  readonly startedAtMs?: number
  readonly lastFlushMs?: number
  readonly packets?: number
  readonly received?: number
  readonly accepted?: number
  readonly rejected?: number
  readonly isStoreEnabled?: boolean
  readonly limits?: StatusReport['limits']
  readonly store?: Partial<StatusReport['store']>
}

/** The report of a Kymo that has just started, but for what is given. */
export function statusReport(changes: StatusChanges): StatusReport {
  return {
    version: '0.0.0',
    startedAtMs: changes.startedAtMs ?? 1_000_000,
    nowMs: changes.nowMs ?? 1_000_000,
    pid: 1,
    nodeVersion: 'v24.0.0',
    timeZone: 'UTC',
    flushIntervalMs: 10_000,
    lastFlushMs: changes.lastFlushMs ?? 0,
    nextFlushMs: 1_010_000,
    addresses: {},
    receiver: 'recvmmsg',
    store: {
      isEnabled: changes.isStoreEnabled ?? true,
      path: null,
      points: 0,
      bytes: 0,
      waitingPoints: 0,
      recovery: null,
      refusedTimes: [],
      problem: null,
      ...changes.store,
    },
    metricCount: 0,
    seriesCount: 0,
    lines: {
      received: changes.received ?? 0,
      accepted: changes.accepted ?? 0,
      rejected: changes.rejected ?? 0,
      rejectedByReason: {},
    },
    packets: { received: changes.packets ?? 0, droppedByKernel: 0 },
    limits: changes.limits ?? { refused: 0, lastRefusedMs: null, offenders: [] },
    configuration: { readAtMs: changes.startedAtMs ?? 1_000_000, needRestart: [] },
    sinks: [],
    lastRejection: null,
    firstMetric: null,
    lastError: null,
  }
}
