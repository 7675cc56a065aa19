import type { TimeRange } from '../../../model/time-range.ts'
import type { Chunk } from '../codec/chunk-group.ts'
import { GatheringReceiver } from '../gathering-receiver.ts'
import type { PointSource } from '../point-source.ts'
import type { Aggregate } from './aggregates.ts'
import type { Columns, ColumnsToRead, TierView } from './levels.ts'
import { rollUpPoints } from './roll-up-points.ts'

/** What has become of slots of a tier since it was folded, of one series. */
export interface LateChange {
  /** What stood before in the slots that begin in these is gone. */
  readonly deletes: readonly TimeRange[]
  /** Slots that have other values now, ascending. */
  readonly slotsMs: Float64Array
  /** Per aggregate a value for each of them; NaN: none any more. */
  readonly columns: readonly Float64Array[]
}

export interface FoldedTier {
  readonly tier: TierView
  /** All points as they came, in the order of the log. */
  readonly sources: readonly PointSource[]
  /** From here on the level below has all that ever came. */
  readonly completeFromMs: number
  /** Reads the level below, in slots of the tier. */
  readonly readBelow: (request: ColumnsToRead) => Generator<number, Columns>
}

/** Slots that are read at once to make some of them anew. */
const MOST_SLOTS_AT_ONCE = 4_194_304

/**
 * What came for slots of the range after the tier had been folded. Where the level below still has all that ever came, the slot is
 * made anew from there. Further back what came late takes the slot's place, as in whisper. By place of the series in the request.
 */
export function* lateChanges(
  { tier, sources, completeFromMs, readBelow }: FoldedTier,
  { keys, aggregates, range }: ColumnsToRead,
): Generator<number, Map<number, LateChange>> {
  const changes = new Map<number, LateChange>()
  const late = sources.filter((source) => source.last > tier.foldedThrough && source.reaches(range.endMs))
  if (late.length === 0) return changes
  const wanted = keys.map((key) => ({ key, receiver: new LateReceiver(range) }))
  for (const source of late) yield* source.pass(wanted, range)
  const toMakeAnew: Touched[] = []
  for (const [place, { receiver }] of wanted.entries()) {
    if (!receiver.isTouched) continue
    const points = receiver.finish()
    const slotsMs = touchedSlots(points, receiver.deletes, {
      range,
      completeFromMs,
      stepMs: tier.stepMs,
    })
    const columns = rollUpSlots(points, slotsMs, { aggregates, stepMs: tier.stepMs })
    changes.set(place, { deletes: receiver.deletes, slotsMs, columns })
    const firstComplete = slotsMs.findIndex((slotMs) => slotMs >= completeFromMs)
    if (firstComplete >= 0) toMakeAnew.push({ place, slotsMs, columns, firstComplete })
  }
  for (const lot of lotsOf(toMakeAnew, tier.stepMs)) {
    const request = { keys: lot.series.map(({ place }) => keys[place] ?? ''), aggregates, range: lot.range }
    const anew = yield* readBelow(request)
    for (const [index, { slotsMs, columns, firstComplete }] of lot.series.entries()) {
      for (const [which, column] of columns.entries()) {
        const source = anew[index]?.[which] ?? new Float64Array(0)
        for (let slot = firstComplete; slot < slotsMs.length; slot++)
          column[slot] = source[((slotsMs[slot] ?? 0) - lot.range.startMs) / tier.stepMs] ?? Number.NaN
      }
    }
  }
  return changes
}

/** A series of which slots from `firstComplete` on are to be made anew. */
interface Touched {
  readonly place: number
  readonly slotsMs: Float64Array
  readonly columns: readonly Float64Array[]
  readonly firstComplete: number
}

interface Lot {
  readonly series: readonly Touched[]
  readonly range: TimeRange
}

/** Series whose slots are near each other are read together. */
function* lotsOf(all: readonly Touched[], stepMs: number): Iterable<Lot> {
  let series: Touched[] = []
  let range: TimeRange = { startMs: Number.POSITIVE_INFINITY, endMs: Number.NEGATIVE_INFINITY }
  for (const one of all) {
    const startMs = Math.min(range.startMs, one.slotsMs[one.firstComplete] ?? 0)
    const endMs = Math.max(range.endMs, (one.slotsMs.at(-1) ?? 0) + stepMs)
    if (series.length > 0 && ((endMs - startMs) / stepMs) * (series.length + 1) > MOST_SLOTS_AT_ONCE) {
      yield { series, range }
      series = [one]
      range = { startMs: one.slotsMs[one.firstComplete] ?? 0, endMs: (one.slotsMs.at(-1) ?? 0) + stepMs }
    } else {
      series.push(one)
      range = { startMs, endMs }
    }
  }
  if (series.length > 0) yield { series, range }
}

class LateReceiver extends GatheringReceiver {
  readonly deletes: TimeRange[] = []
  readonly #range: TimeRange

  constructor(range: TimeRange) {
    super()
    this.#range = range
  }

  get isTouched(): boolean {
    return this.pointCount > 0 || this.deletes.length > 0
  }

  override forget(startMs: number, endMs: number): void {
    super.forget(startMs, endMs)
    if (startMs < this.#range.endMs && endMs > this.#range.startMs) this.deletes.push({ startMs, endMs })
  }
}

interface Touching {
  readonly range: TimeRange
  readonly completeFromMs: number
  readonly stepMs: number
}

/** Slots that late points are in, and those that a delete took a part of, where what is left can be told. */
function touchedSlots(
  { timesMs }: Chunk,
  deletes: readonly TimeRange[],
  { range, completeFromMs, stepMs }: Touching,
): Float64Array {
  const fromMs = Math.max(range.startMs, completeFromMs)
  const slots = new Set<number>()
  for (const timeMs of timesMs) slots.add(Math.floor(timeMs / stepMs) * stepMs)
  for (const edgeMs of deletes.flatMap(({ startMs, endMs }) => [startMs, endMs])) {
    const slotMs = Math.floor(edgeMs / stepMs) * stepMs
    if (slotMs !== edgeMs && slotMs >= fromMs && slotMs < range.endMs) slots.add(slotMs)
  }
  return Float64Array.from(slots).sort()
}

function rollUpSlots(
  points: Chunk,
  slotsMs: Float64Array,
  { aggregates, stepMs }: { readonly aggregates: readonly Aggregate[]; readonly stepMs: number },
): Float64Array[] {
  const columns = aggregates.map(() => new Float64Array(slotsMs.length).fill(Number.NaN))
  let start = 0
  for (const [slot, slotMs] of slotsMs.entries()) {
    let end = start
    while (end < points.timesMs.length && (points.timesMs[end] ?? 0) < slotMs + stepMs) end++
    const part = { timesMs: points.timesMs.subarray(start, end), values: points.values.subarray(start, end) }
    for (const [index, aggregate] of aggregates.entries()) {
      const [value = Number.NaN] = rollUpPoints(part, aggregate, { startMs: slotMs, stepMs, count: 1 })
      ;(columns[index] as Float64Array)[slot] = value
    }
    start = end
  }
  return columns
}
