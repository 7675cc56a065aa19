import type { Slices } from '../../lib/slices.ts'
import {
  environmentOf,
  isBetterPulse,
  type PulseCandidate,
  PULSE_ORDER,
  servicePrefixOf,
} from '../../model/service.ts'
import type { CatalogService, CatalogServices } from '../catalog.ts'
import type { CatalogColumns } from './catalog-columns.ts'
import { byText, type PackedMetrics, SeriesPacker, unpackMetrics } from './packed-answers.ts'

export interface PackedServices {
  readonly services: readonly Omit<CatalogService, 'pulse'>[]
  /** Which service a pulse is of is said by its key. */
  readonly pulses: PackedMetrics
  readonly count: number
}

/** The contract is that of `CatalogAnswers.services`. */
export function* findServices(columns: CatalogColumns, limit: number): Slices<PackedServices> {
  const { metrics, rows } = columns
  const found = new Map<string, Gathered>()
  let steps = 0
  for (const row of metrics.heads()) {
    if (++steps % STEPS_IN_A_SLICE === 0) yield
    if (row < 0) continue
    const key = metrics.keyOf(row) ?? columns.keyOf(row)
    const prefix = servicePrefixOf(key)
    if (prefix === undefined) continue
    let service = found.get(prefix)
    if (service === undefined) {
      if (found.size === MOST_SERVICES) continue
      service = new Gathered(prefix)
      found.set(prefix, service)
    }
    const type = rows.kindOf(row).metricType
    service.add({ row, key, type, lastSeenMs: rows.lastSeenMs[row] as number }, metrics.firstSeenMsOf(row))
  }
  const newest = [...found.values()]
    .sort((a, b) => b.firstSeenMs - a.firstSeenMs || byText(a.prefix, b.prefix))
    .slice(0, limit)
  return {
    services: newest.map((service) => service.described()),
    pulses: packPulses(columns, newest),
    count: found.size,
  }
}

/** The newest first. One whose pulse went while it was looked for is there again with the next question. */
export function unpackServices({ services, pulses, count }: PackedServices): CatalogServices {
  const byService = new Map(unpackMetrics(pulses).map((pulse) => [servicePrefixOf(pulse.metricKey), pulse]))
  return {
    services: services.flatMap((service) => {
      const pulse = byService.get(service.prefix)
      return pulse === undefined ? [] : [{ ...service, pulse }]
    }),
    count,
  }
}

interface PulseRow extends PulseCandidate {
  readonly row: number
}

/** What is found of a service. */
class Gathered {
  readonly prefix: string
  readonly #environments = new Set<string>()
  readonly #counts = PULSE_ORDER.map(() => 0)
  #metricCount = 0
  #firstSeenMs = Number.POSITIVE_INFINITY
  #lastSeenMs = Number.NEGATIVE_INFINITY
  #pulse: PulseRow | undefined

  constructor(prefix: string) {
    this.prefix = prefix
  }

  get firstSeenMs(): number {
    return this.#firstSeenMs
  }

  get pulse(): PulseRow | undefined {
    return this.#pulse
  }

  add(metric: PulseRow, firstSeenMs: number): void {
    this.#metricCount++
    const place = PULSE_ORDER.indexOf(metric.type)
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    this.#firstSeenMs = Math.min(this.#firstSeenMs, firstSeenMs)
    this.#lastSeenMs = Math.max(this.#lastSeenMs, metric.lastSeenMs)
    const environment = environmentOf(metric.key)
    if (environment !== undefined && this.#environments.size < MOST_ENVIRONMENTS)
      this.#environments.add(environment)
    if (this.#pulse === undefined || isBetterPulse(metric, this.#pulse)) this.#pulse = metric
  }

  described(): Omit<CatalogService, 'pulse'> {
    return {
      prefix: this.prefix,
      environments: [...this.#environments].sort(byText),
      metricCount: this.#metricCount,
      types: PULSE_ORDER.map((type, place) => ({ type, count: this.#counts[place] ?? 0 }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count),
      firstSeenMs: this.#firstSeenMs,
      lastSeenMs: this.#lastSeenMs,
    }
  }
}

function packPulses(columns: CatalogColumns, services: readonly Gathered[]): PackedMetrics {
  const { metrics, rows } = columns
  const packer = new SeriesPacker(columns)
  const seriesCounts: number[] = []
  for (const { pulse } of services) {
    // It may have gone while others were looked at, and its row be another's.
    if (pulse === undefined || !rows.has(pulse.row)) continue
    if ((metrics.keyOf(pulse.row) ?? columns.keyOf(pulse.row)) !== pulse.key) continue
    const series = metrics.rowsOf(metrics.headOf(pulse.row))
    for (const one of series) packer.add(one, columns.keyOf(one))
    seriesCounts.push(series.length)
  }
  return { series: packer.finish(), seriesCounts }
}

const STEPS_IN_A_SLICE = 256
/** First nodes of names come from outside, as many as it likes. */
const MOST_SERVICES = 10_000
const MOST_ENVIRONMENTS = 20
