import type { SeriesKey, Tag } from '../../model/series-key.ts'
import { parseSeriesKey } from '../../model/series-key.ts'

const MOST_NAME_CHARACTERS = 200
const MOST_TAG_CHARACTERS = 200

/** A metric as Datadog knows it. */
export interface DatadogMetric {
  readonly name: string
  readonly host: string | undefined
  readonly tags: readonly string[]
}

/** Names are of ASCII letters, digits, `_` and `.`, and begin with a letter. The tag `host` is the host. */
export function toDatadogMetric(key: SeriesKey, defaultHost: string | undefined): DatadogMetric {
  const { name, tags } = parseSeriesKey(key)
  return {
    name: name.replace(/[^A-Za-z0-9_.]/g, '_').replace(/^[^A-Za-z]+/, ''),
    host: tags.find(([tagKey]) => tagKey === 'host')?.[1] ?? defaultHost,
    tags: tags.filter(([tagKey]) => tagKey !== 'host').map(toDatadogTag),
  }
}

/** Why Datadog does not take a metric of this name. */
export function problemOfName(name: string): string | undefined {
  if (name === '') return 'its name has no letter to begin with'
  return name.length > MOST_NAME_CHARACTERS
    ? `its name is longer than ${MOST_NAME_CHARACTERS} characters`
    : undefined
}

/** `env:prod`; what Datadog would change by itself is changed here. */
export function toDatadogTag([key, value]: Tag): string {
  const text = value === '' ? key : `${key}:${value}`
  return text
    .toWellFormed()
    .replace(/[^\p{L}\p{N}_\-:./]/gu, '_')
    .slice(0, MOST_TAG_CHARACTERS)
}
