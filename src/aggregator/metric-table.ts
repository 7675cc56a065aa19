import type { MetricType } from '../model/sample.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows, Metric } from './metric.ts'

/** Who decides whether there may be one more metric. */
export interface MetricAdmission {
  /** Asked for a metric that does not exist: its key, and then it counts; or that of the metric to use instead. */
  admit(key: SeriesKey, type: MetricType): SeriesKey
  /** It exists whatever the limits say. */
  hold(key: SeriesKey): void
  /** A metric that was admitted or held is forgotten. */
  release(key: SeriesKey): void
}

export interface MetricTableOptions {
  readonly type: MetricType
  readonly idleTimeoutMs: number
  readonly admission: MetricAdmission | undefined
}

/** All metrics of one type in the keeper. */
export class MetricTable<M extends Metric> {
  readonly #byKey = new Map<SeriesKey, M>()
  readonly #create: (key: SeriesKey) => M
  #options: MetricTableOptions
  /** Sorted by key but for those appended since `#isSorted` was last true. */
  #list: M[] = []
  #isSorted = true

  constructor(create: (key: SeriesKey) => M, options: MetricTableOptions) {
    this.#create = create
    this.#options = options
  }

  /** Metrics stay, also those that a new limit would not let in. */
  reconfigure(options: MetricTableOptions): void {
    if (options.admission !== this.#options.admission)
      for (const key of this.#byKey.keys()) options.admission?.hold(key)
    this.#options = options
  }

  get size(): number {
    return this.#byKey.size
  }

  /** In the order in which they came. */
  [Symbol.iterator](): IterableIterator<M> {
    return this.#byKey.values()
  }

  has(key: SeriesKey): boolean {
    return this.#byKey.has(key)
  }

  keys(): IterableIterator<SeriesKey> {
    return this.#byKey.keys()
  }

  /** Forgets a metric at once; false if there is none. */
  delete(key: SeriesKey): boolean {
    if (!this.#byKey.delete(key)) return false
    this.#options.admission?.release(key)
    return true
  }

  get(key: SeriesKey): M | undefined {
    return this.#byKey.get(key)
  }

  /** The metric, made if it may be; otherwise the one that takes what is too much. */
  use(key: SeriesKey): M {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const admittedKey = this.#options.admission?.admit(key, this.#options.type) ?? key
    return this.#byKey.get(admittedKey) ?? this.#add(admittedKey)
  }

  /** The metric, made whatever the limits say. */
  hold(key: SeriesKey): M {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    this.#options.admission?.hold(key)
    return this.#add(key)
  }

  #add(key: SeriesKey): M {
    const metric = this.#create(key)
    this.#byKey.set(key, metric)
    this.#list.push(metric)
    this.#isSorted = false
    return metric
  }

  /** By key, in code units, so that the order of a batch depends on neither shards nor arrival. */
  sorted(): readonly M[] {
    // Deleted metrics are still in the list; one of the same key that came later is another.
    if (this.#list.length > this.#byKey.size)
      this.#list = this.#list.filter((metric) => this.#byKey.get(metric.key) === metric)
    if (!this.#isSorted) this.#list.sort(byKey)
    this.#isSorted = true
    return this.#list
  }

  /** Flushes every metric but those idle for too long, which are forgotten. Returns how many were flushed. */
  flush(rows: FlushRows, timestampMs: number): number {
    for (const metric of this.sorted()) {
      if (metric.isUpdated) metric.lastUpdateMs = timestampMs
      if (timestampMs - metric.lastUpdateMs > this.#options.idleTimeoutMs) {
        this.#byKey.delete(metric.key)
        this.#options.admission?.release(metric.key)
      } else {
        metric.flush(rows)
        metric.isUpdated = false
      }
    }
    return this.#byKey.size
  }
}

function byKey(a: Metric, b: Metric): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}
