import type { LiveState } from '../live.ts'
import type { Route } from '../route.ts'
import { ConnectionDot } from './connection-dot.tsx'
import { LossMeter } from './loss-meter.tsx'
import { PageLinks } from './page-links.tsx'
import { SearchBox } from './search-box.tsx'
import { ThemeButton } from './theme-button.tsx'
import { Wordmark } from './wordmark.tsx'

export interface HeaderProps {
  readonly live: LiveState
  readonly route: Route
  readonly query: string
  readonly onSearch: (query: string) => void
  /** There is something to search. */
  readonly hasMetrics: boolean
}

export function Header({ live, route, query, onSearch, hasMetrics }: HeaderProps) {
  return (
    <header className="header">
      <div className="header-brand">
        <Wordmark />
        <ConnectionDot connection={live.connection} />
      </div>
      <PageLinks route={route} />
      {hasMetrics && <SearchBox query={query} onChange={onSearch} />}
      <div className="header-end">
        <ThemeButton />
        {live.status !== null && <LossMeter status={live.status} lastRejection={live.lastRejection} />}
      </div>
    </header>
  )
}
