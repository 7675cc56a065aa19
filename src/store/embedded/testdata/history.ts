// What a store goes through in tests that break it: steps that a seed and a number repeat, so that another process, or one
// that comes after a crash, knows what was done.
import { atOnce } from '../../../lib/slices.ts'
import { Random } from '../../../../test/harness/random.ts'
import type { PointBatch } from '../../../model/point.ts'
import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { Engine } from '../../engine.ts'
import { BASE_MS } from '../../testdata/base-time.ts'

export const HISTORY_STEP_MS = 10_000
/** In each step's flush, with the step's number as its value. */
export const MARKER = 'marker'
const SHARED_KEYS = ['b.0', 'b.1', 'b.2', 'b.3', 'b.4']

export interface CellValue {
  readonly key: string
  readonly slot: number
  readonly value: number
}

export type Operation =
  | { readonly kind: 'flush' | 'points'; readonly cells: readonly CellValue[] }
  | {
      readonly kind: 'delete'
      readonly keys: readonly string[]
      readonly fromSlot: number
      readonly toSlot: number
    }

/** One step: late points, sometimes a delete, then a flush of the slot that the step is. */
export function operationsOf(seed: number, step: number): Operation[] {
  const random = new Random(seed * 1_000_003 + step)
  const operations: Operation[] = []
  if (step > 0 && random.chance(0.5)) {
    const cells = Array.from({ length: random.between(1, 6) }, () => ({
      key: random.pick(SHARED_KEYS),
      slot: random.below(step),
      value: valueOf(random),
    }))
    operations.push({ kind: 'points', cells })
  }
  if (step > 4 && random.chance(0.07)) {
    const fromSlot = random.below(step)
    const toSlot = fromSlot + random.between(1, 5)
    operations.push({ kind: 'delete', keys: [random.pick(SHARED_KEYS)], fromSlot, toSlot })
  }
  const keys = [MARKER, random.pick(SHARED_KEYS), `only.${step}`]
  const cells = keys.map((key) => ({ key, slot: step, value: key === MARKER ? step : valueOf(random) }))
  operations.push({ kind: 'flush', cells })
  return operations
}

/** Every key that steps before this one may have used. */
export function keysBefore(step: number): string[] {
  return [MARKER, ...SHARED_KEYS, ...Array.from({ length: step }, (_, slot) => `only.${slot}`)]
}

export async function perform(engine: Engine, operation: Operation): Promise<void> {
  if (operation.kind === 'delete') {
    const startMs = timeOf(operation.fromSlot)
    await engine.delete(operation.keys, { startMs, endMs: timeOf(operation.toSlot) })
    return
  }
  const { series, timesMs, values } = pointsOf(operation.cells)
  if (operation.kind === 'points') return engine.append({ kind: 'number', series, timesMs, values })
  atOnce(engine.introduce(series))
  engine.appendFlush({ timeMs: timesMs[0] as number, series, values })
}

export function timeOf(slot: number): number {
  return BASE_MS + slot * HISTORY_STEP_MS
}

function identityOf(key: string): SeriesIdentity {
  return { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'last' }
}

function pointsOf(cells: readonly CellValue[]): Omit<PointBatch, 'kind'> {
  return {
    series: cells.map(({ key }) => identityOf(key)),
    timesMs: Float64Array.from(cells, ({ slot }) => timeOf(slot)),
    values: Float64Array.from(cells, ({ value }) => value),
  }
}

function valueOf(random: Random): number {
  switch (random.below(4)) {
    case 0:
      return random.between(-1_000, 1_000)
    case 1:
      return random.between(0, 100_000) / 100
    case 2:
      return -0
    default:
      return (random.next() - 0.5) * 10 ** random.between(-20, 20)
  }
}
