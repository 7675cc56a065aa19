import { memo } from 'react'
import { type ChartData, valueAt } from '../charts/chart-data.ts'
import type { ChartPlan } from '../charts/chart-plan.ts'
import { formatWithUnit } from '../format.ts'
import { useTimes } from '../time/times.ts'

export interface ValueTableProps {
  readonly name: string
  readonly plan: ChartPlan
  readonly data: ChartData
}

const ROWS = 10

/** The newest values of a chart for those who cannot see it. */
export const ValueTable = memo(function ValueTable({ name, plan, data }: ValueTableProps) {
  const times = useTimes()
  const rows = data.times
    .map((seconds, index) => ({
      seconds,
      values: plan.lines.map((line) => valueAt(data, line.key, index)),
    }))
    .filter(({ values }) => values.some((value) => value !== null))
    .slice(-ROWS)
  return (
    <div className="visually-hidden">
      <table>
        <caption>
          The last {rows.length} values of {name}
        </caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {plan.lines.map((line) => (
              <th key={line.key} scope="col">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ seconds, values }) => (
            <tr key={seconds}>
              <th scope="row">{times.time(seconds)}</th>
              {values.map((value, i) => (
                <td key={plan.lines[i]?.key}>{value === null ? 'none' : formatWithUnit(value, plan.unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
})
