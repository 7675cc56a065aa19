import type { AdminServices } from '../admin/services.ts'
import type { Setting } from '../config/settings.ts'
import { toAdminSettings } from './admin-settings.ts'
import type { KeeperCalls } from './calls.ts'
import type { ProcessState } from './process-state.ts'
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
    sinkStats: () =>
      state.status().sinks.flatMap(({ name, sentPoints, queuedPoints, droppedPoints }) => [
        { name, stat: 'sent_points', value: sentPoints },
        { name, stat: 'queued_points', value: queuedPoints },
        { name, stat: 'dropped_points', value: droppedPoints },
      ]),
    openMetrics: (type) => keeper().call('openMetrics', type),
    deleteMetrics: (type, given) => keeper().call('deleteMetrics', { type, given }),
    config: () => toAdminSettings(settings()),
  }
}
