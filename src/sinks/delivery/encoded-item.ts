import type { MetricEvent } from '../../model/event.ts'
import { eventDocument, metricDocument } from './json-documents.ts'
import type { MetricReading } from './metric-readings.ts'

/** A part of a batch as it goes out. */
export interface EncodedItem {
  readonly text: string
  /** What it says. */
  readonly source: MetricReading | MetricEvent
  /** Why it cannot go out. */
  readonly problem?: string | undefined
}

/** What a RequestShape of such items has in any case. */
export const ENCODED_ITEMS = {
  bytesOf: ({ text }: EncodedItem): number => Buffer.byteLength(text),
  pointsOf: ({ source }: EncodedItem): number => ('kind' in source ? 1 : source.statistics.length),
  problemOf: ({ problem }: EncodedItem): string | undefined => problem,
  describe: ({ source }: EncodedItem): object => ({
    timestamp: source.timeMs / 1000,
    ...('kind' in source ? { event: eventDocument(source) } : metricDocument(source)),
  }),
}

/** One behind the other, with nothing between. */
export function joinTexts(items: readonly EncodedItem[], separator = ''): string {
  return items.map(({ text }) => text).join(separator)
}
