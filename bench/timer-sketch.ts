// What a timer costs beyond the values that it keeps: adding to a sketch and reading its statistics, against keeping all
// values and sorting them at the flush. In CPU time, for others use this machine too. Prints one line of JSON. Run with
// `node bench/timer-sketch.ts [values]`; it fails if the sketch is further off than it may be, or totals differ.
import { TimerValues } from '../src/aggregator/timer-values.ts'
import { computeTimerStatistics } from '../src/aggregator/timer-statistics.ts'
import { bucketIndex } from '../src/model/bucket-index.ts'
import { ExponentialSketch } from '../src/aggregator/sketch/exponential-sketch.ts'
import { computeSketchStatistics } from '../src/aggregator/sketch/sketch-statistics.ts'

const valueCount = Number(process.argv[2] ?? 200_000)
const ROUNDS = 15
const PART = 100
const ERROR = 0.010_831
const PERCENTILES = [50, 75, 90, 95, 99, 99.9]

// Response times in milliseconds: log-normal, a median of 20 and a long tail.
const values = Float64Array.from({ length: valueCount }, (_, i) => {
  const [even, golden] = [(i + 0.5) / valueCount, (i * 0.618_033_988_749_895 + 0.5) % 1]
  return 20 * Math.exp(1.2 * Math.sqrt(-2 * Math.log(even)) * Math.cos(2 * Math.PI * golden))
})

const sketch = new ExponentialSketch(true)
const held = new TimerValues()
for (const value of values) {
  sketch.add(value, 1)
  held.add(value, 1)
}
const worstError = check()

const indexNs = best(() => {
  let sum = 0
  for (const value of values) sum += bucketIndex(value)
  return sum
})
const addNs = best(() => {
  const into = new ExponentialSketch(true)
  for (const value of values) into.add(value, 1)
  return into.sum
})
// As they come from a shard: of one timer some hundred at a time.
const parts = Array.from({ length: Math.ceil(valueCount / PART) }, (_, part) =>
  values.subarray(part * PART, (part + 1) * PART),
)
const addAllNs = best(() => {
  const into = new ExponentialSketch(true)
  for (const part of parts) into.addAll(part, undefined)
  return into.sum
})
const readNs = best(() => computeSketchStatistics(sketch, { percentiles: PERCENTILES }).sum)
const keepNs = best(() => {
  const into = new TimerValues()
  for (const value of values) into.add(value, 1)
  return into.count
})
const sortNs = best(() => exactly().sum)

console.log(
  JSON.stringify({
    values: valueCount,
    bucketIndexNs: round(indexNs),
    sketchAddNs: round(addNs),
    sketchAddAllNs: round(addAllNs),
    keepNs: round(keepNs),
    sketchReadMicroseconds: round((readNs * valueCount) / 1_000),
    sortMicroseconds: round((sortNs * valueCount) / 1_000),
    sketchBytes: sketch.sizeBytes,
    keptBytes: held.values.buffer.byteLength,
    worstErrorPercent: Math.round(worstError * 100_000) / 1_000,
    timesFasterThanSorting: round((keepNs + sortNs) / (addNs + readNs)),
    timesSmaller: round(held.values.buffer.byteLength / sketch.sizeBytes),
  }),
)

function exactly() {
  return computeTimerStatistics(held.values, held.weights, { percentiles: PERCENTILES, weighting: 'all' })
}

/** The largest relative error of a percentile. */
function check(): number {
  const actual = computeSketchStatistics(sketch, { percentiles: PERCENTILES })
  const wanted = exactly()
  for (const total of ['count', 'lower', 'upper', 'sum', 'sumSquares', 'mean', 'std'] as const) {
    if (!(Math.abs(actual[total] / wanted[total] - 1) < 1e-9))
      throw new Error(`${total} is ${actual[total]} and not ${wanted[total]}`)
  }
  const errors = wanted.percentiles.map((part, index) => {
    return Math.abs((actual.percentiles[index]?.boundary ?? Number.NaN) / (part?.boundary ?? Number.NaN) - 1)
  })
  const worst = Math.max(...errors)
  if (!(worst <= ERROR)) throw new Error(`a percentile is off by ${worst}`)
  return worst
}

/** Nanoseconds per value in the best of several rounds. */
function best(run: () => number): number {
  let bestMicroseconds = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    if (!Number.isFinite(run())) throw new Error('there is no answer')
    const { user, system } = process.cpuUsage(before)
    bestMicroseconds = Math.min(bestMicroseconds, user + system)
  }
  return (bestMicroseconds * 1_000) / valueCount
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
