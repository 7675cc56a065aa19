import type { Label, MetricFamily } from '../../model/metric-family.ts'
import type { Tag } from '../../model/series-key.ts'
import { escapeName } from './escape-name.ts'
import { createMapper, type Mapper } from './mapper.ts'
import type { MappedAs, MappedType, Mapping } from './mapping.ts'
import type { HistogramSeries, NumberSeries, Observations, SummarySeries } from './registered-series.ts'
import { type ForgottenSeries, Registry, type RegistryRefusal } from './registry.ts'

/** Why a metric is not exposed. */
export type ExporterRefusal = RegistryRefusal | 'empty_name' | 'negative_counter'

/** A metric as it was sent. */
export interface SentMetric {
  readonly name: string
  readonly tags: readonly Tag[]
}

/** Where what one metric brings goes. */
export interface Target<Series> {
  readonly series: Series
  /** Values are multiplied by it. */
  readonly scale: number
}

/** A rule says that the metric is not exposed, or it cannot be. */
export interface NoTarget {
  readonly series?: undefined
  readonly refusal?: ExporterRefusal | undefined
}

const NOT_MAPPED_HELP = 'Sent by StatsD.'

/**
 * Metrics of StatsD as metrics of Prometheus: named by the mapping, added up in the registry. Kymo hands over once an interval what
 * statsd_exporter gets event by event.
 */
export class Exporter {
  readonly #mapper: Mapper
  readonly #defaults: MappedAs
  readonly #registry: Registry
  readonly #nowMs: () => number

  constructor(mapping: Mapping, options: { readonly mostSeries: number; readonly nowMs: () => number }) {
    this.#mapper = createMapper(mapping)
    this.#defaults = mapping.defaults
    this.#registry = new Registry(options)
    this.#nowMs = options.nowMs
  }

  get seriesCount(): number {
    return this.#registry.seriesCount
  }

  families(): Iterable<MetricFamily> {
    return this.#registry.families()
  }

  /** See Registry. */
  expire(): ForgottenSeries[] {
    return this.#registry.expire()
  }

  /** `isIdle`: it brings nothing now, so that no series is begun for it that would be forgotten again. */
  counter(metric: SentMetric, isIdle = false): Target<NumberSeries> | NoTarget {
    return this.#target(metric, 'counter', () => 'counter' as const, isIdle)
  }

  gauge(metric: SentMetric, isIdle = false): Target<NumberSeries> | NoTarget {
    return this.#target(metric, 'gauge', () => 'gauge' as const, isIdle)
  }

  observer(metric: SentMetric): Target<SummarySeries | HistogramSeries> | NoTarget {
    return this.#target(metric, 'observer', (as) => as.observerType)
  }

  /** undefined: it is taken. */
  count({ series, scale }: Target<NumberSeries>, increment: number): ExporterRefusal | undefined {
    const scaled = increment * scale
    if (scaled < 0) return 'negative_counter'
    series.value += scaled
    this.#touch(series)
    return undefined
  }

  set({ series, scale }: Target<NumberSeries>, value: number): void {
    series.value = value * scale
    this.#touch(series)
  }

  add({ series, scale }: Target<NumberSeries>, change: number): void {
    series.value += change * scale
    this.#touch(series)
  }

  /** `divisor`: so many of the values' unit make one of that which is exposed, 1000 for milliseconds. */
  observe(
    { series, scale }: Target<SummarySeries | HistogramSeries>,
    { values, weights }: Observations,
    divisor = 1,
  ): void {
    series.observe(
      inOrder(
        values.map((value) => (value / divisor) * scale),
        weights,
      ),
    )
    this.#touch(series)
  }

  #touch(series: { lastMs: number }): void {
    series.lastMs = this.#nowMs()
  }

  #target<Type extends 'counter' | 'gauge' | 'summary' | 'histogram'>(
    { name, tags }: SentMetric,
    mappedType: MappedType,
    typeOf: (as: MappedAs) => Type,
    isIdle = false,
  ) {
    const mapped = this.#mapper.find(name, mappedType)
    const rule = mapped?.rule
    if (rule?.isDrop) return {}
    const exposedName = escapeName(mapped === undefined ? name : mapped.name)
    if (exposedName === '') return { refusal: 'empty_name' as const }
    const as = rule ?? this.#defaults
    const found = this.#registry.series({
      name: exposedName,
      type: typeOf(as),
      labels: labelsOf(tags, mapped?.labels ?? [], rule?.honorsLabels ?? false),
      help: rule?.help ?? NOT_MAPPED_HELP,
      isIdle: isIdle && as.ttlMs > 0,
      as,
    })
    if (found === 'none') return {}
    return typeof found === 'string' ? { refusal: found } : { series: found, scale: rule?.scale ?? 1 }
  }
}

/** A label without a value is none. */
function labelsOf(
  tags: readonly Tag[],
  mapped: readonly (readonly [key: string, value: string])[],
  areTagsHonored: boolean,
): readonly Label[] {
  const labels = new Map(tags.map(([key, value]) => [escapeName(key), value]))
  for (const [key, value] of mapped) if (!areTagsHonored || !labels.has(key)) labels.set(key, value)
  return [...labels].filter(([key, value]) => key !== '' && value !== '').sort(byName)
}

function byName([a]: Label, [b]: Label): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function inOrder(values: Float64Array, weights: Float64Array): Observations {
  if (isAscending(values)) return { values, weights }
  const order = Uint32Array.from(values, (_, index) => index).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  )
  return {
    values: Float64Array.from(order, (index) => values[index] ?? 0),
    weights: Float64Array.from(order, (index) => weights[index] ?? 1),
  }
}

function isAscending(values: Float64Array): boolean {
  for (let index = 1; index < values.length; index++)
    if ((values[index - 1] ?? 0) > (values[index] ?? 0)) return false
  return true
}
