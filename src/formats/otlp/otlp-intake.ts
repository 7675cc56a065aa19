import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import { appendToName, formatSeriesKey, type Tag } from '../../model/series-key.ts'
import type { DecodedOutput } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { sanitiseName } from '../graphite-plaintext/sanitise-name.ts'
import { TAG_TEXT } from '../tags.ts'
import type { OtlpAttribute, OtlpHistogram, OtlpPoint } from './otlp-point.ts'

/** What of a resource becomes tags. It has many more attributes, which are the same for all of its metrics and would make each key long. */
const RESOURCE_TAGS: ReadonlySet<string> = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
  'deployment.environment',
  'deployment.environment.name',
  'host.name',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.container.name',
])

const MOST_KEY_CHARACTERS = 4_096
const MOST_BUCKETS = 200

/**
 * Puts out the points that data points come to. docs/formats/otlp.md is the published description.
 *
 *   gauge                      name
 *   sum, delta                 counter
 *   sum, cumulative            name
 *   histogram                  name.count, name.sum, name.min, name.max, name.bucket.count;le=0.5
 *   exponential histogram      name.count, name.sum, name.min, name.max
 *   summary                    name.count, name.sum, name;quantile=0.99
 *
 * What many points have in common, a name or a resource, may be as long as a body: it is looked at once.
 */
export class OtlpIntake {
  readonly #out: DecodedOutput
  #givenName = ''
  #name = ''
  #resource: readonly OtlpAttribute[] | undefined
  #resourceTags: readonly Tag[] = []

  constructor(out: DecodedOutput) {
    this.#out = out
  }

  /** Says why a data point is none; then nothing of it was put out. */
  take(given: OtlpPoint, receivedAtMs: number): RejectionReason | undefined {
    if (given.name.length > MOST_KEY_CHARACTERS) return 'name_too_long'
    const name = this.#nameOf(given)
    if (name === '') return 'empty_name'
    const tags = [...this.#resourceTagsOf(given), ...toTags(given.attributes)]
    const ownKey = formatSeriesKey(name, tags)
    if (ownKey.length > MOST_KEY_CHARACTERS) return 'name_too_long'
    const keyOf: KeyOf = (suffix, ...more) => {
      if (more.length > 0) return formatSeriesKey(name + suffix, [...tags, ...more])
      return suffix === '' ? ownKey : appendToName(ownKey, suffix)
    }
    const timeMs = given.timeMs === 0 ? receivedAtMs : given.timeMs
    if (!(timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS)) return 'bad_timestamp'
    const parts = partsOf(given.data, keyOf)
    if (parts === undefined) return 'bad_field'
    const found = parts.filter(({ value }) => value !== undefined)
    if (!found.every(({ value }) => Number.isFinite(value))) return 'bad_number'
    for (const { key, type, value } of found) {
      const point: Point = { key, timeMs, value: value as number, ...(type === undefined ? {} : { type }) }
      this.#out.point(point)
    }
    return undefined
  }

  #nameOf({ name }: OtlpPoint): string {
    if (name !== this.#givenName) {
      this.#givenName = name
      this.#name = sanitiseName(name)
    }
    return this.#name
  }

  #resourceTagsOf({ resource }: OtlpPoint): readonly Tag[] {
    if (resource !== this.#resource) {
      this.#resource = resource
      const ofResource = resource.filter(([key]) => RESOURCE_TAGS.has(key))
      this.#resourceTags = toTags([...new Map(ofResource)])
    }
    return this.#resourceTags
  }
}

interface Part {
  readonly key: string
  readonly type?: Point['type']
  /** undefined: the data point does not say. */
  readonly value: number | undefined
}

type KeyOf = (suffix: string, ...more: readonly Tag[]) => string

/** undefined: buckets that do not fit together. */
function partsOf(data: OtlpPoint['data'], keyOf: KeyOf): Part[] | undefined {
  switch (data.kind) {
    case 'gauge':
      return [{ key: keyOf(''), value: data.value }]
    case 'sum':
      return [{ key: keyOf(''), value: data.value, type: data.temporality === 'delta' ? 'counter' : 'total' }]
    case 'histogram':
    case 'exponential histogram': {
      const buckets = data.kind === 'histogram' ? bucketParts(data, keyOf) : []
      if (buckets === undefined) return undefined
      return [
        counted('.count', data.count),
        counted('.sum', data.sum),
        { key: keyOf('.min'), value: data.min },
        { key: keyOf('.max'), value: data.max },
        ...buckets,
      ]
    }
    case 'summary':
      return [
        { key: keyOf('.count'), type: 'total', value: data.count },
        { key: keyOf('.sum'), type: 'total', value: data.sum },
        ...data.quantiles
          // There was nothing of late.
          .filter(({ value }) => !Number.isNaN(value))
          .map(({ quantile, value }): Part => ({ key: keyOf('', ['quantile', String(quantile)]), value })),
      ]
  }

  /** The last node of the name says that it is added up, where it is not a total. */
  function counted(suffix: string, value: number | undefined): Part {
    const isTotal = 'temporality' in data && data.temporality === 'cumulative'
    return { key: keyOf(suffix), value, ...(isTotal ? { type: 'total' } : {}) }
  }
}

/** As Prometheus has them: the bucket of a bound has all values up to it. */
function bucketParts({ bounds, bucketCounts, temporality }: OtlpHistogram, keyOf: KeyOf): Part[] | undefined {
  if (bucketCounts.length === 0 && bounds.length === 0) return []
  const isAscending = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] as number))
  if (!isAscending || bucketCounts.length !== bounds.length + 1 || bounds.length > MOST_BUCKETS)
    return undefined
  let below = 0
  return bucketCounts.map((count, index): Part => {
    below += count
    const bound = index < bounds.length ? String(bounds[index]) : '+Inf'
    const key = keyOf('.bucket.count', ['le', bound])
    return { key, value: below, ...(temporality === 'cumulative' ? { type: 'total' } : {}) }
  })
}

/** What is, or becomes, empty is left out. */
function toTags(attributes: readonly OtlpAttribute[]): Tag[] {
  return attributes.flatMap(([key, value]): Tag[] => {
    const tag: Tag = [TAG_TEXT.key(key), TAG_TEXT.value(value)]
    return tag[0] === '' || tag[1] === '' ? [] : [tag]
  })
}
