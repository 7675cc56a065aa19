import { formatWithUnit, type Unit } from '../format.ts'
import { showHidden } from '../series-name.ts'
import { LineSample } from './line-sample.tsx'
import type { DrawnSeries } from './drawn-series.ts'

export interface SeriesLegendProps {
  readonly series: readonly DrawnSeries[]
  /** What stands beside each: under the pointer, and without one the newest. */
  readonly values: readonly (number | null | undefined)[]
  readonly unit: Unit
  /** Index of the series next to the pointer; null: none. */
  readonly near: number | null
  /** How many there are that are not drawn. */
  readonly moreCount: number
  /** Where the name of a series leads; undefined: nowhere. */
  readonly linkOf?: (name: string) => string
}

/** Which line is which, and what it says. */
export function SeriesLegend({ series, values, unit, near, moreCount, linkOf }: SeriesLegendProps) {
  return (
    <ul className="overlay-legend">
      {series.map(({ name, color, isDashed }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two series may have one name.
        <li key={index} className={near === index ? 'overlay-near' : ''}>
          <LineSample color={color} isDashed={isDashed} className="readout-sample" />
          {linkOf === undefined ? (
            <bdi>{showHidden(name)}</bdi>
          ) : (
            <a href={linkOf(name)}>
              <bdi>{showHidden(name)}</bdi>
            </a>
          )}{' '}
          <b>{write(values[index], unit)}</b>
        </li>
      ))}
      {moreCount > 0 && <li>and {moreCount} more</li>}
    </ul>
  )
}

function write(value: number | null | undefined, unit: Unit): string {
  return value === null || value === undefined ? '–' : formatWithUnit(value, unit)
}
