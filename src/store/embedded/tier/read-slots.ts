import type { SeriesToRead, SlotRollup } from '../../engine.ts'
import type { SlotGrid } from '../../slot-roll-up.ts'
import { aggregatesFor, type Aggregate } from './aggregates.ts'
import type { Levels } from './levels.ts'
import { readBelow } from './read-tier.ts'

/** Series in slots that the coarsest of their tiers makes up, rolled up as each of them is to be. In their order. */
export function* readSlots(
  levels: Levels,
  series: readonly SeriesToRead[],
  { startMs, stepMs, count }: SlotGrid,
): Generator<number, Float64Array[]> {
  const range = { startMs, endMs: startMs + count * stepMs }
  const answers: Float64Array[] = []
  const alike = Map.groupBy(series.keys(), (place) => aggregatesOf(series[place]).join())
  for (const places of alike.values()) {
    const aggregates = aggregatesOf(series[places[0] ?? 0])
    const keys = places.map((place) => series[place]?.key ?? '')
    const columns = yield* readBelow(levels, { keys, aggregates, range }, stepMs)
    for (const [index, place] of places.entries()) {
      const ofSlot = new Map(aggregates.map((aggregate, which) => [aggregate, columns[index]?.[which]]))
      answers[place] = valuesOf(series[place], count, ofSlot)
    }
  }
  return answers
}

/** What has to be known of each slot. */
export function aggregatesOf(series: SeriesToRead | undefined): readonly Aggregate[] {
  const aggregates = aggregatesFor(series?.rollup ?? 'last')
  const isCounted = series?.fewestPoints === undefined || aggregates.includes('count')
  return isCounted ? aggregates : [...aggregates, 'count']
}

/** A value for each slot, of what is known of it. */
export function valuesOf(
  series: SeriesToRead | undefined,
  slotCount: number,
  columns: ReadonlyMap<Aggregate, Float64Array | undefined>,
): Float64Array {
  const rollup = series?.rollup ?? 'last'
  const fewest = series?.fewestPoints ?? 0
  const pointsPerSlot = series?.pointsPerSlot ?? 1
  const at = (aggregate: Aggregate, slot: number): number => columns.get(aggregate)?.[slot] ?? Number.NaN
  const values = new Float64Array(slotCount)
  for (let slot = 0; slot < slotCount; slot++) {
    const isEnough = fewest <= 0 || at('count', slot) >= fewest
    values[slot] = isEnough ? valueOf(rollup, (aggregate) => at(aggregate, slot), pointsPerSlot) : Number.NaN
  }
  return values
}

function valueOf(rollup: SlotRollup, of: (aggregate: Aggregate) => number, pointsPerSlot: number): number {
  switch (rollup) {
    case 'mean': {
      // The mean of one is that one, and not a hair beside it.
      const count = of('count')
      return count > 1 ? of('sum') / count : of('sum')
    }
    case 'avg_zero':
      return of('sum') / pointsPerSlot
    case 'absmax':
      return Math.abs(of('min')) > Math.abs(of('max')) ? of('min') : of('max')
    case 'absmin':
      return Math.abs(of('min')) < Math.abs(of('max')) ? of('min') : of('max')
    case 'sum':
    case 'min':
    case 'max':
    case 'last':
      return of(rollup)
  }
}
