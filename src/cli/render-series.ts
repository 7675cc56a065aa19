import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'
import type { Style } from './style.ts'

/** A series as `/render` answers it. */
export interface PrintedSeries {
  readonly target: string
  readonly datapoints: readonly (readonly [value: number | null, seconds: number])[]
}

/** Each series by itself: its name, then a line for each point. */
export function renderTable(series: readonly PrintedSeries[], style: Style): string {
  return series
    .map(({ target, datapoints }) => {
      const rows = datapoints.map(([value, seconds]) => {
        const time = new Date(seconds * 1_000).toISOString().replace('.000', '')
        return `  ${style.dim(time)}  ${value === null ? style.dim('-') : value}\n`
      })
      return `${style.bold(escapeForTerminal(target))}\n${rows.join('')}`
    })
    .join('\n')
}

const BARS = '▁▂▃▄▅▆▇█'

/** A line for each series: a bar for each point, between its least and its greatest value, which stand beside it. */
export function renderSparkLines(series: readonly PrintedSeries[], style: Style): string {
  const width = Math.max(...series.map(({ target }) => escapeForTerminal(target).length))
  return series
    .map(({ target, datapoints }) => {
      const values = datapoints.map(([value]) => value)
      const present = values.filter((value) => value !== null)
      const least = Math.min(...present)
      const most = Math.max(...present)
      const bars = values.map((value) => (value === null ? ' ' : barOf(value, least, most))).join('')
      const range = present.length === 0 ? 'no values' : `${shortNumber(least)} … ${shortNumber(most)}`
      return `${style.bold(escapeForTerminal(target).padEnd(width))}  ${bars}  ${style.dim(range)}\n`
    })
    .join('')
}

function barOf(value: number, least: number, most: number): string {
  const share = most === least ? 0.5 : (value - least) / (most - least)
  return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] ?? ''
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)))
}
