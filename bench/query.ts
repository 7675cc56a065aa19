// What functions cost, without what the store does. Prints one line of JSON. Run with `node bench/query.ts`; each answer is checked
// against a plain way to compute it, and the time that takes is given as a ratio.
import { createFixedEvaluation } from '../src/query/graphite/testdata/fixed-evaluation.ts'
import type { QuerySeries } from '../src/query/query-series.ts'

const START_SECONDS = 1_700_006_400
const STEP_SECONDS = 10
const ROUNDS = 31

console.log(
  JSON.stringify({
    sumSeries1000x360: await measure({
      target: 'sumSeries(s.*)',
      seriesCount: 1_000,
      pointCount: 360,
      wanted: (columns) => [rowsOf(columns).map(sum)],
    }),
    percentileOfSeries1000x360: await measure({
      target: 'percentileOfSeries(s.*,95)',
      seriesCount: 1_000,
      pointCount: 360,
      wanted: (columns) => [rowsOf(columns).map((row) => percentile(row, 95))],
    }),
    movingAverage1hOf100x8640: await measure({
      target: "movingAverage(s.*,'1h')",
      seriesCount: 100,
      pointCount: 8_640,
      previewPoints: 360,
      wanted: (columns) => columns.map((values) => windowsOf(values, 360).map(average)),
    }),
    movingMedian100Of100x8640: await measure({
      target: 'movingMedian(s.*,100)',
      seriesCount: 100,
      pointCount: 8_640,
      previewPoints: 100,
      wanted: (columns) => columns.map((values) => windowsOf(values, 100).map(median)),
    }),
    summarize5minOf100x8640: await measure({
      target: "summarize(s.*,'5min','max')",
      seriesCount: 100,
      pointCount: 8_640,
      // The first slot of the range is not the first of a bucket.
      wanted: (columns) => columns.map((values) => bucketsOf(values, 30).map(most)),
    }),
  }),
)

interface Work {
  readonly target: string
  readonly seriesCount: number
  readonly pointCount: number
  /** Those that are fetched besides, before the request. */
  readonly previewPoints?: number
  /** The plain way. NaN is null. */
  wanted(columns: readonly (readonly number[])[]): readonly (readonly number[])[]
}

interface Measured {
  /** The median round: others use this machine too. */
  readonly ms: number
  readonly plainMs: number
  readonly plainRatio: number
}

async function measure(work: Work): Promise<Measured> {
  const { target, seriesCount, pointCount, previewPoints = 0 } = work
  const columns = Array.from({ length: seriesCount }, (_unused, series) =>
    Array.from({ length: pointCount + previewPoints }, (_, place) => valueAt(series, place)),
  )
  const startSeconds = START_SECONDS + (1 - previewPoints) * STEP_SECONDS
  const series = columns.map((values, index): QuerySeries => {
    const name = `s.n${index}`
    return {
      name,
      pathExpression: 's.*',
      tags: { name },
      startSeconds,
      endSeconds: startSeconds + values.length * STEP_SECONDS,
      stepSeconds: STEP_SECONDS,
      values: Float64Array.from(values),
      consolidation: 'average',
      xFilesFactor: 0,
    }
  })
  const range = {
    fromSeconds: START_SECONDS,
    untilSeconds: START_SECONDS + pointCount * STEP_SECONDS,
    stepSeconds: STEP_SECONDS,
  }
  const evaluate = (): Promise<QuerySeries[]> => createFixedEvaluation(series, range)(target)
  const plainStart = performance.now()
  const plain = work.wanted(columns)
  const plainMs = performance.now() - plainStart
  check(target, await evaluate(), plain)
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    await evaluate()
    times.push(performance.now() - start)
  }
  const ms = times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0
  return { ms: rounded(ms), plainMs: rounded(plainMs), plainRatio: rounded(plainMs / ms) }
}

/** The same each time; every thirteenth or so is null. */
function valueAt(series: number, place: number): number {
  const mixed = Math.imul(series * 8_641 + place, 2_654_435_761) >>> 0
  return mixed % 13 === 0 ? Number.NaN : (mixed % 100_000) / 100
}

function check(target: string, found: readonly QuerySeries[], wanted: readonly (readonly number[])[]): void {
  if (found.length !== wanted.length)
    throw new Error(`${target}: ${found.length} series instead of ${wanted.length}`)
  for (const [index, values] of wanted.entries()) {
    const got = found[index]?.values ?? new Float64Array()
    const isSame = (value: number, place: number): boolean => {
      const other = got[place] ?? Number.NaN
      return Number.isNaN(value) ? Number.isNaN(other) : Math.abs(value - other) <= 1e-9 * Math.abs(value)
    }
    if (got.length !== values.length || !values.every(isSame)) throw new Error(`${target}: another answer`)
  }
}

function rowsOf(columns: readonly (readonly number[])[]): number[][] {
  return (columns[0] ?? []).map((_value, row) => columns.map((values) => values[row] ?? Number.NaN))
}

/** Those that end with each point, but for the first `length` of all. */
function windowsOf(values: readonly number[], length: number): number[][] {
  return values.slice(length).map((_value, index) => values.slice(index + 1, index + 1 + length))
}

/** The first point of all lies one slot after the beginning of a bucket. */
function bucketsOf(values: readonly number[], length: number): number[][] {
  const shifted = [Number.NaN, ...values]
  const count = Math.floor(shifted.length / length) + 1
  return Array.from({ length: count }, (_, bucket) => shifted.slice(bucket * length, (bucket + 1) * length))
}

function present(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value))
}

function most(values: readonly number[]): number {
  return present(values).length === 0 ? Number.NaN : Math.max(...present(values))
}

function sum(values: readonly number[]): number {
  return present(values).reduce((total, value) => total + value, 0)
}

function average(values: readonly number[]): number {
  return sum(values) / present(values).length
}

function median(values: readonly number[]): number {
  const sorted = present(values).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 0 ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = present(values).sort((a, b) => a - b)
  const rank = Math.min(sorted.length, Math.ceil((percent / 100) * (sorted.length + 1)))
  return sorted[rank - 1] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
