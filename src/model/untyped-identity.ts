import type { Rollup, SeriesIdentity } from './series-identity.ts'
import { parseSeriesKey, type SeriesKey } from './series-key.ts'

/** A point of Graphite's plaintext does not say what it is; the last node of its name is the best hint there is. */
const ROLLUP_BY_LAST_NODE: readonly { readonly lastNode: RegExp; readonly rollup: Rollup }[] = [
  { lastNode: /^(count|sum|sum_squares|hits|total)(_\d+)*$/, rollup: 'sum' },
  { lastNode: /^(lower|min)(_\w+)?$/, rollup: 'min' },
  { lastNode: /^(upper|max)(_\w+)?$/, rollup: 'max' },
  { lastNode: /^last$/, rollup: 'last' },
]

/** The identity of a series that only ever was a name: rolled up by its last node, otherwise averaged as in whisper. */
export function untypedIdentity(key: SeriesKey): SeriesIdentity {
  const { name } = parseSeriesKey(key)
  const lastNode = name.slice(name.lastIndexOf('.') + 1)
  const rollup = ROLLUP_BY_LAST_NODE.find((rule) => rule.lastNode.test(lastNode))?.rollup ?? 'mean'
  return { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup }
}
