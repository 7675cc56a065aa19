import type { SeriesToRead } from '../../engine.ts'
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
      const [values = new Float64Array(0)] = columns[index] ?? []
      const counts = columns[index]?.[aggregates.indexOf('count')]
      answers[place] = valuesOf(series[place], values, counts)
    }
  }
  return answers
}

function aggregatesOf(series: SeriesToRead | undefined): readonly Aggregate[] {
  const aggregates = aggregatesFor(series?.rollup ?? 'last')
  const isCounted = series?.fewestPoints === undefined || aggregates.includes('count')
  return isCounted ? aggregates : [...aggregates, 'count']
}

function valuesOf(
  series: SeriesToRead | undefined,
  values: Float64Array,
  counts: Float64Array | undefined,
): Float64Array {
  if (counts === undefined) return values
  const fewest = series?.fewestPoints ?? 0
  const isMean = series?.rollup === 'mean'
  return values.map((value, slot) => {
    const points = counts[slot] ?? Number.NaN
    if (!(points >= fewest)) return Number.NaN
    return isMean && points > 1 ? value / points : value
  })
}
