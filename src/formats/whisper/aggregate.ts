import type { AggregationMethod } from '../../model/aggregation-method.ts'

/**
 * One coarse value of the fine ones that there are, in their order; at least one. `slotCount` is how many there could be. Of
 * values that are equally large or small the first counts, so that zeros keep the sign that whisper gives them.
 */
export function aggregate(method: AggregationMethod, known: readonly number[], slotCount: number): number {
  switch (method) {
    case 'average':
      return sum(known) / known.length
    case 'sum':
      return sum(known)
    case 'last':
      return known.at(-1) as number
    case 'max':
      return known.reduce((best, value) => (value > best ? value : best))
    case 'min':
      return known.reduce((best, value) => (value < best ? value : best))
    case 'avg_zero':
      return sum(known) / slotCount
    case 'absmax':
      return known.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best))
    case 'absmin':
      return known.reduce((best, value) => (Math.abs(value) < Math.abs(best) ? value : best))
  }
}

/** Python begins with 0, so a sum of -0 is 0. */
function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
