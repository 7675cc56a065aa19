import { useMemo } from 'react'
import type { MetricEntry } from '../api.ts'
import { formatCount } from '../format.ts'
import { HOME, linkTo, type Route } from '../route.ts'
import { showHidden } from '../series-name.ts'
import { foldersBelow } from './prefixes.ts'

const SHOWN = 40

/** What can be opened one node further down, each with its number of metrics. */
export function PrefixLinks(props: {
  readonly metrics: readonly MetricEntry[]
  readonly prefix: string
  readonly route?: Route
}) {
  const { metrics, prefix, route = HOME } = props
  const folders = useMemo(() => foldersBelow(metrics, prefix), [metrics, prefix])
  if (folders.length === 0) return null
  return (
    <nav className="prefixes" aria-label="Dashboards">
      {folders.slice(0, SHOWN).map((folder) => (
        <a
          key={folder.prefix}
          className="prefix"
          href={linkTo(route, { page: 'dashboard', prefix: folder.prefix })}
        >
          <bdi>{showHidden(folder.name)}</bdi>
          <span className="prefix-count">{formatCount(folder.metricCount)}</span>
        </a>
      ))}
      {folders.length > SHOWN && <span className="more-note">and {folders.length - SHOWN} more</span>}
    </nav>
  )
}
