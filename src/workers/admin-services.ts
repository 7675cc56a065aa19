import type { AdminServices, SinkStat } from '../admin/services.ts'
import type { SinkStatus } from '../api/services.ts'
import type { Setting } from '../config/settings.ts'
import { toAdminSettings } from './admin-settings.ts'
import type { KeeperCalls } from './calls.ts'
import type { ProcessState } from './process-state.ts'
import { readGraphite } from './read-graphite.ts'
import type { Link } from './rpc.ts'

/** What the management console asks, answered by what main knows and by the keeper. */
export function createAdminServices(
  state: ProcessState,
  keeper: () => Link<KeeperCalls>,
  settings: () => readonly Setting[],
): AdminServices {
  return {
    uptimeSeconds: () => {
      const { nowMs, startedAtMs } = state.status()
      return (nowMs - startedAtMs) / 1_000
    },
    lastMessageSeenSeconds: () => state.lastHeardMs() / 1_000,
    badLinesSeen: () => state.status().lines.rejected,
    sinkStats: () => {
      const { sinks, startedAtMs } = state.status()
      return sinks.flatMap((sink) => [
        ...graphiteStats(sink, startedAtMs),
        ...pointStats(sink),
        ...(sink.backendStats ?? []),
      ])
    },
    openMetrics: (type) => keeper().call('openMetrics', type),
    deleteMetrics: (type, given) => keeper().call('deleteMetrics', { type, given }),
    config: () => toAdminSettings(settings()),
  }
}

/** What etsy's statsd tells of its Graphite, in its order. */
function graphiteStats(sink: SinkStatus, startedAtMs: number): SinkStat[] {
  if (sink.type !== 'graphite') return []
  const { name } = sink
  const readings = readGraphite(sink, startedAtMs)
  return [
    { name, stat: 'last_flush', value: readings.lastFlushSeconds },
    { name, stat: 'last_exception', value: readings.lastExceptionSeconds },
    { name, stat: 'flush_time', value: readings.flushTimeMs },
    { name, stat: 'flush_length', value: readings.flushLengthBytes },
  ]
}

function pointStats({ name, sentPoints, queuedPoints, droppedPoints }: SinkStatus): SinkStat[] {
  return [
    { name, stat: 'sent_points', value: sentPoints },
    { name, stat: 'queued_points', value: queuedPoints },
    { name, stat: 'dropped_points', value: droppedPoints },
  ]
}
