import { METRIC_TYPES, type MetricType, TIMER_KINDS, type TimerKind } from './sample.ts'
import type { SeriesKey } from './series-key.ts'
import type { SetRegisterColumns } from './set-registers.ts'
import type { TimerSketchColumns } from './timer-sketch.ts'

/**
 * What one shard collected in one interval. It is what a shard hands to the keeper, what is saved when Kymo stops
 * inside an interval, and what a gathering machine forwards. Its bytes are described in
 * docs/formats/partial-aggregate.md; formats/partial-aggregate reads and writes them.
 *
 * Metrics travel as ids of the sender's own making. `names` introduces an id once, before or with its first use;
 * a saved aggregate introduces all of its own.
 */
export interface PartialAggregate {
  /** End of the interval these samples belong to. */
  readonly intervalEndMs: number
  readonly names: NameColumns
  readonly counters: CounterColumns
  readonly gauges: GaugeColumns
  readonly timers: TimerColumns
  /** A timer may have sketches and single values, in one partial aggregate or in several: they are merged. */
  readonly timerSketches: TimerSketchColumns
  readonly sets: SetColumns
  /** As sketches are to timers. */
  readonly setRegisters: SetRegisterColumns
}

/** One row per metric that is introduced. */
export interface NameColumns {
  readonly ids: Uint32Array
  /** Type codes, see below. */
  readonly types: Uint8Array
  /**
   * Only in a saved aggregate: the end of the interval that last had samples of the metric; NaN: this interval has. A saved
   * counter, timer or set that is idle is a name with this time and no row. Empty: none is idle.
   */
  readonly idleSinceMs: Float64Array
  /** Key i is the UTF-8 `keyBytes[keyEnds[i - 1] .. keyEnds[i])`. */
  readonly keyEnds: Uint32Array
  readonly keyBytes: Uint8Array
}

/** One row of NameColumns. */
export interface MetricName {
  readonly id: number
  readonly type: MetricType
  readonly key: SeriesKey
  /** Of a timer; left out: timing. */
  readonly timerKind?: TimerKind
  readonly idleSinceMs?: number
}

/** A type and a timer's kind as one number: index into METRIC_TYPES, and from its fifth bit on index into TIMER_KINDS. */
export function typeCodeOf(typeIndex: number, kindIndex: number): number {
  return typeIndex | (kindIndex << KIND_SHIFT)
}

/** Index into METRIC_TYPES; it may be none. */
export function typeIndexOf(typeCode: number): number {
  return typeCode & TYPE_MASK
}

/** Index into TIMER_KINDS; it may be none. */
export function kindIndexOf(typeCode: number): number {
  return typeCode >> KIND_SHIFT
}

/** Whether there is such a type, and such a kind of it. */
export function isTypeCode(typeCode: number): boolean {
  const kindIndex = kindIndexOf(typeCode)
  const type = METRIC_TYPES[typeIndexOf(typeCode)]
  return type === 'timer' ? kindIndex < TIMER_KINDS.length : type !== undefined && kindIndex === 0
}

const KIND_SHIFT = 4
const TYPE_MASK = 15

export function toNameColumns(names: readonly MetricName[]): NameColumns {
  const keys = names.map(({ key }) => Buffer.from(key))
  let end = 0
  return {
    ids: Uint32Array.from(names, ({ id }) => id),
    types: Uint8Array.from(names, ({ type, timerKind = 'timing' }) =>
      typeCodeOf(METRIC_TYPES.indexOf(type), TIMER_KINDS.indexOf(timerKind)),
    ),
    idleSinceMs: names.some(({ idleSinceMs }) => idleSinceMs !== undefined)
      ? Float64Array.from(names, ({ idleSinceMs }) => idleSinceMs ?? Number.NaN)
      : new Float64Array(0),
    keyEnds: Uint32Array.from(keys, ({ length }) => (end += length)),
    keyBytes: new Uint8Array(Buffer.concat(keys)),
  }
}

export function* namesOf({ ids, types, idleSinceMs, keyEnds, keyBytes }: NameColumns): Generator<MetricName> {
  const text = Buffer.from(keyBytes.buffer, keyBytes.byteOffset, keyBytes.byteLength)
  let start = 0
  for (const [row, id] of ids.entries()) {
    const end = keyEnds[row] ?? start
    const typeCode = types[row] ?? 0
    const kind = TIMER_KINDS[kindIndexOf(typeCode)] ?? 'timing'
    const name = {
      id,
      type: METRIC_TYPES[typeIndexOf(typeCode)] ?? 'counter',
      key: text.toString('utf8', start, end),
      ...(kind === 'timing' ? {} : { timerKind: kind }),
    }
    const idleMs = idleSinceMs[row] ?? Number.NaN
    start = end
    yield Number.isNaN(idleMs) ? name : { ...name, idleSinceMs: idleMs }
  }
}

export interface CounterColumns {
  readonly ids: Uint32Array
  /** Sum of value x weight. */
  readonly sums: Float64Array
}

export interface GaugeColumns {
  readonly ids: Uint32Array
  /** The last absolute value; NaN if only deltas came. */
  readonly absolutes: Float64Array
  /** When the last absolute value was received; 0 if none. Decides between shards. */
  readonly absoluteTimesMs: Float64Array
  /** Sum of the deltas received since the last absolute value. */
  readonly deltas: Float64Array
}

/** One row per value, in any order. */
export interface TimerColumns {
  readonly ids: Uint32Array
  readonly values: Float64Array
  /** Empty: each is 1. */
  readonly weights: Float64Array
}

export interface SetColumns {
  readonly ids: Uint32Array
  /** Members of set i are `members[offsets[i] .. offsets[i + 1])`; one longer than `ids`. */
  readonly offsets: Uint32Array
  readonly members: readonly string[]
}

/** The memory of its columns, to be transferred to another thread. */
export function buffersOf(partial: PartialAggregate): ArrayBuffer[] {
  const columns = Object.values(partial).flatMap((part: unknown) => Object.values(part ?? {}) as unknown[])
  const buffers = columns.flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer] : []))
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer && buffer.byteLength > 0) as ArrayBuffer[]
}

/** Gives the memory of its columns back, which a garbage collector would do in its own time. It cannot be read after that. */
export function releaseColumns(partial: PartialAggregate): void {
  for (const buffer of buffersOf(partial)) buffer.transfer(0)
}
