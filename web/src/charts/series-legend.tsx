import { memo } from 'react'
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
export const SeriesLegend = memo(function SeriesLegend(props: SeriesLegendProps) {
  const { series, values, unit, near, moreCount, linkOf } = props
  return (
    <ul className="overlay-legend">
      {series.map(({ name, color, isDashed }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two series may have one name.
        <li key={index} className={near === index ? 'overlay-near' : ''}>
          <Label name={name} color={color} isDashed={isDashed} href={linkOf?.(name)} />{' '}
          <b>{write(values[index], unit)}</b>
        </li>
      ))}
      {moreCount > 0 && <li>and {moreCount} more</li>}
    </ul>
  )
})

/** What stays as it is while values come. */
const Label = memo(function Label(props: {
  readonly name: string
  readonly color: string
  readonly isDashed: boolean
  readonly href: string | undefined
}) {
  const { name, color, isDashed, href } = props
  return (
    <>
      <LineSample color={color} isDashed={isDashed} className="readout-sample" />
      {href === undefined ? (
        <bdi>{showHidden(name)}</bdi>
      ) : (
        <a href={href}>
          <bdi>{showHidden(name)}</bdi>
        </a>
      )}
    </>
  )
})

function write(value: number | null | undefined, unit: Unit): string {
  return value === null || value === undefined ? '–' : formatWithUnit(value, unit)
}
