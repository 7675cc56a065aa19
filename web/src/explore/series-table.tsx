import { useState } from 'react'
import { formatCount, formatWithUnit, type Unit } from '../format.ts'
import { LineSample } from '../charts/line-sample.tsx'
import { showHidden } from '../series-name.ts'
import { useTimes } from '../time/times.ts'
import type { SeriesStats } from './series-stats.ts'

export interface TableSeries {
  readonly name: string
  readonly color: string
  readonly isDashed: boolean
  readonly isShown: boolean
  readonly stats: SeriesStats
  /** Under the pointer; undefined: the pointer is elsewhere. */
  readonly hovered: number | null | undefined
}

export interface SeriesTableProps {
  readonly series: readonly TableSeries[]
  readonly unit: Unit
  readonly hoveredSeconds: number | null
  readonly focused: number | null
  readonly onFocus: (index: number | null) => void
  readonly onIsolate: (name: string) => void
}

const COLUMNS = ['min', 'avg', 'max', 'last'] as const
type Column = (typeof COLUMNS)[number]
const SHOWN_ROWS = 50

/** What is drawn, as numbers. A click on a name shows it alone, another one all of them. */
export function SeriesTable(props: SeriesTableProps) {
  const { series, unit, hoveredSeconds, focused, onFocus, onIsolate } = props
  const times = useTimes()
  const [order, setOrder] = useState<{ column: Column; isRising: boolean } | null>(null)
  const [showsAll, setShowsAll] = useState(false)
  const rows = series.map((one, index) => ({ one, index }))
  if (order !== null) {
    const sign = order.isRising ? 1 : -1
    const rankOf = (value: number | null) => value ?? Number.NEGATIVE_INFINITY
    rows.sort((a, b) => sign * (rankOf(a.one.stats[order.column]) - rankOf(b.one.stats[order.column])))
  }
  const shown = showsAll ? rows : rows.slice(0, SHOWN_ROWS)
  return (
    <div className="series-table-frame">
      <table className="series-table">
        <caption className="visually-hidden">Series on the chart</caption>
        <thead>
          <tr>
            <th scope="col">{formatCount(series.length)} series</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" aria-sort={sortOf(order, column)}>
                <button
                  type="button"
                  onClick={() =>
                    setOrder({ column, isRising: order?.column === column ? !order.isRising : false })
                  }
                >
                  {column === 'last' && hoveredSeconds !== null ? times.time(hoveredSeconds) : column}
                  {order?.column === column && (order.isRising ? ' ↑' : ' ↓')}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ one, index }) => (
            <tr
              key={`${index} ${one.name}`}
              className={[one.isShown ? '' : 'row-hidden', focused === index ? 'row-focused' : ''].join(' ')}
              onPointerEnter={() => onFocus(index)}
              onPointerLeave={() => onFocus(null)}
            >
              <th scope="row">
                <button
                  type="button"
                  className="series-name"
                  title={showHidden(one.name)}
                  onClick={() => onIsolate(one.name)}
                  onFocus={() => onFocus(index)}
                  onBlur={() => onFocus(null)}
                >
                  <LineSample color={one.color} isDashed={one.isDashed} className="series-line" />
                  <bdi>{showHidden(one.name)}</bdi>
                </button>
              </th>
              {COLUMNS.map((column) => (
                <td key={column} className={column === 'last' ? 'series-last' : ''}>
                  {write(
                    column === 'last' && one.hovered !== undefined ? one.hovered : one.stats[column],
                    unit,
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <button type="button" className="text-button" onClick={() => setShowsAll(true)}>
          Show all {formatCount(rows.length)}
        </button>
      )}
    </div>
  )
}

function write(value: number | null, unit: Unit): string {
  return value === null ? '–' : formatWithUnit(value, unit)
}

function sortOf(order: { column: Column; isRising: boolean } | null, column: Column) {
  if (order?.column !== column) return undefined
  return order.isRising ? 'ascending' : 'descending'
}
