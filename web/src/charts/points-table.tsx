import { memo } from 'react'
import { formatCount, formatWithUnit, type Unit } from '../format.ts'
import { showHidden } from '../series-name.ts'
import { useTimes } from '../time/times.ts'
import '../styles/points-table.css'

export interface PointsTableProps {
  /** Of what it has the values. Hostile text, as the labels are. */
  readonly name: string
  readonly times: ArrayLike<number>
  readonly columns: readonly PointsColumn[]
  readonly unit: Unit
  /** For all to see, in the place of the chart; otherwise for those who cannot see the chart. */
  readonly isShown: boolean
}

export interface PointsColumn {
  readonly label: string
  /** As many as there are times. What is not a finite number is no value. */
  readonly values: ArrayLike<number | null | undefined>
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

/** Its parts say what they are, for one that is not shown is no table to the style sheet: tables are dear to lay out. */
function Table({ name, times, columns, unit, limit }: PointsTableProps & { readonly limit: number }) {
  const format = useTimes()
  const shown = columns.slice(0, SHOWN_COLUMNS)
  const indices = newestRows(times, shown, limit)
  const spanSeconds = (times[times.length - 1] ?? 0) - (times[0] ?? 0)
  return (
    <table className="points" role="table">
      <caption>
        The newest {formatCount(indices.length)} {indices.length === 1 ? 'value' : 'values'} of{' '}
        {showHidden(name)}
        {columns.length > shown.length && `, of the first ${shown.length} series`}
      </caption>
      <Labels labels={JSON.stringify(shown.map(({ label }) => label))} />
      <tbody>
        {indices.map((index) => (
          <Row
            key={times[index]}
            time={format.within(spanSeconds, times[index] ?? 0)}
            cells={shown.map(({ values }) => write(values[index], unit)).join(CELL_END)}
          />
        ))}
      </tbody>
    </table>
  )
}

/** Not in any cell. Texts are compared faster than lists, and most rows are what they were. */
const CELL_END = '\n'

const Row = memo(function Row({ time, cells }: { readonly time: string; readonly cells: string }) {
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        {time}
      </th>
      {cells.split(CELL_END).map((cell, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell is told by its column.
        <td key={i} role="cell">
          {cell}
        </td>
      ))}
    </tr>
  )
})

/** `labels`: a list of texts, as JSON. */
const Labels = memo(function Labels({ labels }: { readonly labels: string }) {
  return (
    <thead>
      <tr role="row">
        <th scope="col" role="columnheader">
          Time
        </th>
        {(JSON.parse(labels) as string[]).map((label, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two series may have one name.
          <th key={i} scope="col" role="columnheader">
            <bdi>{showHidden(label)}</bdi>
          </th>
        ))}
      </tr>
    </thead>
  )
})

/** Places of the times at which any column has a value, the newest first. */
export function newestRows(
  times: ArrayLike<number>,
  columns: readonly PointsColumn[],
  limit: number,
): number[] {
  const rows: number[] = []
  for (let i = times.length - 1; i >= 0 && rows.length < limit; i--) {
    if (columns.some(({ values }) => Number.isFinite(values[i]))) rows.push(i)
  }
  return rows
}

function write(value: number | null | undefined, unit: Unit): string {
  return typeof value === 'number' && Number.isFinite(value) ? formatWithUnit(value, unit) : '–'
}
