import type { TimeRange } from '../../model/time-range.ts'
import type { KymoPeer, ListedSeries } from './kymo-peer.ts'
import { timeOf, type TransferContext, valueOf } from './transfer-context.ts'

/** What is to be moved out. */
export interface ExportedRange {
  /** Sorted by key. */
  readonly series: readonly ListedSeries[]
  readonly range: TimeRange
}

/** What `--pattern`, `--from` and `--until` mean: all without them. */
export async function exportedRange(context: TransferContext, peer: KymoPeer): Promise<ExportedRange> {
  const startMs = timeOf(context, 'from') ?? 0
  const untilMs = timeOf(context, 'until')
  const endMs = untilMs === undefined ? LATEST_MS : untilMs + 1
  const listed = await peer.list(valueOf(context, 'pattern'))
  return {
    series: listed.filter(({ firstMs, lastMs }) => lastMs >= startMs && firstMs < endMs),
    range: { startMs, endMs },
  }
}

/** As far from 1970 as a JavaScript date can be. */
const LATEST_MS = 8_640_000_000_000_000
