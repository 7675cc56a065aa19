import { useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import uPlot from 'uplot'
import type { EventEntry } from '../api.ts'
import { chartAxes, dateIn } from '../charts/chart-axes.ts'
import { isolatedPoints } from '../charts/chart-drawing.ts'
import type { DrawnSeries } from '../charts/drawn-series.ts'
import { drawEventFlags } from '../charts/event-flags.ts'
import { PointsTable } from '../charts/points-table.tsx'
import { takeSelection } from '../charts/take-selection.ts'
import { completePaths, drawUnfinished } from '../charts/unfinished.ts'
import { valueRange } from '../charts/value-range.ts'
import type { Unit } from '../format.ts'
import { readCanvasStyle, type Theme } from '../theme.ts'
import type { TimeFormat } from '../time/time-format.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'
import type { Aligned } from './series-stats.ts'

export interface LineChartProps {
  readonly series: readonly DrawnSeries[]
  readonly data: Aligned
  readonly span: Span
  readonly theme: Theme
  readonly events: readonly EventEntry[]
  /** Index of the series that stands out; null: none. */
  readonly focused: number | null
  /** Of what it is the chart. Hostile text. */
  readonly name: string
  readonly unit?: Unit
  /** Its values as a table, in its place. */
  readonly isTable: boolean
  /** Index of the time under the pointer, and of the series next to it. */
  readonly onHover: (time: number | null, series: number | null) => void
  readonly onZoom: (span: Span) => void
  readonly onZoomOut: () => void
}

const LINE_WIDTH = 1.75

/** Many series on one pair of axes, or the same as a table. Drag zooms, a double click zooms out. */
export function LineChart(props: LineChartProps) {
  const { series, data, isTable, name } = props
  const columns = useMemo(
    () => series.map((one, index) => ({ label: one.name, values: data.columns[index] ?? [] })),
    [series, data],
  )
  const table = (
    <PointsTable
      name={name}
      times={data.times}
      columns={columns}
      unit={props.unit ?? 'none'}
      isShown={isTable}
    />
  )
  return isTable ? (
    <div className="line-chart line-chart-table">{table}</div>
  ) : (
    <>
      <Lines {...props} />
      {table}
    </>
  )
}

function Lines(props: LineChartProps) {
  const frameRef = useRef<HTMLDivElement>(null)
  const chartRef = useRef<uPlot | null>(null)
  const newest = useRef(props)
  const times = useTimes()
  useLayoutEffect(() => {
    newest.current = props
  })
  const { series, data, span, theme, events, focused } = props
  const shape = series.map(({ color, isDashed, isShown }) => `${color}${isDashed}${isShown}`).join()

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` says when the series are others.
  useLayoutEffect(() => {
    const frame = frameRef.current
    if (frame === null) return
    const chart = new uPlot(createOptions(frame, newest, times), columnsOf(newest.current.data), frame)
    chartRef.current = chart
    const zoomOut = () => newest.current.onZoomOut()
    chart.over.addEventListener('dblclick', zoomOut)
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = frame
      if (width > 0 && (width !== chart.width || height !== chart.height)) chart.setSize({ width, height })
    })
    observer.observe(frame)
    return () => {
      observer.disconnect()
      chart.destroy()
      chartRef.current = null
    }
  }, [shape, theme, times])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another span is drawn anew with the same data.
  useEffect(() => {
    chartRef.current?.setData(columnsOf(data))
  }, [data, span, events])
  useEffect(() => {
    chartRef.current?.setSeries(focused === null ? null : focused + 1, { focus: true }, false)
  }, [focused])

  return <div ref={frameRef} className="line-chart" role="img" aria-label={`Graph of ${props.name}`} />
}

function createOptions(
  frame: HTMLElement,
  newest: { readonly current: LineChartProps },
  times: TimeFormat,
): uPlot.Options {
  const style = readCanvasStyle()
  const completeUntil = (index: number) =>
    newest.current.series[index]?.completeUntilSeconds ?? Number.POSITIVE_INFINITY
  return {
    width: frame.clientWidth,
    height: frame.clientHeight,
    padding: [14, 8, 0, 0],
    legend: { show: false },
    tzDate: dateIn(times),
    focus: { alpha: 0.25 },
    cursor: {
      y: false,
      focus: { prox: 24 },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      points: {
        size: 8,
        width: 2,
        stroke: style.surface,
        fill: (_chart, index) => newest.current.series[index - 1]?.color ?? style.label,
      },
      bind: { dblclick: () => null },
    },
    scales: {
      x: { time: true, range: () => [newest.current.span.fromSeconds, newest.current.span.untilSeconds] },
      y: { range: (_chart, low, high) => valueRange(low, high, false) },
    },
    axes: chartAxes(style, newest.current.unit ?? 'none', times),
    series: [
      {},
      ...newest.current.series.map(({ color, isDashed, isShown }, index) => ({
        stroke: color,
        width: LINE_WIDTH,
        show: isShown,
        paths: completePaths(uPlot.paths.linear?.(), () => completeUntil(index)),
        ...(isDashed && { dash: [5, 4] }),
        points: { show: true, size: 5, width: 0, fill: color, filter: isolatedPoints },
      })),
    ],
    hooks: {
      setCursor: [
        (chart) =>
          newest.current.onHover(
            chart.cursor.idx ?? null,
            chart.series.findIndex((one, index) => index > 0 && isFocused(chart, one)) - 1,
          ),
      ],
      setSelect: [(chart) => takeSelection(chart, newest.current.onZoom)],
      drawSeries: [
        (chart, index) => {
          const one = newest.current.series[index - 1]
          if (one?.isShown === true) {
            drawUnfinished(chart, index, { ...one, width: LINE_WIDTH, isStepped: false })
          }
        },
      ],
      draw: [(chart) => drawEventFlags(chart, newest.current.events, style.label)],
    },
  }
}

/** uPlot fades what is not in focus; with none in focus, nothing is faded. */
function isFocused(chart: uPlot, series: uPlot.Series): boolean {
  return (
    (series as { _focus?: boolean | null })._focus === true &&
    chart.series.some((one) => (one as { _focus?: boolean | null })._focus === false)
  )
}

function columnsOf({ times, columns }: Aligned): uPlot.AlignedData {
  return [times.slice(), ...columns.map((column) => column.slice())]
}
