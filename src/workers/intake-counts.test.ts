import { expect, test } from 'vitest'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics } from '../telemetry/own-metrics.ts'
import { IntakeCountReader } from './intake-counts.ts'

test('counts are those since the last time, over all listeners and reasons', () => {
  const layout = layoutOwnMetrics({ listener: ['a', 'b'], sink: [], thread: [] })
  const buffer = allocateOwnMetrics(layout)
  const metrics = new OwnMetrics(layout, buffer)
  metrics.counter('kymo_received_packets_total', { listener: 'a' }).add(100)
  const reader = new IntakeCountReader(layout, buffer)
  expect(reader.take()).toEqual({ packets: 0, lines: 0, badLines: 0 })
  metrics.counter('kymo_received_packets_total', { listener: 'a' }).add(2)
  metrics.counter('kymo_received_packets_total', { listener: 'b' }).add(1)
  metrics.counter('kymo_received_lines_total', { listener: 'b' }).add(9)
  metrics.counter('kymo_rejected_lines_total', { reason: 'no_value' }).add(3)
  metrics.counter('kymo_rejected_lines_total', { reason: 'no_type' }).add(1)
  expect(reader.take()).toEqual({ packets: 3, lines: 9, badLines: 4 })
  expect(reader.take()).toEqual({ packets: 0, lines: 0, badLines: 0 })
})
