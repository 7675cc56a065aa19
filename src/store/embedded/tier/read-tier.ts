import { SlotRollUp, type SlotGrid } from '../../slot-roll-up.ts'
import { GatheringReceiver } from '../gathering-receiver.ts'
import type { PointReceiver } from '../series-receivers.ts'
import { COMBINING, type Aggregate } from './aggregates.ts'
import { lateChanges, type FoldedTier } from './late-changes.ts'
import type { Columns, ColumnsToRead, Levels } from './levels.ts'
import { rollUpPoints } from './roll-up-points.ts'

/**
 * What the coarsest of the levels says, of all its slots in the range: from the tier up to its horizon, what came later for these
 * slots laid over it, and from the level below after that. Yields now and then how many points it looked at.
 */
export function* readTier(levels: Levels, request: ColumnsToRead): Generator<number, Columns> {
  const { tier, ...rest } = foldedTier(levels)
  const { keys, aggregates, range } = request
  const { stepMs } = tier
  const horizonMs = Math.min(Math.max(tier.horizonMs, range.startMs), range.endMs)
  if (horizonMs === range.startMs) return yield* rest.readBelow(request)
  const folded = { startMs: range.startMs, endMs: horizonMs }
  const slotCount = (range.endMs - range.startMs) / stepMs
  const columns = keys.map(() => aggregates.map(() => new Float64Array(slotCount).fill(Number.NaN)))
  for (const [index, aggregate] of aggregates.entries()) {
    const wanted = keys.map((key, place) => ({
      key,
      receiver: new SlotFiller(columns[place]?.[index] ?? new Float64Array(0), range.startMs, stepMs),
    }))
    for (const source of tier.column(aggregate)) yield* source.pass(wanted, folded)
  }
  const late = yield* lateChanges({ tier, ...rest }, { ...request, range: folded })
  for (const [place, change] of late) {
    for (const [index, column] of (columns[place] ?? []).entries()) {
      const filler = new SlotFiller(column, range.startMs, stepMs)
      for (const { startMs, endMs } of change.deletes) filler.forget(startMs, endMs)
      const values = change.columns[index] ?? new Float64Array(0)
      filler.receiveRun(change.slotsMs, values, 0, values.length)
    }
  }
  if (horizonMs < range.endMs) {
    const newer = yield* rest.readBelow({ ...request, range: { startMs: horizonMs, endMs: range.endMs } })
    const offset = (horizonMs - range.startMs) / stepMs
    for (const [place, series] of newer.entries())
      for (const [index, column] of series.entries()) columns[place]?.[index]?.set(column, offset)
  }
  return columns
}

/** The coarsest of the levels, for who wants to know what has become of it. */
export function foldedTier({ raw, tiers }: Levels): FoldedTier {
  const tier = tiers.at(-1)
  if (tier === undefined) throw new Error('BUG: there is no tier')
  const below = { raw, tiers: tiers.slice(0, -1) }
  return {
    tier,
    sources: raw.sources,
    completeFromMs: (below.tiers.at(-1) ?? raw).completeFromMs,
    readBelow: (request) => readBelow(below, request, tier.stepMs),
  }
}

/** The same of the levels below, in slots of a coarser step. */
export function* readBelow(
  levels: Levels,
  request: ColumnsToRead,
  stepMs: number,
): Generator<number, Columns> {
  const { raw, tiers } = levels
  const { keys, aggregates, range } = request
  const slots = { startMs: range.startMs, stepMs, count: (range.endMs - range.startMs) / stepMs }
  const finer = tiers.at(-1)
  if (finer !== undefined) {
    const columns = yield* readTier(levels, request)
    return columns.map((series) =>
      series.map((values, index) => combine(values, finer.stepMs, slots, aggregates[index] ?? 'last')),
    )
  }
  const wanted = keys.map((key) => ({ key, receiver: new GatheringReceiver() }))
  for (const source of raw.sources) yield* source.pass(wanted, range)
  return wanted.map(({ receiver }) => {
    const points = receiver.finish()
    return aggregates.map((aggregate) => rollUpPoints(points, aggregate, slots))
  })
}

function combine(values: Float64Array, finerMs: number, slots: SlotGrid, aggregate: Aggregate): Float64Array {
  if (finerMs === slots.stepMs) return values
  const rolled = new SlotRollUp(COMBINING[aggregate], slots)
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN
    if (!Number.isNaN(value)) rolled.add(slots.startMs + index * finerMs, value)
  }
  return rolled.finish()
}

/** Puts values where their slots are: what comes later counts. A delete takes the slots that begin in it. */
class SlotFiller implements PointReceiver {
  readonly #column: Float64Array
  readonly #startMs: number
  readonly #stepMs: number

  constructor(column: Float64Array, startMs: number, stepMs: number) {
    this.#column = column
    this.#startMs = startMs
    this.#stepMs = stepMs
  }

  receive(timeMs: number, value: number): void {
    this.#column[(timeMs - this.#startMs) / this.#stepMs] = value
  }

  receiveRun(timesMs: Float64Array, values: Float64Array, start: number, end: number): void {
    for (let index = start; index < end; index++) this.receive(timesMs[index] ?? 0, values[index] ?? 0)
  }

  forget(startMs: number, endMs: number): void {
    const first = Math.ceil((startMs - this.#startMs) / this.#stepMs)
    const end = Math.ceil((endMs - this.#startMs) / this.#stepMs)
    this.#column.fill(Number.NaN, Math.max(0, first), Math.max(0, end))
  }
}
