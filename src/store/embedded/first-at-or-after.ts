/** Which of the first `count` times, which ascend, is the first that is not before `timeMs`; `count`, if all are. */
export function firstAtOrAfter(timesMs: Float64Array, timeMs: number, count = timesMs.length): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((timesMs[middle] ?? 0) < timeMs) low = middle + 1
    else high = middle
  }
  return low
}
