import type { MetricKind } from '../api.ts'
import { type ChartData, shownBand, valueAt } from '../charts/chart-data.ts'
import type { Band, ChartPlan, PlannedLine } from '../charts/chart-plan.ts'
import { formatNumber, formatSpan, formatWithUnit } from '../format.ts'
import type { CardSummary } from './card-summary.ts'

export interface CardReadoutProps {
  readonly type: MetricKind
  readonly plan: ChartPlan
  readonly data: ChartData
  readonly summary: CardSummary
  /** Index of the point under the cursor; null: none, the newest is shown. */
  readonly hovered: number | null
  readonly color: string
}

/** The legend under a chart, which is also where the values under the cursor are read. */
export function CardReadout({ type, plan, data, summary, hovered, color }: CardReadoutProps) {
  const band = shownBand(plan, data)
  const classes = ['readout', hovered !== null && 'readout-hovered', plan.band !== null && 'readout-banded']
  return (
    <footer className={classes.filter(Boolean).join(' ')}>
      <ul className="readout-lines">
        {plan.lines.map((line) => (
          <li key={line.key}>
            <LineSample line={line} shape={plan.shape} color={color} />
            {labelOf(line, type, data)} <b>{formatAt(data, line.key, hovered, plan)}</b>
          </li>
        ))}
        {band !== null && (
          <li
            title={
              band.ofKey === undefined
                ? 'Lowest and highest'
                : 'Lowest and highest of what one point is made of'
            }
          >
            <svg className="readout-sample" viewBox="0 0 14 8" aria-hidden="true">
              <rect width="14" height="8" rx="2" fill={color} opacity="0.25" />
            </svg>
            low–high <b>{formatBand(data, band, hovered, plan)}</b>
          </li>
        )}
      </ul>
      {(plan.band === null || plan.band.ofKey !== undefined) && (
        <span className="readout-extent">{describeExtent(summary, plan, type)}</span>
      )}
    </footer>
  )
}

/** Its place, until there is something to read: the card has its height before it has its points. */
export function ReadoutRoom({ plan }: Pick<CardReadoutProps, 'plan'>) {
  return <div className={plan.band === null ? 'readout' : 'readout readout-banded'} />
}

function labelOf(line: PlannedLine, type: MetricKind, data: ChartData): string {
  return type === 'counter' ? `in ${formatSpan(data.stepSeconds)}` : line.label
}

function formatAt(data: ChartData, key: string, index: number | null, plan: ChartPlan): string {
  const newest = data.columns.get(key)?.findLast((point) => point !== null)
  const value = index === null ? (newest ?? null) : valueAt(data, key, index)
  return value === null ? '–' : formatWithUnit(value, plan.unit)
}

/** Of one point alone both are the same. */
function formatBand(data: ChartData, band: Band, index: number | null, plan: ChartPlan): string {
  const lower = formatAt(data, band.lowerKey, index, plan)
  const upper = formatAt(data, band.upperKey, index, plan)
  return lower === upper ? lower : `${lower}–${upper}`
}

function describeExtent({ min, max }: CardSummary, plan: ChartPlan, type: MetricKind): string {
  if (min === null || max === null) return ''
  if (type === 'counter') return `min ${formatNumber(min, 3)} · max ${formatNumber(max, 3)} /s`
  return `min ${formatWithUnit(min, plan.unit)} · max ${formatWithUnit(max, plan.unit)}`
}

function LineSample({ line, shape, color }: { line: PlannedLine; shape: ChartPlan['shape']; color: string }) {
  if (shape === 'bars') {
    return (
      <svg className="readout-sample" viewBox="0 0 14 8" aria-hidden="true">
        <path d="M1 8V4h3v4zM5.5 8V0h3v8zM10 8V2h3v6z" fill={color} />
      </svg>
    )
  }
  return (
    <svg className="readout-sample" viewBox="0 0 14 8" aria-hidden="true">
      <path
        d="M0 4h14"
        stroke={color}
        strokeWidth={line.style === 'main' ? 2.5 : 1.5}
        {...(line.style === 'dashed' && { strokeDasharray: '3.5 2' })}
      />
    </svg>
  )
}
