import type { SentSample } from '../../formats/prometheus-remote-write/encode-request.ts'
import { formatNumber } from '../../formats/prometheus-text/format-number.ts'
import type { FamilySeries, Label, MetricFamily } from '../../model/metric-family.ts'

/**
 * The samples of families, as a scrape would make them: one of a counter or a gauge, of a summary one for each quantile, of a
 * histogram one for each bucket, and their sums and counts.
 */
export class FamilySamples {
  /** Labels of a series with its name, in the order of its samples: the same objects each time. */
  readonly #labels = new WeakMap<FamilySeries, readonly (readonly Label[])[]>();

  *samplesOf(families: Iterable<MetricFamily>, timeMs: number): Generator<SentSample> {
    for (const family of families)
      for (const series of family.series) yield* this.seriesSamples(family, series, timeMs)
  }

  *seriesSamples(family: MetricFamily, series: FamilySeries, timeMs: number): Generator<SentSample> {
    const { type, help } = family
    const labels = this.#labelsOf(family.name, series)
    let index = 0
    for (const value of valuesOf(series)) {
      yield { labels: labels[index] ?? [], value, timeMs, type, help }
      index += 1
    }
  }

  #labelsOf(name: string, series: FamilySeries): readonly (readonly Label[])[] {
    const known = this.#labels.get(series)
    if (known !== undefined) return known
    const labels = namesOf(name, series).map(([sampleName, ...more]) =>
      [['__name__', sampleName] as const, ...series.labels, ...more].sort(([a], [b]) => (a < b ? -1 : 1)),
    )
    this.#labels.set(series, labels)
    return labels
  }
}

function* valuesOf({ value, summary, histogram }: FamilySeries): Generator<number> {
  if (value !== undefined) yield value
  for (const quantile of summary?.quantiles ?? []) yield quantile.value
  if (histogram !== undefined) {
    let count = 0
    for (let index = 0; index <= histogram.edges.length; index++) {
      count += histogram.counts[index] ?? 0
      yield count
    }
  }
  const totals = summary ?? histogram
  if (totals === undefined) return
  yield totals.sum
  yield totals.count
}

/** Name and added label of each sample. */
function namesOf(
  name: string,
  { summary, histogram }: FamilySeries,
): readonly (readonly [name: string, ...labels: Label[]])[] {
  if (summary === undefined && histogram === undefined) return [[name]]
  const quantiles = (summary?.quantiles ?? []).map(
    ({ quantile }) => [name, ['quantile', formatNumber(quantile)]] as const,
  )
  const edges = histogram === undefined ? [] : [...histogram.edges, Number.POSITIVE_INFINITY]
  const buckets = edges.map((edge) => [`${name}_bucket`, ['le', formatNumber(edge)]] as const)
  return [...quantiles, ...buckets, [`${name}_sum`], [`${name}_count`]]
}
