import { grow, roomFor } from '../../lib/grow.ts'
import type { KeyRoom } from '../../lib/key-table.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { NameTable } from './name-table.ts'
import type { SeriesRows } from './series-rows.ts'

/**
 * Series grouped by the metric they were made from. One name sent as two types is two metrics; an untyped series is a metric by
 * itself, and needs no name of its own.
 */
export class MetricGroups {
  readonly #rows: SeriesRows
  /** The first letter of the type, by which types are told apart, and the key: `capi.hits`. */
  readonly #names: NameTable
  /** By number of the metric: the row of its first series, and 1. The others follow by `nextOfMetric`. */
  #firstRows: Uint32Array
  #ownMetrics = 0
  #last: LastMetric = NOTHING

  constructor(rows: SeriesRows, room?: KeyRoom) {
    this.#rows = rows
    this.#names = new NameTable(room)
    this.#firstRows = new Uint32Array(roomFor(room?.keys ?? 0))
  }

  get room(): KeyRoom {
    return this.#names.room
  }

  get size(): number {
    return this.#names.size + this.#ownMetrics
  }

  add(row: number, identity: SeriesIdentity): void {
    if (isItsOwn(identity)) {
      this.#rows.metrics[row] = 0
      this.#ownMetrics++
      return
    }
    const metric = this.#use(identity)
    if (metric >= this.#firstRows.length)
      this.#firstRows = grow(this.#firstRows, new Uint32Array(this.#firstRows.length * 2))
    const { metrics, nextOfMetric, previousOfMetric } = this.#rows
    const first = this.#firstRows[metric] as number
    metrics[row] = metric + 1
    nextOfMetric[row] = first
    previousOfMetric[row] = 0
    if (first !== 0) previousOfMetric[first - 1] = row + 1
    this.#firstRows[metric] = row + 1
  }

  remove(row: number): void {
    const { metrics, nextOfMetric, previousOfMetric } = this.#rows
    const metric = (metrics[row] as number) - 1
    if (metric < 0) {
      this.#ownMetrics--
      return
    }
    const next = nextOfMetric[row] as number
    const previous = previousOfMetric[row] as number
    if (previous === 0) this.#firstRows[metric] = next
    else nextOfMetric[previous - 1] = next
    if (next !== 0) previousOfMetric[next - 1] = previous
    if (metric === this.#last.metric) this.#last = NOTHING
    this.#names.release(metric)
  }

  /** Fast path: the series of one metric come one behind the other. */
  #use(identity: SeriesIdentity): number {
    const { metricType, metricKey } = identity
    if (this.#last.metricKey === metricKey && this.#last.metricType === metricType) {
      this.#names.hold(this.#last.metric)
      return this.#last.metric
    }
    const metric = this.#names.use(nameOf(identity))
    this.#last = { metric, metricType, metricKey }
    return metric
  }

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    return [...this.#names.columns, this.#firstRows]
  }

  /** Whether series of this name make up a metric that is not its own series. */
  has(metricType: SeriesIdentity['metricType'], metricKey: SeriesKey): boolean {
    return this.#names.find(nameOf({ metricType, metricKey })) >= 0
  }

  isOf(row: number, identity: SeriesIdentity): boolean {
    const metric = (this.#rows.metrics[row] as number) - 1
    if (metric < 0) return isItsOwn(identity)
    const { metricType, metricKey } = identity
    if (metric === this.#last.metric)
      return metricKey === this.#last.metricKey && metricType === this.#last.metricType
    if (this.#names.find(nameOf(identity)) !== metric) return false
    this.#last = { metric, metricType, metricKey }
    return true
  }

  /** undefined: its key is that of the series. */
  keyOf(row: number): SeriesKey | undefined {
    const metric = (this.#rows.metrics[row] as number) - 1
    if (metric < 0) return undefined
    return this.#names.text(metric).slice(1)
  }

  /** Row of one series of each metric, that which was added last; -1: a step on which there is none. */
  *heads(): Iterable<number> {
    for (let metric = 0; metric < this.#names.limit; metric++) yield (this.#firstRows[metric] as number) - 1
    for (let row = 0; row < this.#rows.limit; row++)
      yield this.#rows.has(row) && this.#rows.metrics[row] === 0 ? row : -1
  }

  /** Time of the first point of all series of a metric, given one that `heads` said. */
  firstSeenMsOf(head: number): number {
    const { firstSeenMs, nextOfMetric, metrics } = this.#rows
    let firstMs = firstSeenMs[head] as number
    if (metrics[head] === 0) return firstMs
    for (let row = (nextOfMetric[head] as number) - 1; row >= 0; row = (nextOfMetric[row] as number) - 1)
      firstMs = Math.min(firstMs, firstSeenMs[row] as number)
    return firstMs
  }

  /** The row that `heads` says for the metric of a row. */
  headOf(row: number): number {
    const metric = (this.#rows.metrics[row] as number) - 1
    return metric < 0 ? row : (this.#firstRows[metric] as number) - 1
  }

  /** All series of a metric, given its head; in the order they were added. */
  rowsOf(head: number): number[] {
    const found = [head]
    if (this.#rows.metrics[head] === 0) return found
    for (let row = (this.#rows.nextOfMetric[head] as number) - 1; row >= 0; ) {
      found.push(row)
      row = (this.#rows.nextOfMetric[row] as number) - 1
    }
    return found.reverse()
  }
}

interface LastMetric {
  readonly metric: number
  readonly metricType: SeriesIdentity['metricType'] | undefined
  readonly metricKey: SeriesKey
}

const NOTHING: LastMetric = { metric: -1, metricType: undefined, metricKey: '' }

function isItsOwn({ metricType, metricKey, key }: SeriesIdentity): boolean {
  return metricType === 'untyped' && metricKey === key
}

function nameOf({ metricType, metricKey }: Pick<SeriesIdentity, 'metricType' | 'metricKey'>): string {
  return metricType.charAt(0) + metricKey
}
