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
  /** Where metrics are searched; `kept`: its place, until it is known whether there are any. */
  readonly search: 'none' | 'kept' | 'there'
}

export function Header({ live, route, query, onSearch, search }: HeaderProps) {
  return (
    <header className="header">
      <div className="header-brand">
        <Wordmark />
        <ConnectionDot connection={live.connection} />
      </div>
      <PageLinks route={route} />
      {search === 'there' && <SearchBox query={query} onChange={onSearch} />}
      {search === 'kept' && <div className="search search-kept search-input" />}
      <div className="header-end">
        {live.status !== null && <LossMeter status={live.status} lastRejection={live.lastRejection} />}
        <ThemeButton />
      </div>
    </header>
  )
}
