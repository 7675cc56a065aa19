import type { FlushBatch } from '../../model/flush-batch.ts'
import type { FlushDetails } from '../../model/flush-details.ts'
import type { PointBatch } from '../../model/point.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { Decide } from './compile-filter.ts'
import { countMetrics } from './count-metrics.ts'
import { DetailsMerger } from './merge-details.ts'
import { SharedNames } from './shared-names.ts'
import { type Clash, SeriesCombiner } from './series-combiner.ts'

type Outcome = SeriesIdentity | null

/** What has become of the series of a batch. */
interface Passage {
  readonly series: readonly SeriesIdentity[]
  readonly outcomes: readonly Outcome[]
  /** Those that go through; `series` itself if they do as they are. */
  readonly kept: readonly SeriesIdentity[]
  metricCounts?: FlushBatch['metricCounts']
  /** Some of those that are kept have come to one name. */
  readonly combiner?: SeriesCombiner | undefined
}

const NOTHING: Passage = { series: [], outcomes: [], kept: [] }

/**
 * Leaves out series, and gives others other names, before batches are queued. Each series is decided upon once: the outcome is the same
 * object from batch to batch. Series come in nearly the same order every time: one that stands where it stood in the batch before, or soon
 * behind, costs one comparison.
 */
export class SeriesFilter {
  readonly #decide: Decide
  readonly #onClash: (clash: Clash) => void
  #decided = new WeakMap<SeriesIdentity, Outcome>()
  readonly #names = new SharedNames()
  #hasClashed = false
  #lastFlush = NOTHING
  #lastPoints = NOTHING

  /** `onClash` is told of the first series that cannot be combined with one of the same name, and is left out. */
  constructor(decide: Decide, onClash: (clash: Clash) => void = () => {}) {
    this.#decide = decide
    this.#onClash = onClash
  }

  /** The same batch if all of it goes through as it is. */
  flush(batch: FlushBatch): FlushBatch {
    const passage = this.#pass(batch.series, this.#lastFlush, true)
    this.#lastFlush = passage
    // Who comes again is to be given its name again.
    if (this.#names.keepWithin(passage)) this.#decided = new WeakMap()
    const { kept, combiner } = passage
    if (kept === batch.series) return batch
    passage.metricCounts ??= kept.length === batch.series.length ? batch.metricCounts : countMetrics(kept)
    const { metricCounts } = passage
    const filtered = {
      ...batch,
      series: kept,
      values: combiner?.combine(batch) ?? keepValues(batch.values, passage),
      metricCounts,
    }
    return batch.details === undefined
      ? filtered
      : { ...filtered, details: keepDetails(batch.details, passage) }
  }

  points(batch: PointBatch): PointBatch {
    const passage = this.#pass(batch.series, this.#lastPoints)
    this.#lastPoints = passage
    if (passage.kept === batch.series) return batch
    const values = keepValues(batch.values, passage)
    return { ...batch, series: passage.kept, values, timesMs: keepValues(batch.timesMs, passage) }
  }

  #pass(series: readonly SeriesIdentity[], last: Passage, areCombined = false): Passage {
    if (isSame(series, last.series)) {
      // That of this batch: whoever compares it with what is kept finds that nothing was left out.
      return last.kept === last.series ? { ...last, series, kept: series } : { ...last, series }
    }
    const outcomes = this.#outcomesOf(series, last)
    const isKept = outcomes.every((outcome, index) => outcome === series[index])
    if (isKept) return { series, outcomes, kept: series }
    const combiner = areCombined && this.#names.areShared ? SeriesCombiner.of(outcomes) : undefined
    if (combiner?.clash !== undefined && !this.#hasClashed) {
      this.#hasClashed = true
      this.#onClash(combiner.clash)
    }
    return {
      series,
      outcomes,
      kept: combiner?.series ?? outcomes.filter((outcome) => outcome !== null),
      combiner,
    }
  }

  #outcomesOf(series: readonly SeriesIdentity[], last: Passage): Outcome[] {
    const outcomes: Outcome[] = []
    let place = 0
    for (const identity of series) {
      // One that has gone since is passed over; where one is new, the place stays.
      if (last.series[place] !== identity && last.series[place + 1] === identity) place++
      if (last.series[place] === identity) outcomes.push(last.outcomes[place++] as Outcome)
      else outcomes.push(this.#outcomeOf(identity))
    }
    return outcomes
  }

  #outcomeOf(identity: SeriesIdentity): Outcome {
    let outcome = this.#decided.get(identity)
    if (outcome === undefined) {
      outcome = this.#decide(identity)
      this.#decided.set(identity, outcome)
      if (outcome !== null) this.#names.add(outcome.key, identity.key)
    }
    return outcome
  }
}

function isSame(series: readonly SeriesIdentity[], others: readonly SeriesIdentity[]): boolean {
  if (series.length !== others.length) return false
  for (let index = 0; index < series.length; index++) if (series[index] !== others[index]) return false
  return true
}

function keepValues(values: Float64Array, { outcomes, kept }: Passage): Float64Array {
  const keptValues = new Float64Array(kept.length)
  let end = 0
  for (let index = 0; index < outcomes.length; index++)
    if (outcomes[index] !== null) keptValues[end++] = values[index] as number
  return keptValues
}

/** Those of metrics of which some series is kept, under the names of these. */
function keepDetails(
  { timers, sets, idleGauges }: FlushDetails,
  { series, outcomes, combiner }: Passage,
): FlushDetails {
  const names = {
    timer: new Map<string, string>(),
    set: new Map<string, string>(),
    gauge: new Map<string, string>(),
  }
  for (const [index, { metricType, metricKey }] of series.entries()) {
    const outcome = outcomes[index]
    if (outcome === null || outcome === undefined) continue
    if (metricType === 'gauge' && idleGauges === undefined) continue
    if (metricType in names) names[metricType as keyof typeof names].set(metricKey, outcome.metricKey)
  }
  function keepNamed<Detail extends { readonly metricKey: string }>(
    details: readonly Detail[],
    newNames: ReadonlyMap<string, string>,
  ): Detail[] {
    return details.flatMap((detail) => {
      const metricKey = newNames.get(detail.metricKey)
      return metricKey === undefined ? [] : [{ ...detail, metricKey }]
    })
  }
  const kept = {
    timers: keepNamed(timers, names.timer),
    sets: keepNamed(sets, names.set),
    ...(idleGauges === undefined ? {} : { idleGauges: keepIdle(idleGauges, names.gauge) }),
  }
  if (combiner === undefined) return kept
  const { idleGauges: _areIdle, ...values } = kept
  const merger = new DetailsMerger()
  merger.add(values)
  return { ...kept, ...merger.finish() }
}

/** The new names of which all gauges are idle. */
function keepIdle(idleGauges: readonly string[], newNames: ReadonlyMap<string, string>): string[] {
  const idle = new Set(idleGauges)
  const awake = new Set<string>()
  for (const [metricKey, newName] of newNames) if (!idle.has(metricKey)) awake.add(newName)
  const names = new Set(idleGauges.flatMap((metricKey) => newNames.get(metricKey) ?? []))
  return [...names].filter((name) => !awake.has(name))
}
