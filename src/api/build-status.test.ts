import { expect, test } from 'vitest'
import { buildStatus, type StatusParts } from './build-status.ts'

const parts: StatusParts = {
  version: '1.0.0',
  startedAtMs: 1,
  nowMs: 2,
  pid: 3,
  nodeVersion: '24.0.0',
  timeZone: 'UTC',
  flushIntervalMs: 10_000,
  lastFlushMs: 0,
  nextFlushMs: 10_000,
  addresses: {},
  receiver: 'recvmmsg',
  store: {
    isEnabled: false,
    path: null,
    points: 0,
    bytes: 0,
    waitingPoints: 0,
    refusedTimes: [],
    recovery: null,
    problem: null,
  },
  metricCount: 0,
  seriesCount: 0,
  limits: { refused: 0, lastRefusedMs: null, offenders: [] },
  sinks: [],
  configuration: { readAtMs: 1, needRestart: [] },
  lastRejection: null,
  firstMetric: null,
  lastError: null,
  ownMetrics: new Map([
    ['kymo_received_lines_total{listener="statsd-udp"}', 7],
    ['kymo_received_lines_total{listener="statsd-tcp"}', 3],
    ['kymo_accepted_lines_total{listener="statsd-udp"}', 8],
    ['kymo_rejected_lines_total{reason="no_type"}', 2],
    ['kymo_rejected_lines_total{reason="bad_number"}', 0],
    ['kymo_received_packets_total{listener="statsd-udp"}', 5],
    ['kymo_kernel_dropped_packets_total{listener="statsd-udp"}', 1],
  ]),
}

test('lines and packets are summed over all listeners, rejections by reason', () => {
  const status = buildStatus(parts)
  expect(status.lines).toEqual({ received: 10, accepted: 8, rejected: 2, rejectedByReason: { no_type: 2 } })
  expect(status.packets).toEqual({ received: 5, droppedByKernel: 1 })
  expect('ownMetrics' in status).toBe(false)
})
