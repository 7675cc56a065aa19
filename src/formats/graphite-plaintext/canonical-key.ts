import { formatSeriesKey, type SeriesKey, type Tag } from '../../model/series-key.ts'
import { addGraphiteTags } from '../tags.ts'
import { sanitiseName } from './sanitise-name.ts'

/** The key that a line of Graphite's would give this name, tags and all; '': none. */
export function canonicalKey(text: string): SeriesKey {
  const nameEnd = text.indexOf(';')
  if (nameEnd < 0) return sanitiseName(text)
  const name = sanitiseName(text.slice(0, nameEnd))
  const tags: Tag[] = []
  addGraphiteTags(text.slice(nameEnd + 1), tags)
  return name === '' ? '' : formatSeriesKey(name, tags)
}
