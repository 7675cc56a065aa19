import type { Chunk } from '../codec/chunk-group.ts'

/** The points of a series in ascending order of time; of two with one time the one that came later. */
export function inOrder({ timesMs, values }: Chunk): Chunk {
  if (isAscending(timesMs)) return { timesMs, values }
  const order = Uint32Array.from(timesMs.keys())
  order.sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || a - b)
  const last = order.filter((place, index) => timesMs[place] !== timesMs[order[index + 1] ?? -1])
  return {
    timesMs: Float64Array.from(last, (place) => timesMs[place] ?? 0),
    values: Float64Array.from(last, (place) => values[place] ?? 0),
  }
}

function isAscending(timesMs: Float64Array): boolean {
  for (let index = 1; index < timesMs.length; index++) {
    if ((timesMs[index - 1] ?? 0) >= (timesMs[index] ?? 0)) return false
  }
  return true
}
