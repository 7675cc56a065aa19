import { useMemo, useState } from 'react'
import { type IncomingLine, type MetricEntry, metricId } from '../api.ts'
import { mainSeries } from '../main-series.ts'
import { explainRejection } from '../rejection.tsx'
import { linkTo, type Route } from '../route.ts'
import { targetOf } from '../series-loader.ts'
import { matchesSearch, showHidden } from '../series-name.ts'
import { LineRow } from './line-row.tsx'
import { useLineTail } from './line-tail.ts'

export interface IncomingLinesProps {
  /** Those that are known, of which some may be in the lines. */
  readonly metrics: readonly MetricEntry[]
  readonly route: Route
}

/** Lines as they come in, the newest first, and what becomes of each. They stand still under the pointer. */
export function IncomingLines({ metrics, route }: IncomingLinesProps) {
  const lines = useLineTail()
  const series = useMemo(
    () => new Map(metrics.map((metric) => [metricId(metric), mainSeries(metric)])),
    [metrics],
  )
  const [query, setQuery] = useState('')
  const [paused, setPaused] = useState<readonly IncomingLine[] | null>(null)
  const [hovered, setHovered] = useState<readonly IncomingLine[] | null>(null)
  const shown = (paused ?? hovered ?? lines).filter((one) => matchesSearch(searchTextOf(one), query))
  return (
    <section className="status-panel" aria-label="Lines">
      <div className="incoming-tools">
        <h2 className="status-title">Lines</h2>
        <input
          type="search"
          className="search-input incoming-search"
          placeholder="Part of a line, a metric or a sender"
          aria-label="Filter lines"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <button
          type="button"
          className="button"
          aria-pressed={paused !== null}
          onClick={() => setPaused(paused === null ? lines : null)}
        >
          {paused === null ? 'Pause' : 'Go on'}
        </button>
      </div>
      <div className="tail-room">
        {shown.length === 0 ? (
          <p className="no-rejections">
            {lines.length === 0
              ? 'No line has come since the page was opened.'
              : 'None of the lines is like that.'}
          </p>
        ) : (
          <ol
            className="tail"
            tabIndex={0}
            aria-label="Newest lines"
            onPointerEnter={() => setHovered(lines)}
            onPointerLeave={() => setHovered(null)}
          >
            {shown.map((one) => (
              <Line key={one.id} line={one} series={series} route={route} />
            ))}
          </ol>
        )}
      </div>
      <p className="more-note">
        {paused === null && hovered !== null
          ? 'They stand still while the pointer is over them.'
          : 'Of each second and thread the first 20 that can be read and the first 20 that are refused; the newest 500 are kept here.'}
      </p>
    </section>
  )
}

interface LineProps {
  readonly line: IncomingLine
  /** The one to look at first, by the id of a metric. */
  readonly series: ReadonlyMap<string, string | undefined>
  readonly route: Route
}

function Line({ line: one, series, route }: LineProps) {
  return (
    <LineRow line={one} className={`tail-${one.outcome}`}>
      <b className="tail-outcome">{OUTCOMES[one.outcome]}</b>{' '}
      {one.reason !== null && explainRejection(one.reason)}
      {one.metrics.map(({ key, type }) => (
        <span key={`${type} ${key}`} className="tail-name">
          <a
            href={linkTo(route, {
              page: 'explore',
              targets: [targetOf(series.get(`${type} ${key}`) ?? key)],
            })}
          >
            <bdi>{showHidden(key)}</bdi>
          </a>{' '}
          {type !== 'untyped' && type}
        </span>
      ))}
    </LineRow>
  )
}

const OUTCOMES: Readonly<Record<IncomingLine['outcome'], string>> = {
  metric: '✓ taken in',
  event: '✓ an event',
  excluded: '− left out by the intake rules',
  rejected: '✗ rejected:',
}

function searchTextOf({ line, sender, listener, metrics, outcome, reason }: IncomingLine): string {
  return [line, sender, listener, OUTCOMES[outcome], reason ?? '', ...metrics.map(({ key }) => key)].join(' ')
}
