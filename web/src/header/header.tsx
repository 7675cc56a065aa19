import type { LiveState } from '../live.ts'
import type { View } from '../page-url.ts'
import type { Route } from '../route.ts'
import { ConnectionDot } from './connection-dot.tsx'
import { LossMeter } from './loss-meter.tsx'
import { PageLinks } from './page-links.tsx'
import { RangePicker } from './range-picker.tsx'
import { SearchBox } from './search-box.tsx'
import { ThemeButton } from './theme-button.tsx'
import { Wordmark } from './wordmark.tsx'

export interface HeaderProps {
  readonly live: LiveState
  readonly route: Route
  readonly view: View
  readonly onChange: (change: Partial<View>) => void
  /** There is something to search and to choose a range for. */
  readonly hasMetrics: boolean
}

export function Header({ live, route, view, onChange, hasMetrics }: HeaderProps) {
  return (
    <header className="header">
      <div className="header-brand">
        <Wordmark />
        <ConnectionDot connection={live.connection} />
      </div>
      <PageLinks route={route} />
      {hasMetrics && <SearchBox query={view.query} onChange={(query) => onChange({ query })} />}
      {hasMetrics && <RangePicker range={view.range} onChange={(range) => onChange({ range })} />}
      <div className="header-end">
        <ThemeButton />
        {live.status !== null && <LossMeter status={live.status} lastRejection={live.lastRejection} />}
      </div>
    </header>
  )
}
