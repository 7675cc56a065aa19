import { memo } from 'react'
import { formatCount, formatWithUnit, type Unit } from '../format.ts'
import { showHidden } from '../series-name.ts'
import { useTimes } from '../time/times.ts'
import '../styles/points-table.css'

export interface PointsTableProps {
  /** Of what it has the values. Hostile text, as the labels are. */
  readonly name: string
  readonly times: readonly number[]
  readonly columns: readonly PointsColumn[]
  readonly unit: Unit
  /** For all to see, in the place of the chart; otherwise for those who cannot see the chart. */
  readonly isShown: boolean
}

export interface PointsColumn {
  readonly label: string
  /** As many as there are times. */
  readonly values: readonly (number | null | undefined)[]
}

const SHOWN_ROWS = 500
/** Read out, more than that is too much; and each of many charts makes them anew with each flush. */
const READ_ROWS = 5
const SHOWN_COLUMNS = 20

/** The values of a chart, the newest first. */
export const PointsTable = memo(function PointsTable(props: PointsTableProps) {
  const { name, isShown } = props
  if (!isShown) {
    return (
      <div className="visually-hidden points-read">
        <Table {...props} limit={READ_ROWS} />
      </div>
    )
  }
  return (
    <div className="points-frame" tabIndex={0} role="region" aria-label={`Values of ${showHidden(name)}`}>
      <Table {...props} limit={SHOWN_ROWS} />
    </div>
  )
})

function Table({ name, times, columns, unit, limit }: PointsTableProps & { readonly limit: number }) {
  const format = useTimes()
  const shown = columns.slice(0, SHOWN_COLUMNS)
  const indices = newestRows(times, shown, limit)
  const spanSeconds = (times.at(-1) ?? 0) - (times[0] ?? 0)
  return (
    <table className="points">
      <caption>
        The newest {formatCount(indices.length)} {indices.length === 1 ? 'value' : 'values'} of{' '}
        {showHidden(name)}
        {columns.length > shown.length && `, of the first ${shown.length} series`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {shown.map(({ label }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two series may have one name.
            <th key={i} scope="col">
              <bdi>{showHidden(label)}</bdi>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {indices.map((index) => (
          <tr key={times[index]}>
            <th scope="row">{format.within(spanSeconds, times[index] ?? 0)}</th>
            {shown.map(({ values }, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two series may have one name.
              <td key={i}>{write(values[index], unit)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Places of the times at which any column has a value, the newest first. */
export function newestRows(
  times: readonly number[],
  columns: readonly PointsColumn[],
  limit: number,
): number[] {
  const rows: number[] = []
  for (let i = times.length - 1; i >= 0 && rows.length < limit; i--) {
    if (columns.some(({ values }) => values[i] !== null && values[i] !== undefined)) rows.push(i)
  }
  return rows
}

function write(value: number | null | undefined, unit: Unit): string {
  return value === null || value === undefined ? '–' : formatWithUnit(value, unit)
}
