import type { Offender } from '../model/offender.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { HeavyHitters } from './heavy-hitters.ts'
import type { SeriesLimitsOptions } from './options.ts'
import type { AdmittedType } from './admitted-type.ts'

/**
 * How many metrics there may be: of the whole process, and with a prefix. A metric counts against every limit that
 * covers it. Where one of them is full, a new metric is not made, and what it would have held goes to one overflow
 * metric of its type; those that are there already go on as they are:
 *
 *   limits: api 2, whole process 1000
 *
 *   api.a;host=1   new, the first with api         api.a;host=1
 *   api.a;host=2   new, the second                 api.a;host=2
 *   api.a;host=3   new, but api has its two        api.__over_limit__
 *   api.a;host=1   there already, nobody asks
 *
 * Overflow metrics are not counted themselves. Only counts are held here, no names but those of the worst offenders, so a
 * flood of names costs no memory. A limit may also say how many of its metrics may be new in an hour: such as there never were before.
 */
export interface SeriesLimits {
  /**
   * To be called for a metric that does not exist, and only then. Returns its key, and then it exists and is counted; or
   * that of the overflow metric to use instead. Points without a type cannot be added up: for them it is undefined.
   */
  admit(key: SeriesKey, type: Exclude<AdmittedType, 'untyped'>): SeriesKey
  admit(key: SeriesKey, type: AdmittedType): SeriesKey | undefined
  /** Counts a metric that exists whatever the limits say: one that was saved, or that was there before other limits. */
  hold(key: SeriesKey): void
  /** A metric that was admitted or held is forgotten. */
  release(key: SeriesKey): void
  /** The limits that a metric counts against, the nearest first. */
  covering(key: SeriesKey): readonly CoveringLimit[]
  /** Where refused metrics came from, most first: for each limit a few of the nodes below its prefix. */
  offenders(): readonly Offender[]
}

export interface CoveringLimit {
  /** '' for that of the whole process. */
  readonly prefix: string
  readonly series: number
  readonly held: number
  readonly overflowKey: SeriesKey
}

const OVERFLOW_NODE = '__over_limit__'
const OFFENDERS_PER_LIMIT = 8

export interface SeriesLimitsSurroundings {
  /** Called whenever a limit is full for a metric. */
  readonly onRefused?: () => void
  /** Which hour it is. Without it there is one for ever. */
  readonly hour?: () => number
  /** Whether there was this metric before, so that it is not new. */
  readonly isKnown?: (key: SeriesKey, type: AdmittedType) => boolean
}

export function createSeriesLimits(
  options: SeriesLimitsOptions,
  surroundings: SeriesLimitsSurroundings = {},
): SeriesLimits {
  return new CountedLimits(options, surroundings)
}

interface Limit {
  readonly prefix: string
  readonly series: number
  readonly newPerHour: number
  readonly overflowKey: SeriesKey
  held: number
  /** New ones in the hour under way. */
  newInHour: number
  /** Made when there is the first. */
  offenders: HeavyHitters | undefined
}

class CountedLimits implements SeriesLimits {
  readonly #whole: Limit
  readonly #byPrefix: ReadonlyMap<string, Limit>
  readonly #overflowKeys: ReadonlySet<SeriesKey>
  readonly #mostNodes: number
  readonly #surroundings: SeriesLimitsSurroundings
  readonly #countsNew: boolean
  #hour = 0

  constructor({ prefixes, ...whole }: SeriesLimitsOptions, surroundings: SeriesLimitsSurroundings) {
    this.#surroundings = surroundings
    this.#whole = createLimit({ ...whole, prefix: '' })
    this.#byPrefix = new Map(prefixes.map((limit) => [limit.prefix, createLimit(limit)]))
    this.#countsNew = this.#all().some(({ newPerHour }) => newPerHour < Infinity)
    this.#overflowKeys = new Set(this.#all().map(({ overflowKey }) => overflowKey))
    this.#mostNodes = Math.max(0, ...prefixes.map(({ prefix }) => prefix.split('.').length))
  }

  admit(key: SeriesKey, type: Exclude<AdmittedType, 'untyped'>): SeriesKey
  admit(key: SeriesKey, type: AdmittedType): SeriesKey | undefined
  admit(key: SeriesKey, type: AdmittedType): SeriesKey | undefined {
    if (this.#overflowKeys.has(key)) return key
    const limits = this.#covering(key)
    const isNew = this.#countsNew && this.#surroundings.isKnown?.(key, type) !== true
    if (isNew) this.#beginHour()
    const full = limits.find(
      ({ held, series, newInHour, newPerHour }) => held >= series || (isNew && newInHour >= newPerHour),
    )
    if (full === undefined) {
      for (const limit of limits) {
        limit.held++
        if (isNew) limit.newInHour++
      }
      return key
    }
    this.#surroundings.onRefused?.()
    full.offenders ??= new HeavyHitters(OFFENDERS_PER_LIMIT)
    full.offenders.count(prefixBelow(key, full.prefix), key)
    return type === 'untyped' ? undefined : full.overflowKey
  }

  hold(key: SeriesKey): void {
    if (this.#overflowKeys.has(key)) return
    for (const limit of this.#covering(key)) limit.held++
  }

  release(key: SeriesKey): void {
    if (this.#overflowKeys.has(key)) return
    for (const limit of this.#covering(key)) {
      if (limit.held === 0) throw new Error(`BUG: a metric is released that was not counted`)
      limit.held--
    }
  }

  covering(key: SeriesKey): CoveringLimit[] {
    return this.#covering(key).map(({ prefix, series, held, overflowKey }) => ({
      prefix,
      series,
      held,
      overflowKey,
    }))
  }

  offenders(): Offender[] {
    return this.#all()
      .flatMap(({ prefix, series, offenders }) =>
        (offenders?.list() ?? []).map(({ text, count, examples }) => ({
          prefix: text,
          limit: { prefix, series },
          refused: count,
          examples,
        })),
      )
      .toSorted((a, b) => b.refused - a.refused)
  }

  #beginHour(): void {
    const hour = this.#surroundings.hour?.() ?? 0
    if (hour === this.#hour) return
    this.#hour = hour
    for (const limit of this.#all()) limit.newInHour = 0
  }

  #all(): Limit[] {
    return [...this.#byPrefix.values(), this.#whole]
  }

  /** The nearest first. Looks at no more nodes of a name than the longest prefix has. */
  #covering(key: SeriesKey): Limit[] {
    const limits = [this.#whole]
    const end = nameEnd(key)
    for (let nodes = 1, at = 0; nodes <= this.#mostNodes && at <= end; nodes++) {
      const prefixEnd = nodeEnd(key, at, end)
      const limit = this.#byPrefix.get(key.slice(0, prefixEnd))
      if (limit !== undefined) limits.unshift(limit)
      at = prefixEnd + 1
    }
    return limits
  }
}

function createLimit({
  prefix,
  series,
  new_per_hour: newPerHour = Infinity,
}: SeriesLimitsOptions['prefixes'][number]): Limit {
  const overflowKey = prefix === '' ? OVERFLOW_NODE : `${prefix}.${OVERFLOW_NODE}`
  return { prefix, series, newPerHour, overflowKey, held: 0, newInHour: 0, offenders: undefined }
}

/** `api` and the key `api.web.hits;a=b`: `api.web`. */
function prefixBelow(key: SeriesKey, prefix: string): string {
  const end = nameEnd(key)
  return key.slice(0, nodeEnd(key, Math.min(end, prefix === '' ? 0 : prefix.length + 1), end))
}

function nameEnd(key: SeriesKey): number {
  const semicolon = key.indexOf(';')
  return semicolon < 0 ? key.length : semicolon
}

/** Where the node that begins at `start` ends. */
function nodeEnd(key: SeriesKey, start: number, end: number): number {
  const point = key.indexOf('.', start)
  return point < 0 || point > end ? end : point
}
