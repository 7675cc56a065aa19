import type { Label } from '../../model/metric-family.ts'
import { parseSeriesKey, type SeriesKey } from '../../model/series-key.ts'
import { escapeName } from './escape-name.ts'

/** A series of points as Prometheus' labels, by name: its name escaped, its tags beside it. */
export function pointLabels(key: SeriesKey): readonly Label[] {
  const { name, tags } = parseSeriesKey(key)
  const labels = new Map(tags.map(([tag, value]) => [escapeName(tag), value]))
  labels.set('__name__', escapeName(name))
  return [...labels]
    .filter(([label, value]) => label !== '' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
