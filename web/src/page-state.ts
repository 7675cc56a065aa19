import type { MetricEntry } from './api.ts'
import type { LiveState } from './live.ts'
import { isOwnMetric } from './series-name.ts'

/** What the page is about, decided from what Kymo says of itself. */
export type PageState =
  /** Nothing known yet. */
  | 'connecting'
  /** Kymo has not answered since the page was opened. */
  | 'unreachable'
  /** Nothing has arrived, ever. */
  | 'empty'
  /** Something arrives, and none of it can be read. */
  | 'unreadable'
  /** A metric was taken in; its first point comes with the next flush. */
  | 'waiting'
  /** Metrics are taken in and passed on, but not kept. */
  | 'passing-on'
  | 'metrics'

export function pageStateOf(live: LiveState, metrics: readonly MetricEntry[]): PageState {
  const { status } = live
  if (status === null) return live.connection === 'offline' ? 'unreachable' : 'connecting'
  if (metrics.some((metric) => !isOwnMetric(metric.key))) return 'metrics'
  if (status.lines.accepted > 0 || status.firstMetric !== null) {
    return status.store.isEnabled ? 'waiting' : 'passing-on'
  }
  return status.packets.received > 0 || status.lines.received > 0 ? 'unreadable' : 'empty'
}
