import { useEffect, useState } from 'react'
import { fetchSize, problemOf, type SizeAnswer } from '../api.ts'
import { formatCount, formatWithUnit } from '../format.ts'
import { Notice } from '../notice.tsx'
import { linkTo, type Route } from '../route.ts'
import { showHidden } from '../series-name.ts'
import '../styles/status.css'
import '../styles/dashboard.css'
import '../styles/size.css'
import { SizeTable } from './size-table.tsx'

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
  const [answer, setAnswer] = useState<SizeAnswer | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    document.title = 'Size · Kymo'
  }, [])
  useEffect(() => {
    const controller = new AbortController()
    fetchSize(prefix, order, controller.signal)
      .then((report) => {
        setAnswer(report)
        setProblem(null)
      })
      .catch((error: unknown) => {
        if (!controller.signal.aborted) setProblem(problemOf(error))
      })
    return () => controller.abort()
  }, [prefix, order])
  const isLoading = problem === null && answer?.prefix !== prefix
  return (
    <div className="status">
      <h2 className="visually-hidden">Size</h2>
      <SizePath route={route} />
      {problem !== null && (
        <Notice tone="amber" title="The sizes could not be read">
          {problem}
        </Notice>
      )}
      {isLoading && <p className="page-hint">Reading the sizes of the files …</p>}
      {answer !== null && !isLoading && (
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
          <SizeTable answer={answer} order={order} route={route} nowMs={nowMs} />
          <p className="more-note">
            Bytes are those of the files; what came in the last minutes has a share of the log.
          </p>
        </section>
      )}
    </div>
  )
}

function SizePath({ route }: { readonly route: Route }) {
  const nodes = route.prefix === '' ? [] : route.prefix.split('.')
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
              <bdi>{showHidden(node)}</bdi>
            </a>
          </span>
        )
      })}
    </nav>
  )
}
