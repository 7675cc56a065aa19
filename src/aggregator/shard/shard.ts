import {
  type CounterColumns,
  type GaugeColumns,
  type NameColumns,
  type PartialAggregate,
  type SetColumns,
  typeCodeOf,
} from '../../model/partial-aggregate.ts'
import { type MetricType, type Sample, TIMER_KINDS, type TimerKind } from '../../model/sample.ts'
import { NO_SET_REGISTERS } from '../../model/set-registers.ts'
import { NO_TIMER_SKETCHES } from '../../model/timer-sketch.ts'
import { addSaturating } from '../add-saturating.ts'
import { IdPool } from '../id-pool.ts'
import type { KeyCounts } from '../key-flush.ts'
import { OpenInterval } from '../open-interval.ts'
import { Accumulators } from './accumulators.ts'
import { KnownLines } from './known-lines.ts'
import {
  DELTA,
  HANDED,
  ID,
  IS_DISTRIBUTION,
  IS_HISTOGRAM,
  IS_METRIC,
  KIND_COUNTER,
  KIND_GAUGE,
  KIND_MASK,
  KIND_SET,
  KIND_TIMER,
  LEARNED,
  MEANING,
  TIME,
  USED_IN,
  VALUE,
} from './record.ts'
import { hashOf, metricText } from './record-text.ts'

export interface ShardOptions {
  readonly intervalMs: number
  readonly nowMs: number
  /** The newest interval end that is flushed already, if known: the first interval ends later. */
  readonly notBeforeMs?: number
  /** Series unused for that many intervals are forgotten. */
  readonly idleIntervals?: number
  /** Names and ways to write them take no more memory than this; what is too much is handed over early. */
  readonly mostBytes?: number
}

/**
 * What one thread that takes in collects of the open interval, handed over as a partial aggregate:
 *
 *   if (shard.isDue(nowMs)) send(shard.seal(nowMs))
 *   else if (shard.isFull) send(shard.relieve())
 *   for (const sample of batch) shard.add(sample, nowMs)
 *
 * A metric is a key and a type; each is given an id, and its name travels with its first use only. Series unused for
 * `idleIntervals` are dropped and their ids given to others, so memory follows the series in use. An id that changes hands
 * is introduced again, which makes it safe.
 */
export class Shard {
  readonly #interval: OpenInterval
  readonly #idleIntervals: number
  readonly #mostBytes: number
  readonly #accumulators = new Accumulators()
  /** The short way in, for lines written as others were before. */
  readonly lines = new KnownLines(this.#accumulators)
  readonly #ids = new IdPool()
  #seriesCount = 0
  #sealsSinceCompact = 0
  /** There are records of shapes that have been forgotten. */
  #hasDeadRecords = false

  constructor(options: ShardOptions) {
    this.#interval = new OpenInterval({ notBeforeMs: 0, ...options })
    this.#idleIntervals = options.idleIntervals ?? 30
    this.#mostBytes = options.mostBytes ?? Number.POSITIVE_INFINITY
  }

  /** The end of the open interval. */
  get intervalEndMs(): number {
    return this.#interval.endMs
  }

  /** Series known, idle ones included. */
  get seriesCount(): number {
    return this.#seriesCount
  }

  add(sample: Sample, receivedAtMs: number): void {
    const at = this.#find(sample)
    this.#accumulators.add(at, sample, receivedAtMs)
    this.lines.noteSample(sample, at)
  }

  /** The open interval has ended. */
  isDue(nowMs: number): boolean {
    return this.#interval.isDue(nowMs)
  }

  /** It holds as much as it should, interval or not: time to `relieve` it. Asked before each packet. */
  get isFull(): boolean {
    const { records, timerLog, memberCount, untoldCount } = this.#accumulators
    return (
      timerLog.rowCount >= MOST_TIMER_ROWS ||
      memberCount >= MOST_MEMBERS ||
      untoldCount >= MOST_UNTOLD ||
      records.sizeBytes > this.#mostBytes
    )
  }

  /**
   * Hands over the open interval, due or not, and opens the next. `throughMs`: everything up to that interval end is
   * being flushed, so the partial is stamped no earlier than it.
   */
  seal(nowMs: number, throughMs = 0): PartialAggregate {
    const partial = this.#takeAll(this.#interval.close(nowMs, throughMs), true)
    this.#sealsSinceCompact++
    if (this.#sealsSinceCompact >= this.#idleIntervals || this.#hasDeadRecords)
      this.#forget(this.#idleIntervals)
    return partial
  }

  /** Hands over what there is of the open interval, which stays open: for somebody who wants to look at it. */
  handOver(): PartialAggregate {
    return this.#takeAll(this.#interval.endMs, false)
  }

  /** Hands over, of the open interval, what takes the most memory or time, and forgets names if those do. */
  relieve(): PartialAggregate {
    if (this.#accumulators.records.sizeBytes <= this.#mostBytes) {
      return {
        intervalEndMs: this.#interval.endMs,
        names: this.#takeNames(),
        counters: NO_COUNTERS,
        gauges: NO_GAUGES,
        timers: this.#accumulators.timerLog.take(),
        timerSketches: NO_TIMER_SKETCHES,
        sets: this.#takeSets(),
        setRegisters: NO_SET_REGISTERS,
      }
    }
    const partial = this.#takeAll(this.#interval.endMs, false)
    this.#makeRoom()
    return partial
  }

  /** Whether it counts how often each metric is sent. */
  countSamples(isWanted: boolean): void {
    const accumulators = this.#accumulators
    if (isWanted !== (accumulators.sampleCounts !== undefined))
      accumulators.sampleCounts = isWanted ? new Uint32Array(0) : undefined
  }

  /** How often each metric was sent since it was last asked, in the open interval. To be asked before that is handed over. */
  takeKeyCounts(): KeyCounts {
    const { records, used, sampleCounts = new Uint32Array(0) } = this.#accumulators
    const idOf = (at: number): number => records.view.getUint32(at + ID, true)
    const keys = Array.from(used, (at) => Buffer.from(records.nameBytes(at)).toString())
    const counts = Float64Array.from(used, (at) => sampleCounts[idOf(at)] ?? 0)
    sampleCounts.fill(0)
    return { keys, counts }
  }

  /** Samples of known lines that the intake rules refused, since it was last asked. */
  takeExcludedCount(): number {
    const { excludedCount } = this.#accumulators
    this.#accumulators.excludedCount = 0
    return excludedCount
  }

  /** A new keeper is there that knows no names: each is told again. */
  forgetNames(): void {
    this.#accumulators.forgetNames()
  }

  /** What lines mean may have changed: each shape has to be learned again. */
  forgetShapes(): void {
    this.#accumulators.records.clearMeaning(LEARNED)
    this.#hasDeadRecords = true
  }

  /** The record of a metric, made if there is none. */
  #find({ key, type, timerKind = 'timing' }: Sample): number {
    const { records } = this.#accumulators
    const kind = KINDS[type]
    const text = metricText(key, MARKS[type])
    const hash = hashOf(text)
    const known = records.find(hash, IS_METRIC, text)
    if (known !== 0) return known
    const flags = type === 'timer' ? IS_METRIC | FLAGS_OF_TIMER[timerKind] : IS_METRIC
    const at = records.add(hash, kind | flags, 0, text)
    records.view.setUint32(at + ID, this.#ids.take(), true)
    this.#seriesCount++
    return at
  }

  #takeAll(intervalEndMs: number, isWholeInterval: boolean): PartialAggregate {
    const partial = {
      intervalEndMs,
      names: this.#takeNames(),
      counters: this.#takeCounters(),
      gauges: this.#takeGauges(),
      timers: this.#accumulators.timerLog.take(),
      timerSketches: NO_TIMER_SKETCHES,
      sets: this.#takeSets(),
      setRegisters: NO_SET_REGISTERS,
    }
    this.#accumulators.startOver(isWholeInterval)
    return partial
  }

  #takeNames(): NameColumns {
    return this.#accumulators.takeUntold((untold) => this.#names(untold))
  }

  #names(untold: Uint32Array): NameColumns {
    const { records } = this.#accumulators
    const columns = {
      ids: new Uint32Array(untold.length),
      types: new Uint8Array(untold.length),
      idleSinceMs: new Float64Array(0),
      keyEnds: new Uint32Array(untold.length),
      keyBytes: new Uint8Array(untold.reduce((sum, at) => sum + records.nameBytes(at).length, 0)),
    }
    let end = 0
    for (const [row, at] of untold.entries()) {
      const key = records.nameBytes(at)
      columns.keyBytes.set(key, end)
      end += key.length
      columns.keyEnds[row] = end
      columns.ids[row] = records.view.getUint32(at + ID, true)
      columns.types[row] = typeCode(records.view.getInt32(at + MEANING, true))
    }
    return columns
  }

  #takeCounters(): CounterColumns {
    const { records, used } = this.#accumulators
    const { view } = records
    const rows = this.#accumulators.usedOfKind(KIND_COUNTER)
    const columns = { ids: new Uint32Array(rows), sums: new Float64Array(rows) }
    let row = 0
    for (const at of used) {
      if ((view.getInt32(at + MEANING, true) & KIND_MASK) !== KIND_COUNTER) continue
      columns.ids[row] = view.getUint32(at + ID, true)
      columns.sums[row] = view.getFloat64(at + VALUE, true)
      row++
    }
    return columns
  }

  #takeGauges(): GaugeColumns {
    const { records, used } = this.#accumulators
    const { view } = records
    const rows = this.#accumulators.usedOfKind(KIND_GAUGE)
    const columns = {
      ids: new Uint32Array(rows),
      absolutes: new Float64Array(rows),
      absoluteTimesMs: new Float64Array(rows),
      deltas: new Float64Array(rows),
    }
    let row = 0
    if (rows === 0) return columns
    for (const at of used) {
      if ((view.getInt32(at + MEANING, true) & KIND_MASK) !== KIND_GAUGE) continue
      columns.ids[row] = view.getUint32(at + ID, true)
      columns.absolutes[row] = view.getFloat64(at + VALUE, true)
      columns.absoluteTimesMs[row] = view.getFloat64(at + TIME, true)
      const delta = view.getFloat64(at + DELTA, true)
      columns.deltas[row] = delta
      view.setFloat64(at + HANDED, addSaturating(view.getFloat64(at + HANDED, true), delta), true)
      row++
    }
    return columns
  }

  #takeSets(): SetColumns {
    const { records, members } = this.#accumulators
    const all: string[] = []
    const columns = {
      ids: new Uint32Array(members.size),
      offsets: new Uint32Array(members.size + 1),
      members: all,
    }
    let row = 0
    for (const [at, ofOne] of members) {
      columns.ids[row] = records.view.getUint32(at + ID, true)
      for (const member of ofOne) all.push(member)
      columns.offsets[++row] = all.length
    }
    this.#accumulators.forgetMembers()
    return columns
  }

  /** Drops the metrics that had no sample since so many hand-overs, if there are enough of them to be worth it. */
  #forget(idleIntervals: number): void {
    const { records, intervalNumber } = this.#accumulators
    const usedSince = intervalNumber - idleIntervals
    const isKept = (at: number): boolean =>
      records.view.getInt32(at + USED_IN, true) >= usedSince || this.#accumulators.hasHandedDeltas(at)
    this.#sealsSinceCompact = 0
    let idle = 0
    for (const at of records) {
      const isMetric = (records.view.getInt32(at + MEANING, true) & IS_METRIC) !== 0
      if (isMetric && !isKept(at)) idle++
    }
    const isWorthwhile = idle > 0 && idle * WORTHWHILE >= this.#seriesCount
    if (isWorthwhile || this.#hasDeadRecords) this.#compact(isKept, true)
  }

  /**
   * Drops all names, and all ways to write them. Gauges of which deltas are handed over stay, for these may have to be taken
   * back, but not when they alone would take the room.
   */
  #makeRoom(): void {
    const { records } = this.#accumulators
    this.#sealsSinceCompact = 0
    let keptBytes = 0
    const isKept = (at: number): boolean => {
      if (!this.#accumulators.hasHandedDeltas(at)) return false
      keptBytes += records.recordBytes(at)
      return keptBytes * 2 <= this.#mostBytes
    }
    this.#compact(isKept, false)
  }

  #compact(isKept: (at: number) => boolean, keepsShapes: boolean): void {
    this.#hasDeadRecords = false
    const drop = (id: number): void => {
      this.#ids.giveBack(id)
      this.#seriesCount--
    }
    this.lines.forgetOrder()
    this.#accumulators.records.compact(isKept, drop, keepsShapes)
  }
}

const KINDS: Readonly<Record<MetricType, number>> = {
  counter: KIND_COUNTER,
  gauge: KIND_GAUGE,
  timer: KIND_TIMER,
  set: KIND_SET,
}
/** How lines mark a type as a rule. */
const FLAGS_OF_TIMER: Readonly<Record<TimerKind, number>> = {
  timing: 0,
  histogram: IS_HISTOGRAM,
  distribution: IS_DISTRIBUTION,
}

function typeCode(meaning: number): number {
  if ((meaning & IS_HISTOGRAM) !== 0) return HISTOGRAM_CODE
  return (meaning & IS_DISTRIBUTION) !== 0 ? DISTRIBUTION_CODE : meaning & KIND_MASK
}

const HISTOGRAM_CODE = typeCodeOf(KIND_TIMER, TIMER_KINDS.indexOf('histogram'))
const DISTRIBUTION_CODE = typeCodeOf(KIND_TIMER, TIMER_KINDS.indexOf('distribution'))

const MARKS: Readonly<Record<MetricType, string>> = { counter: '|c', gauge: '|g', timer: '|ms', set: '|s' }

/** What makes a shard hand over before its interval ends. Less than the log has room for, by what one packet can bring. */
const MOST_TIMER_ROWS = 1 << 17
const MOST_MEMBERS = 100_000
/** Names are told in pieces, so that the end of an interval does not take long however many are new. */
const MOST_UNTOLD = 1 << 15
/** Forgetting is put off until one metric in so many is idle. */
const WORTHWHILE = 4

const NO_COUNTERS: CounterColumns = { ids: new Uint32Array(0), sums: new Float64Array(0) }
const NO_GAUGES: GaugeColumns = {
  ids: new Uint32Array(0),
  absolutes: new Float64Array(0),
  absoluteTimesMs: new Float64Array(0),
  deltas: new Float64Array(0),
}
