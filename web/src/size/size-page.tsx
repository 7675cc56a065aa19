import { useEffect, useState } from 'react'
import { formatCount, formatWithUnit } from '../format.ts'
import { Notice } from '../notice.tsx'
import { linkTo, type Route } from '../route.ts'
import { showHidden } from '../series-name.ts'
import '../styles/status.css'
import '../styles/dashboard.css'
import '../styles/size.css'
import { SizeTable } from './size-table.tsx'
import { TagLinks } from './tag-links.tsx'
import { useSize } from './use-size.ts'

export interface SizePageProps {
  readonly route: Route
  readonly nowMs: number
}

const ORDERS = ['bytes', 'points', 'series'] as const
type Order = (typeof ORDERS)[number]

/** What takes the space, node by node, and whether anybody asks for it. */
export function SizePage({ route, nowMs }: SizePageProps) {
  const { prefix } = route
  const [order, setOrder] = useState<Order>('bytes')
  const { newest, first, problem } = useSize(prefix, order)
  useEffect(() => {
    document.title = 'Size · Kymo'
  }, [])
  const answer = newest?.answer.prefix === prefix ? newest.answer : null
  const isLoading = problem === null && answer === null
  return (
    <div className="status">
      <h2 className="visually-hidden">Size</h2>
      <SizePath route={route} />
      <TagLinks route={route} />
      {problem !== null && (
        <Notice tone="amber" title="The sizes could not be read">
          {problem}
        </Notice>
      )}
      {isLoading && <p className="page-hint">Reading the sizes of the files …</p>}
      {newest !== null && answer !== null && (
        <section className="status-panel" aria-label="Sizes">
          <div className="size-head">
            <p>
              <b>{formatWithUnit(answer.bytes, 'bytes')}</b> for {formatCount(answer.series)} series with{' '}
              {formatCount(answer.points)} points
            </p>
            <div role="group" aria-label="Order">
              {ORDERS.map((one) => (
                <button
                  key={one}
                  type="button"
                  className="prefix"
                  aria-pressed={order === one}
                  onClick={() => setOrder(one)}
                >
                  by {one}
                </button>
              ))}
            </div>
          </div>
          <SizeTable newest={newest} first={first ?? newest} order={order} route={route} nowMs={nowMs} />
          <p className="more-note">
            Bytes are those of the files; what came in the last minutes has a share of the log. Rates are of
            the time since this page was opened.
          </p>
        </section>
      )}
    </div>
  )
}

function SizePath({ route }: { readonly route: Route }) {
  const isByTag = route.prefix.startsWith(';')
  const nodes = route.prefix === '' ? [] : isByTag ? [route.prefix] : route.prefix.split('.')
  return (
    <nav className="breadcrumb size-path" aria-label="Prefix">
      <a
        href={linkTo(route, { page: 'size' })}
        {...(nodes.length === 0 && { 'aria-current': 'page' as const })}
      >
        All series
      </a>
      {nodes.map((node, index) => {
        const prefix = nodes.slice(0, index + 1).join('.')
        return (
          <span key={prefix}>
            <span className="breadcrumb-sign" aria-hidden="true">
              ›
            </span>
            <a
              href={linkTo(route, { page: 'size', prefix })}
              {...(index === nodes.length - 1 && { 'aria-current': 'page' as const })}
            >
              <bdi>{showHidden(isByTag ? `by tag ${node.slice(1)}` : node)}</bdi>
            </a>
          </span>
        )
      })}
    </nav>
  )
}
