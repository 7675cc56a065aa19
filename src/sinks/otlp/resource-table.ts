import type { OtlpAttribute } from '../../formats/otlp/otlp-point.ts'
import { parseSeriesKey, type SeriesKey, type Tag } from '../../model/series-key.ts'

interface Description {
  readonly name: string
  /** The same list for all metrics of a resource. */
  readonly resource: readonly OtlpAttribute[]
  readonly attributes: readonly OtlpAttribute[]
}

/** Keys come from outside, as many as they like: past this all are forgotten, and read again when they are used. */
const MOST_KEYS = 100_000

/** What of a metric's key is its name, what says whose it is, and what is left as attributes. */
export class ResourceTable {
  readonly #own: readonly OtlpAttribute[]
  readonly #resourceTags: ReadonlySet<string>
  readonly #resources = new Map<string, readonly OtlpAttribute[]>()
  readonly #known = new Map<SeriesKey, Description>()

  constructor(own: readonly OtlpAttribute[], resourceTags: readonly string[]) {
    this.#own = own
    this.#resourceTags = new Set(resourceTags)
  }

  describe(key: SeriesKey): Description {
    let description = this.#known.get(key)
    if (description === undefined) {
      if (this.#known.size >= MOST_KEYS) {
        this.#known.clear()
        this.#resources.clear()
      }
      const { name, tags } = parseSeriesKey(key)
      const ofResource = tags.filter(([tag]) => this.#resourceTags.has(tag))
      const attributes = tags.filter(([tag]) => !this.#resourceTags.has(tag))
      description = { name, resource: this.#resourceOf(ofResource), attributes }
      this.#known.set(key, description)
    }
    return description
  }

  #resourceOf(tags: readonly Tag[]): readonly OtlpAttribute[] {
    const id = tags.flat().join(';')
    let resource = this.#resources.get(id)
    if (resource === undefined) {
      resource = [...new Map([...this.#own, ...tags])]
      this.#resources.set(id, resource)
    }
    return resource
  }
}
