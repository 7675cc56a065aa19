import { expect } from 'vitest'
import { statsdFormat } from '../../formats/index.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { Point } from '../../model/point.ts'
import { REJECTION_REASONS, type RejectionSample } from '../../model/rejection.ts'
import type { Sample } from '../../model/sample.ts'
import { createLineLog } from '../../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics, readOwnMetrics } from '../../telemetry/own-metrics.ts'
import { createIntakeMeter } from '../intake-meter.ts'
import type { ListenerOptions } from '../listener.ts'

/** Everything a listener is given, and everything it did with it. */
export function createIntakeFixture(changes: Partial<ListenerOptions> = {}) {
  const layout = layoutOwnMetrics({ listener: ['test-in'], sink: [], thread: [] })
  const buffer = allocateOwnMetrics(layout)
  const clock = new FakeClock()
  const samples: Sample[] = []
  const points: Point[] = []
  const packetTimesMs: number[] = []
  const rejections: RejectionSample[] = []
  const logged: Record<string, unknown>[] = []
  const options: ListenerOptions = {
    name: 'test-in',
    hosts: ['127.0.0.1'],
    port: 0,
    portFlag: '--test-port',
    format: statsdFormat,
    output: {
      packet: (receivedAtMs) => packetTimesMs.push(receivedAtMs),
      sample: (sample) => samples.push({ ...sample }),
      point: (point) => points.push({ ...point }),
      event: () => undefined,
    },
    meter: createIntakeMeter(new OwnMetrics(layout, buffer), 'test-in'),
    onRejection: (sample) => rejections.push(sample),
    clock,
    log: createLineLog({
      level: 'debug',
      write(line) {
        const { time: _time, ...fields } = JSON.parse(line) as Record<string, unknown>
        logged.push(fields)
      },
    }),
    ...changes,
  }

  function read(slot: string): number {
    const value = readOwnMetrics(layout, [buffer]).get(slot)
    if (value === undefined) throw new Error(`no own metric ${slot}`)
    return value
  }

  return {
    options,
    clock,
    samples,
    points,
    packetTimesMs,
    rejections,
    logged,
    packets: () => read('kymo_received_packets_total{listener="test-in"}'),
    bytes: () => read('kymo_received_bytes_total{listener="test-in"}'),
    lines: () => read('kymo_received_lines_total{listener="test-in"}'),
    accepted: () => read('kymo_accepted_lines_total{listener="test-in"}'),
    connections: () => read('kymo_open_connections{listener="test-in"}'),
    refusedConnections: () => read('kymo_refused_connections_total{listener="test-in"}'),
    kernelDrops: () => read('kymo_kernel_dropped_packets_total{listener="test-in"}'),
    /** Only the reasons that occurred. */
    rejected: () =>
      Object.fromEntries(
        REJECTION_REASONS.map((reason) => [reason, read(`kymo_rejected_lines_total{reason="${reason}"}`)] as const).filter(
          ([, count]) => count > 0,
        ),
      ),
    warnings: () => logged.filter((entry) => entry['level'] === 40),
  }
}

export type IntakeFixture = ReturnType<typeof createIntakeFixture>

/** Received = accepted + rejected, each counted on its own. */
export function expectBalance(fixture: IntakeFixture): void {
  const rejected = Object.values(fixture.rejected()).reduce((sum, count) => sum + count, 0)
  expect(fixture.accepted() + rejected).toBe(fixture.lines())
}

/** Waits until it is so; fails after five seconds. */
export async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 5_000, interval: 2 }).toBe(true)
}
