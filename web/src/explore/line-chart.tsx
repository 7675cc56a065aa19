import { memo, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { LivePlot } from '../charts/live-plot.ts'
import { PointsTable } from '../charts/points-table.tsx'
import { PosterCanvas } from '../charts/poster-canvas.ts'
import type { DrawablePoints, LineScene } from '../drawing-thread/messages.ts'
import { readCanvasStyle, type Theme } from '../theme.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'

export interface LineChartProps extends LineScene {
  readonly points: DrawablePoints
  readonly theme: Theme
  /** Index of the series that stands out; null: none. */
  readonly focused: number | null
  /** Of what it is the chart. Hostile text. */
  readonly name: string
  /** Its values as a table, in its place. */
  readonly isTable: boolean
  /** Index of the time under the pointer, and of the series next to it. */
  readonly onHover: (time: number | null, series: number | null) => void
  readonly onZoom: (span: Span) => void
  readonly onZoomOut: () => void
}

/** Many series on one pair of axes, or the same as a table. Drag zooms, a double click zooms out. */
export const LineChart = memo(function LineChart(props: LineChartProps) {
  const { series, points, isTable, name, unit } = props
  const columns = useMemo(
    () => series.map((one, index) => ({ label: one.name, values: points.columns[index] ?? [] })),
    [series, points],
  )
  const table = (
    <PointsTable name={name} times={points.times} columns={columns} unit={unit} isShown={isTable} />
  )
  return isTable ? (
    <div className="line-chart line-chart-table">{table}</div>
  ) : (
    <>
      <Lines {...props} />
      {table}
    </>
  )
})

/** A picture, which the drawing thread makes; while somebody points at it, a chart of the page's own that answers the pointer is in its place. */
function Lines(props: LineChartProps) {
  const frameRef = useRef<HTMLDivElement>(null)
  const posterRef = useRef<PosterCanvas | null>(null)
  const plotRef = useRef<LivePlot | null>(null)
  const newest = useRef(props)
  const times = useTimes()
  useLayoutEffect(() => {
    newest.current = props
  })
  const { series, points, span, theme, events, unit, isStacked, focused } = props
  const { zone } = times
  const lines = series.map(({ color, isDashed, isShown }) => `${color}${isDashed}${isShown}`).join()
  const look = useMemo(
    () => ({ lines, theme, times, unit, isStacked }),
    [lines, theme, times, unit, isStacked],
  )

  useLayoutEffect(() => {
    const frame = frameRef.current
    if (frame === null) return
    const poster = new PosterCanvas(frame)
    const plot = new LivePlot(frame, newest, poster)
    posterRef.current = poster
    plotRef.current = plot
    return () => {
      plot.close()
      poster.close()
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is read from the style sheet.
  useLayoutEffect(() => {
    const style = readCanvasStyle()
    posterRef.current?.show({ points, scene: { series, span, events, unit, isStacked }, zone, style })
  }, [series, points, span, events, unit, isStacked, zone, theme])
  useLayoutEffect(() => {
    plotRef.current?.show(look)
    // biome-ignore lint/correctness/useExhaustiveDependencies: it reads the newest of them.
  }, [look, series, points, span, events])
  useEffect(() => plotRef.current?.focus(focused), [focused])

  return <div ref={frameRef} className="line-chart" role="img" aria-label={`Graph of ${props.name}`} />
}
