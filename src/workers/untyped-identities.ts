import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'

/** Keys come from outside, as many as it likes: past this all are forgotten, and made again when they are used. */
const MOST_IDENTITIES = 100_000

/** One and the same identity for all points of a key that the catalog does not know, so that it is made and told once. */
export class UntypedIdentities {
  readonly #byKey = new Map<SeriesKey, SeriesIdentity>()

  get(key: SeriesKey): SeriesIdentity {
    let identity = this.#byKey.get(key)
    if (identity === undefined) {
      if (this.#byKey.size >= MOST_IDENTITIES) this.#byKey.clear()
      identity = untypedIdentity(key)
      this.#byKey.set(key, identity)
    }
    return identity
  }
}
