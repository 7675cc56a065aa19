import type { MetricName } from '../model/partial-aggregate.ts'
import type { MetricType } from '../model/sample.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows, RowSource } from './flush-rows.ts'
import { grow } from '../lib/grow.ts'
import { KeyTable } from '../lib/key-table.ts'
import type { PartialBuilder } from './partial-builder.ts'
import type { SeriesForm } from './series-form.ts'
import { type SeriesNames, TableSeries } from './table-series.ts'

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

/** What is known of the slot of a key. */
const FREE = 0
/** Shards may send samples for it, but there is no metric: it has not been admitted yet, or is forgotten. */
const NAMED = 1
/** A metric, without a sample in the open interval. */
const IDLE = 2
const UPDATED = 3

/**
 * All metrics of one type in the keeper, as columns: what they hold of the open interval, and what outlives it. Each type
 * has a table of its own that adds its columns to these.
 *
 *   slot       0           1           2
 *   key        api.hits    (free)      web.hits
 *   state      updated     free        idle
 *   ...
 *
 * Shards name a metric once and send its slot's samples ever after, also when the metric was forgotten meanwhile; so a slot
 * stays its key's for as long as a shard may mean it.
 */
export abstract class MetricTable implements RowSource {
  protected form: SeriesForm
  readonly #keys = new KeyTable()
  #options: MetricTableOptions
  #states = new Uint8Array(0)
  #lastUpdatesMs = new Float64Array(0)
  /** How many ids of shards mean the slot; MOST_MEANINGS: too many to count, and it is its key's for good. */
  #meanings = new Uint8Array(0)
  #size = 0
  /** Slots of metrics, sorted by key; undefined: to be made anew. Those that became metrics since are in `#added`. */
  #order: Uint32Array | undefined
  #added: number[] = []
  /** By column of the rows. */
  #series: ColumnSeries[] = []
  /** What the series of one metric are called: who asks for one name asks for the next, too. -1: of none. */
  #namedSlot = -1
  #named: readonly SeriesIdentity[] = []

  constructor(form: SeriesForm, options: MetricTableOptions) {
    this.form = form
    this.#options = options
  }

  /** Makes room in the columns for that many slots. */
  protected abstract resize(slots: number): void
  /** A slot becomes a metric, whose columns are as those of one without samples. */
  protected abstract begin(slot: number): void
  /** One for each column of the rows of a metric. */
  protected abstract identitiesOf(slot: number): readonly SeriesIdentity[]
  /** Puts out the statistics of a metric and begins its next interval. */
  protected abstract flushSlot(slot: number, rows: FlushRows): void
  /** Puts out the row of the open interval, if there is anything to remember. Changes nothing. */
  protected abstract saveSlot(slot: number, id: number, builder: PartialBuilder): void

  /** A slot is given to a key. */
  protected claim(_slot: number): void {}

  /** What else a name says, to be saved with it. */
  protected describe(_slot: number): Pick<MetricName, 'timerKind'> {
    return {}
  }

  /** A slot is no metric any more. What belongs to it is still there. */
  protected drop(slot: number): void {
    for (const { bySlot } of this.#series) {
      bySlot[slot]?.keep()
      if (slot < bySlot.length) bySlot[slot] = undefined
    }
    this.#namedSlot = -1
  }

  identityOf(slot: number, column: number): SeriesIdentity {
    while (this.#series.length <= column) this.#series.push(this.#columnSeries(this.#series.length))
    const { bySlot, names } = this.#series[column] as ColumnSeries
    while (bySlot.length < slot) bySlot.push(undefined)
    return (bySlot[slot] ??= new TableSeries(names, slot))
  }

  #columnSeries(column: number): ColumnSeries {
    return { names: { seriesOf: (slot) => this.#seriesOf(slot, column) }, bySlot: [] }
  }

  #seriesOf(slot: number, column: number): SeriesIdentity {
    if (slot !== this.#namedSlot) {
      this.#named = this.identitiesOf(slot)
      this.#namedSlot = slot
    }
    const identity = this.#named[column]
    if (identity === undefined) throw new Error(`BUG: ${this.keyOf(slot)} has no series ${column}`)
    return identity
  }

  /** Other series, or other names for the same ones, of what the metrics hold. */
  reform(form: SeriesForm): void {
    for (const { bySlot } of this.#series) for (const series of bySlot) series?.keep()
    this.form = form
    this.#series = []
    this.#namedSlot = -1
  }

  /** Limits and time to live may change while there are metrics; the type does not. */
  reconfigure(options: MetricTableOptions): void {
    const { admission } = options
    if (admission !== undefined && admission !== this.#options.admission)
      for (const key of this.keys()) admission.hold(key)
    this.#options = options
  }

  /** Metrics, idle ones included. */
  get size(): number {
    return this.#size
  }

  has(key: SeriesKey): boolean {
    return this.slotOf(key) >= 0
  }

  *keys(): IterableIterator<SeriesKey> {
    for (const slot of this.slots()) yield this.keyOf(slot)
  }

  /** Of all metrics. They may be deleted meanwhile. */
  *slots(): IterableIterator<number> {
    for (let slot = 0; slot < this.#keys.slotLimit; slot++) if (this.#isMetric(slot)) yield slot
  }

  /** The slot of a metric; -1 if there is none. */
  slotOf(key: SeriesKey): number {
    const slot = this.#keys.find(Buffer.from(key))
    return slot >= 0 && this.#isMetric(slot) ? slot : -1
  }

  keyOf(slot: number): SeriesKey {
    return this.#keys.key(slot)
  }

  /** Forgets a metric at once; false if there is none. */
  delete(key: SeriesKey): boolean {
    const slot = this.slotOf(key)
    if (slot >= 0) this.#forget(slot)
    return slot >= 0
  }

  /** A shard has a name for a key. The slot by which it is to be meant; no metric yet, if it is none. `_kindIndex` is of a timer. */
  name(key: Uint8Array, _kindIndex = 0): number {
    const slot = this.#use(key)
    this.#meanings[slot] = Math.min((this.#meanings[slot] ?? 0) + 1, MOST_MEANINGS)
    return slot
  }

  /** An id of a shard means this slot no more. */
  unname(slot: number): void {
    if (this.#meanings[slot] === MOST_MEANINGS) return
    this.#meanings[slot] = (this.#meanings[slot] ?? 1) - 1
    if (this.#states[slot] === NAMED) this.#giveBackUnmeant(slot)
  }

  /** Samples have come for a slot with a name. The slot of the metric to add them to, which is another's past a limit. */
  sampled(slot: number): number {
    if (this.#states[slot] === UPDATED) return slot
    let metric = slot
    if (this.#states[slot] === NAMED) {
      const key = this.keyOf(slot)
      const admittedKey = this.#options.admission?.admit(key, this.#options.type) ?? key
      if (admittedKey !== key) metric = this.#use(Buffer.from(admittedKey))
      this.#makeMetric(metric)
    }
    this.#states[metric] = UPDATED
    return metric
  }

  /** The metric of a key, made whatever the limits say. As if it had a sample, unless it is said when it had its last. */
  hold(key: SeriesKey, idleSinceMs?: number): number {
    const slot = this.#use(Buffer.from(key))
    if (!this.#isMetric(slot)) {
      this.#options.admission?.hold(key)
      this.#makeMetric(slot)
    }
    this.#states[slot] = idleSinceMs === undefined ? UPDATED : IDLE
    this.#lastUpdatesMs[slot] = idleSinceMs ?? 0
    return slot
  }

  /** Flushes every metric but those idle for too long, which are forgotten. Returns how many were flushed. */
  flush(rows: FlushRows, timestampMs: number): number {
    rows.begin(this)
    const { idleTimeoutMs } = this.#options
    const visit = (slot: number): void => {
      if (this.#states[slot] === UPDATED) this.#lastUpdatesMs[slot] = timestampMs
      if (timestampMs - (this.#lastUpdatesMs[slot] ?? 0) > idleTimeoutMs) return this.#forget(slot)
      this.flushSlot(slot, rows)
      this.#states[slot] = IDLE
    }
    if (rows.isWanted) {
      for (const slot of this.#ordered()) if (this.#isMetric(slot)) visit(slot)
    } else {
      // Nobody brings the order up to date.
      this.#order = undefined
      this.#added = []
      for (let slot = 0; slot < this.#keys.slotLimit; slot++) if (this.#isMetric(slot)) visit(slot)
    }
    return this.#size
  }

  /** Puts all metrics out, each under an id of its own from `firstId` on. Changes nothing. Returns how many there are. */
  save(firstId: number, builder: PartialBuilder): number {
    let id = firstId
    for (const slot of this.#ordered()) {
      const name = { id, type: this.#options.type, key: this.keyOf(slot), ...this.describe(slot) }
      const idleSinceMs = this.#lastUpdatesMs[slot] ?? 0
      builder.name(this.isUpdated(slot) ? name : { ...name, idleSinceMs })
      this.saveSlot(slot, id++, builder)
    }
    return id - firstId
  }

  /** It had a sample in the open interval. */
  protected isUpdated(slot: number): boolean {
    return this.#states[slot] === UPDATED
  }

  #isMetric(slot: number): boolean {
    return (this.#states[slot] ?? FREE) >= IDLE
  }

  #use(key: Uint8Array): number {
    const slot = this.#keys.use(key)
    if (slot >= this.#states.length) this.#resize(Math.max(FIRST_SLOTS, this.#states.length * 2))
    if (this.#states[slot] === FREE) {
      this.#states[slot] = NAMED
      this.claim(slot)
    }
    return slot
  }

  #makeMetric(slot: number): void {
    if (this.#isMetric(slot)) return
    this.#states[slot] = IDLE
    this.#lastUpdatesMs[slot] = 0
    this.begin(slot)
    this.#size++
    if (this.#order !== undefined) this.#added.push(slot)
  }

  #forget(slot: number): void {
    this.#options.admission?.release(this.keyOf(slot))
    this.drop(slot)
    this.#states[slot] = NAMED
    this.#size--
    this.#giveBackUnmeant(slot)
  }

  #giveBackUnmeant(slot: number): void {
    if (this.#meanings[slot] !== 0) return
    this.#states[slot] = FREE
    this.#keys.giveBack(slot)
  }

  #resize(slots: number): void {
    this.#states = grow(this.#states, new Uint8Array(slots))
    this.#lastUpdatesMs = grow(this.#lastUpdatesMs, new Float64Array(slots))
    this.#meanings = grow(this.#meanings, new Uint8Array(slots))
    this.resize(slots)
  }

  /** By key, so that the order of a batch depends on neither shards nor arrival. */
  #ordered(): Uint32Array {
    const known = this.#order
    if (known === undefined) {
      this.#order = Uint32Array.from(this.slots()).sort((a, b) => this.#keys.compare(a, b))
    } else if (this.#added.length > 0 || known.length !== this.#size) {
      this.#order = this.#merged(
        known,
        this.#added.toSorted((a, b) => this.#keys.compare(a, b)),
      )
    }
    this.#added = []
    return this.#order ?? NONE
  }

  /** Both are sorted. What is no metric any more is left out, and so is what was forgotten and is one again, once. */
  #merged(known: Uint32Array, added: readonly number[]): Uint32Array {
    const merged = new Uint32Array(this.#size)
    const isAdded = new Set(added)
    let count = 0
    let next = 0
    for (const slot of known) {
      if (!this.#isMetric(slot) || isAdded.has(slot)) continue
      for (; next < added.length && this.#keys.compare(added[next] ?? 0, slot) < 0; next++)
        count = this.#put(merged, count, added[next] ?? 0)
      merged[count++] = slot
    }
    for (; next < added.length; next++) count = this.#put(merged, count, added[next] ?? 0)
    return merged
  }

  #put(merged: Uint32Array, count: number, slot: number): number {
    const isTwice = count > 0 && merged[count - 1] === slot
    if (isTwice || !this.#isMetric(slot)) return count
    merged[count] = slot
    return count + 1
  }
}

/** The series of one column: of each metric that somebody asked about. */
interface ColumnSeries {
  readonly names: SeriesNames
  readonly bySlot: (TableSeries | undefined)[]
}

const NONE = new Uint32Array(0)
const FIRST_SLOTS = 64
const MOST_MEANINGS = 0xff
