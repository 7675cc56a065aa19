import { memo, useEffect, useMemo, useState } from 'react'
import type { MetricEntry } from '../api.ts'
import type { Route } from '../route.ts'
import { showHidden } from '../series-name.ts'
import { useFoundMetrics } from '../use-found-metrics.ts'
import { findAll } from './found.ts'
import { useDialog } from './use-dialog.ts'

export interface FinderProps {
  /** The newest. */
  readonly metrics: readonly MetricEntry[]
  /** How many there are. */
  readonly metricCount: number
  readonly route: Route
}

/** Ctrl+K: from anywhere to any page, dashboard or metric. */
export const Finder = memo(function Finder(props: FinderProps) {
  const { route, metricCount } = props
  const [query, setQuery] = useState('')
  const { metrics } = useFoundMetrics(props.metrics, metricCount, query.trim())
  const [chosen, setChosen] = useState(0)
  const dialogRef = useDialog((event) => event.key === 'k' && (event.ctrlKey || event.metaKey))
  const found = useMemo(() => findAll(query, metrics, route), [query, metrics, route])
  useEffect(() => {
    document.getElementById(`found-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const go = (address: string | undefined) => {
    if (address === undefined) return
    dialogRef.current?.close()
    // The hidden field keeps the focus until the next frame otherwise, and takes the keys that follow.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    location.hash = address
  }
  return (
    <dialog
      ref={dialogRef}
      className="dialog"
      aria-label="Find"
      onClose={() => {
        setQuery('')
        setChosen(0)
      }}
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <input
        className="finder-input"
        placeholder="Find a page, a dashboard or a metric"
        role="combobox"
        aria-label="Find"
        aria-expanded="true"
        aria-controls="found"
        aria-activedescendant={`found-${chosen}`}
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setChosen(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault()
            const step = event.key === 'ArrowDown' ? 1 : -1
            setChosen((chosen + step + found.length) % Math.max(1, found.length))
          } else if (event.key === 'Enter') go(found[chosen]?.address)
        }}
      />
      <ul id="found" className="found" role="listbox" aria-label="Found">
        {found.map(({ kind, label, address }, index) => (
          <li
            key={`${kind} ${label} ${address}`}
            id={`found-${index}`}
            role="option"
            aria-selected={index === chosen}
            className="found-one"
            onClick={() => go(address)}
          >
            <bdi>{showHidden(label)}</bdi>
            <span>{kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="found-none">Nothing has that in its name.</p>}
    </dialog>
  )
})
