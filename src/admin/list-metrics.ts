/** What a metric holds in the open interval: the sum of a counter, the value of a gauge, the values of a timer. */
export type OpenValue = number | OpenTimer

export interface OpenTimer {
  /** The first of them, SHOWN_TIMER_VALUES at most. */
  readonly values: readonly number[]
  /** How many there are. */
  readonly valueCount: number
}

/** A part of the metrics of one type that is small enough to be sent to another thread and printed. */
export interface MetricListing {
  readonly metrics: ReadonlyMap<string, OpenValue>
  /** How many there are, those left out included. */
  readonly metricCount: number
}

/** That many of a timer's values are printed, as `util.inspect` and so etsy have it. */
export const SHOWN_TIMER_VALUES = 100

/** About what the console prints of metrics in one answer. */
export const MOST_LISTED_BYTES = 1024 * 1024

/**
 * The first of some metrics, as many as fit into one answer. For the thread that keeps them: it takes no more from
 * `metrics` than it lists, and hands out nothing that grows with their number.
 */
export function listMetrics(
  metrics: Iterable<readonly [name: string, value: OpenValue]>,
  metricCount: number,
): MetricListing {
  const listed = new Map<string, OpenValue>()
  let bytes = 0
  for (const [name, value] of metrics) {
    bytes += printedBytes(name, value)
    if (bytes > MOST_LISTED_BYTES) break
    listed.set(name, value)
  }
  return { metrics: listed, metricCount }
}

/** Blanks, quotes, punctuation and line end around a name, or around one of a timer's values. */
const BYTES_AROUND_ONE = 9

/** A timer's values stand in columns, each as wide as its widest, so each is taken to be as wide as the widest of all. */
function printedBytes(name: string, value: OpenValue): number {
  const nameBytes = BYTES_AROUND_ONE + Buffer.byteLength(name)
  if (typeof value === 'number') return nameBytes + String(value).length
  const widest = value.values.reduce((most, each) => Math.max(most, String(each).length), 0)
  return nameBytes + value.values.length * (BYTES_AROUND_ONE + widest)
}
