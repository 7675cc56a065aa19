import { memo } from 'react'
import '../styles/points-table.css'
import { showHidden } from '../series-name.ts'

export interface ChartToolsProps {
  /** Of what it is the chart. Hostile text. */
  readonly name: string
  readonly isTable: boolean
  readonly onTable: (isTable: boolean) => void
  /** Address of the picture; undefined: there is none. */
  readonly image: string | undefined
  /** Address of all values as text. */
  readonly csv?: string | undefined
}

/** What can be done with a chart: see its values as a table, have it as a picture. */
export const ChartTools = memo(function ChartTools({ name, isTable, onTable, image, csv }: ChartToolsProps) {
  return (
    <div className="chart-tools">
      <button
        type="button"
        className="icon-button"
        aria-pressed={isTable}
        aria-label={`Table of ${showHidden(name)}`}
        title={isTable ? 'Back to the graph' : 'The values as a table'}
        onClick={() => onTable(!isTable)}
      >
        <Sign path="M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6" />
      </button>
      {csv !== undefined && (
        <a
          className="icon-button"
          href={csv}
          download="kymo.csv"
          aria-label={`Values of ${showHidden(name)} as CSV`}
          title="All values as CSV"
        >
          <Sign path="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.5h10" />
        </a>
      )}
      {image !== undefined && (
        <a
          className="icon-button"
          href={image}
          target="_blank"
          rel="noopener"
          aria-label={`Picture of ${showHidden(name)}`}
          title="This graph as a picture; its address can be used elsewhere"
        >
          <Sign path="M2.5 3.5h11v9h-11zM2.5 10.5l3.2-3 2.8 2.5 2-1.7 3 2.7M10.4 6.2h.01" />
        </a>
      )}
    </div>
  )
})

function Sign({ path }: { readonly path: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
