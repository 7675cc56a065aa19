import type { SeriesIdentity } from '../../model/series-identity.ts'
import { parseSeriesKey, type SeriesKey, type Tag } from '../../model/series-key.ts'

/** `keep`: `a;k=v`, which carbon knows since 1.1. `flatten`: `a.k.v`. `drop`: `a`. */
export const WIRE_TAG_FORMS = ['keep', 'flatten', 'drop'] as const
export type WireTagForm = (typeof WIRE_TAG_FORMS)[number]

/**
 * carbon closes the connection at a line of 16,384 bytes or more: one such name would bring the whole batch back for
 * ever. The rest of the line is far shorter than what is left.
 */
const MAX_NAME_BYTES = 16_000

/** Remembers the name on the wire of each series: identities are the same objects from flush to flush. */
export class WireNames {
  readonly #tagForm: WireTagForm
  readonly #names = new WeakMap<SeriesIdentity, string>()

  constructor(tagForm: WireTagForm = 'keep') {
    this.#tagForm = tagForm
  }

  /** '' when no line can carry it. */
  nameOf(identity: SeriesIdentity): string {
    let name = this.#names.get(identity)
    if (name === undefined) {
      name = toWireName(identity.key, this.#tagForm)
      if (Buffer.byteLength(name) > MAX_NAME_BYTES) name = ''
      this.#names.set(identity, name)
    }
    return name
  }
}

/** The key as it is, but for what would break the line or make carbon refuse it: that becomes `_`. */
export function toWireName(key: SeriesKey, tagForm: WireTagForm = 'keep'): string {
  // Fast path: ASCII that can be seen, without tags.
  if (PLAIN_NAME.test(key)) return key
  const { name, tags } = parseSeriesKey(key)
  const text = withoutBreaks(name) || '_'
  if (tagForm === 'drop') return text
  return text + tags.map(tagForm === 'keep' ? keepTag : flattenTag).join('')
}

const PLAIN_NAME = /^[!-:<-~]+$/

/** carbon takes neither an empty key or value, nor `!` and `^` in a key, nor `~` at the start of a value. */
function keepTag([key, value]: Tag): string {
  const wireKey = withoutBreaks(key).replace(/[!^=]/g, '_') || '_'
  const wireValue = withoutBreaks(value).replace(/^~/, '_') || '_'
  return `;${wireKey}=${wireValue}`
}

/** A value with dots in it stays one node. */
function flattenTag(tag: Tag): string {
  const nodes = tag.map((text) => withoutBreaks(text).replace(/[.;=]/g, '_') || '_')
  return `.${nodes.join('.')}`
}

/** White space splits a line, as Python's `split` understands it: all of Unicode's, and some control characters. */
function withoutBreaks(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]/g, '_')
}
