import { type FamilySeries, formatLabels, type Label, type MetricFamily } from '../../model/metric-family.ts'
import type { MappedAs } from './mapping.ts'
import {
  HistogramSeries,
  NumberSeries,
  type RegisteredSeries,
  type RegisteredType,
  type SeriesOf,
  SummarySeries,
} from './registered-series.ts'

/** Why a series is not registered. */
export type RegistryRefusal =
  /** Its name, or one of those that its type adds to it, belongs to a family of another type. */
  | 'conflict'
  /** Prometheus has its own use for one of its labels. */
  | 'reserved_label'
  /** There are as many series as there may be. */
  | 'full'

/** There is no such series, and none is wanted. */
export type NoSeries = 'none'

export interface SeriesRequest<Type extends RegisteredType> {
  /** Escaped, not empty. */
  readonly name: string
  readonly type: Type
  /** By name, each name once. */
  readonly labels: readonly Label[]
  readonly help: string
  /** Only a series that there is: none is begun. */
  readonly isIdle?: boolean
  /** How values are kept, if the series is new. */
  readonly as: MappedAs
}

export interface ForgottenSeries {
  readonly family: MetricFamily
  readonly series: FamilySeries
}

/**
 * All series that were ever brought, until their time to live is over. The first type that comes with a name is the type of
 * its family, for as long as the family has series.
 */
export class Registry {
  readonly #mostSeries: number
  readonly #nowMs: () => number
  readonly #families = new Map<string, Family>()
  /** The names of families, and those that histograms and summaries add to theirs. */
  readonly #owners = new Map<string, Family>()
  #seriesCount = 0

  constructor({ mostSeries, nowMs }: { readonly mostSeries: number; readonly nowMs: () => number }) {
    this.#mostSeries = mostSeries
    this.#nowMs = nowMs
  }

  get seriesCount(): number {
    return this.#seriesCount
  }

  /** By name, in the order in which they first came. */
  families(): Iterable<MetricFamily> {
    return this.#families.values()
  }

  /** The series with these labels, a new one if there is none. */
  series<Type extends RegisteredType>(
    request: SeriesRequest<Type>,
  ): SeriesOf<Type> | RegistryRefusal | NoSeries {
    const { name, type, labels } = request
    const family = this.#families.get(name)
    if (family === undefined ? this.#isTaken(name, type) : family.type !== type) return 'conflict'
    const labelsText = formatLabels(labels)
    const known = family?.members.get(labelsText)
    if (known !== undefined) {
      known.ttlMs = request.as.ttlMs
      return known as SeriesOf<Type>
    }
    if (request.isIdle) return 'none'
    if (labels.some(([label]) => isReserved(label, type))) return 'reserved_label'
    if (this.#seriesCount >= this.#mostSeries) return 'full'
    const created = this.#create(request, labelsText)
    created.lastMs = this.#nowMs()
    const joined = family ?? this.#found(request)
    joined.members.set(labelsText, created)
    this.#seriesCount += 1
    return created as SeriesOf<Type>
  }

  /** Forgets what has brought nothing for longer than it may, and says what that was. */
  expire(): ForgottenSeries[] {
    const forgotten: ForgottenSeries[] = []
    const nowMs = this.#nowMs()
    for (const family of this.#families.values()) {
      for (const [labelsText, series] of family.members) {
        if (series.ttlMs === 0 || nowMs - series.lastMs <= series.ttlMs) continue
        series.isForgotten = true
        family.members.delete(labelsText)
        this.#seriesCount -= 1
        forgotten.push({ family, series })
      }
      if (family.members.size > 0) continue
      this.#families.delete(family.name)
      for (const name of namesOf(family.name, family.type)) this.#owners.delete(name)
    }
    return forgotten
  }

  #isTaken(name: string, type: RegisteredType): boolean {
    return namesOf(name, type).some((claimed) => this.#owners.has(claimed))
  }

  #found({ name, type, help }: SeriesRequest<RegisteredType>): Family {
    const family = new Family(name, type, help)
    this.#families.set(name, family)
    for (const claimed of namesOf(name, type)) this.#owners.set(claimed, family)
    return family
  }

  #create({ type, as }: SeriesRequest<RegisteredType>, labelsText: string): RegisteredSeries {
    switch (type) {
      case 'summary':
        return new SummarySeries(labelsText, as, this.#nowMs)
      case 'histogram':
        return new HistogramSeries(labelsText, as)
      case 'counter':
      case 'gauge':
        return new NumberSeries(labelsText, as.ttlMs)
    }
  }
}

class Family implements MetricFamily {
  readonly name: string
  readonly type: RegisteredType
  readonly help: string
  readonly members = new Map<string, RegisteredSeries>()

  constructor(name: string, type: RegisteredType, help: string) {
    this.name = name
    this.type = type
    this.help = help
  }

  get series(): Iterable<RegisteredSeries> {
    return this.members.values()
  }
}

function namesOf(name: string, type: RegisteredType): readonly string[] {
  const isObserver = type === 'summary' || type === 'histogram'
  return isObserver ? [name, `${name}_sum`, `${name}_count`, `${name}_bucket`] : [name]
}

function isReserved(label: string, type: RegisteredType): boolean {
  if (label.startsWith('__')) return true
  return (type === 'histogram' && label === 'le') || (type === 'summary' && label === 'quantile')
}
