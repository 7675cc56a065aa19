import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows, Metric } from './metric.ts'

/** All metrics of one type in the keeper. */
export class MetricTable<M extends Metric> {
  readonly #byKey = new Map<SeriesKey, M>()
  readonly #create: (key: SeriesKey) => M
  readonly #idleTimeoutMs: number
  /** Sorted by key but for those appended since `#isSorted` was last true. */
  #list: M[] = []
  #isSorted = true

  constructor(create: (key: SeriesKey) => M, idleTimeoutMs: number) {
    this.#create = create
    this.#idleTimeoutMs = idleTimeoutMs
  }

  get size(): number {
    return this.#byKey.size
  }

  get(key: SeriesKey): M | undefined {
    return this.#byKey.get(key)
  }

  add(key: SeriesKey): M {
    const metric = this.#create(key)
    this.#byKey.set(key, metric)
    this.#list.push(metric)
    this.#isSorted = false
    return metric
  }

  /** By key, in code units, so that the order of a batch depends on neither shards nor arrival. */
  sorted(): readonly M[] {
    if (!this.#isSorted) this.#list.sort(byKey)
    this.#isSorted = true
    return this.#list
  }

  /** Flushes every metric but those idle for too long, which are forgotten. Returns how many were flushed. */
  flush(rows: FlushRows, timestampMs: number): number {
    let hasForgotten = false
    for (const metric of this.sorted()) {
      if (metric.isUpdated) metric.lastUpdateMs = timestampMs
      if (timestampMs - metric.lastUpdateMs > this.#idleTimeoutMs) {
        this.#byKey.delete(metric.key)
        hasForgotten = true
      } else {
        metric.flush(rows)
        metric.isUpdated = false
      }
    }
    if (hasForgotten) this.#list = this.#list.filter((metric) => this.#byKey.has(metric.key))
    return this.#list.length
  }
}

function byKey(a: Metric, b: Metric): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}
