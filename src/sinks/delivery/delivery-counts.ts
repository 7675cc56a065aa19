import type { Counter, Gauge, OwnMetrics } from '../../telemetry/own-metrics.ts'
import type { DeliveryStatus } from './delivery.ts'
import type { DropReason, WaitingLine } from './waiting-line.ts'

/** What became of the points that a sink was given, and what waits: for its status and as own metrics. */
export class DeliveryCounts {
  readonly #queue: Gauge
  readonly #spool: Gauge
  readonly #sent: Counter
  readonly #failures: Counter
  readonly #drops: Readonly<Record<DropReason, Counter>>
  readonly #damagedFiles: Gauge
  readonly #removedFiles: Counter
  #sentPoints = 0
  readonly #droppedPoints = new Map<DropReason, number>()

  constructor(sink: string, metrics: OwnMetrics) {
    const drops = (reason: DropReason): Counter =>
      metrics.counter('kymo_dropped_points_total', { sink, drop_reason: reason })
    this.#queue = metrics.gauge('kymo_queue_points', { sink })
    this.#spool = metrics.gauge('kymo_spool_bytes', { sink })
    this.#sent = metrics.counter('kymo_sent_points_total', { sink })
    this.#failures = metrics.counter('kymo_sink_failures_total', { sink })
    this.#drops = {
      queue_full: drops('queue_full'),
      stopped: drops('stopped'),
      refused: drops('refused'),
      damaged: drops('damaged'),
    }
    this.#damagedFiles = metrics.gauge('kymo_spool_damaged_files', { sink })
    this.#removedFiles = metrics.counter('kymo_spool_damaged_files_removed_total', { sink })
  }

  status(): Pick<DeliveryStatus, 'sentPoints' | 'droppedPoints' | 'droppedByReason'> {
    return {
      sentPoints: this.#sentPoints,
      droppedPoints: [...this.#droppedPoints.values()].reduce((sum, points) => sum + points, 0),
      droppedByReason: Object.fromEntries(this.#droppedPoints),
    }
  }

  sent(points: number): void {
    this.#sentPoints += points
    this.#sent.add(points)
  }

  dropped(points: number, reason: DropReason): void {
    if (points > 0) this.#droppedPoints.set(reason, (this.#droppedPoints.get(reason) ?? 0) + points)
    this.#drops[reason].add(points)
  }

  failed(): void {
    this.#failures.add(1)
  }

  showQueue({ points, spoolBytes }: Pick<WaitingLine, 'points' | 'spoolBytes'>): void {
    this.#queue.set(points)
    this.#spool.set(spoolBytes)
  }

  /** Files of the spool that are kept because they are damaged, and how many more of them were removed. */
  damagedFiles(kept: number, removed: number): void {
    this.#damagedFiles.set(kept)
    this.#removedFiles.add(removed)
  }
}
