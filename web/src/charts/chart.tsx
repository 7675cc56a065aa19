import { useEffect, useLayoutEffect, useRef } from 'react'
import uPlot from 'uplot'
import type { EventEntry } from '../api.ts'
import { readCanvasStyle, type Theme } from '../theme.ts'
import type { Span } from '../time/time-text.ts'
import { useTimes } from '../time/times.ts'
import type { TimeWindow } from '../time-range.ts'
import { type ChartData, newestTime } from './chart-data.ts'
import { chartColumns, createChartOptions } from './chart-options.ts'
import type { ChartPlan } from './chart-plan.ts'

export interface ChartProps {
  readonly plan: ChartPlan
  readonly data: ChartData
  readonly window: TimeWindow
  readonly color: string
  readonly theme: Theme
  readonly label: string
  readonly onHover: (index: number | null) => void
  /** What happened in the window: flags. */
  readonly events?: readonly EventEntry[]
  /** Drag zooms; undefined: it does not. */
  readonly onZoom?: ((span: Span) => void) | undefined
}

const NO_EVENTS: readonly EventEntry[] = []

/** uPlot in a React frame: made anew for another plan or look, given new data otherwise. */
export function Chart({
  plan,
  data,
  window,
  color,
  theme,
  label,
  onHover,
  events = NO_EVENTS,
  onZoom,
}: ChartProps) {
  const frameRef = useRef<HTMLDivElement>(null)
  const chartRef = useRef<uPlot | null>(null)
  const times = useTimes()
  const newest = useRef({ data, window, onHover, events, onZoom })

  useLayoutEffect(() => {
    newest.current = { data, window, onHover, events, onZoom }
  })

  const canZoom = onZoom !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is read from the style sheet.
  useLayoutEffect(() => {
    const frame = frameRef.current
    if (frame === null) return
    const options = createChartOptions(
      plan,
      { color, style: readCanvasStyle(), times },
      { width: frame.clientWidth, height: frame.clientHeight },
      {
        timeRange: () => timeRangeOf(newest.current),
        completeUntil: () => newest.current.data.window.untilSeconds,
        onHover: (index) => newest.current.onHover(index),
        events: () => newest.current.events,
        ...(canZoom && { onZoom: (span: Span) => newest.current.onZoom?.(span) }),
      },
    )
    const chart = new uPlot(options, chartColumns(plan, newest.current.data), frame)
    chartRef.current = chart
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
  }, [plan, color, theme, canZoom, times])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a moved window is drawn anew with the same data.
  useEffect(() => {
    chartRef.current?.setData(chartColumns(plan, data))
  }, [plan, data, window, events])

  return <div ref={frameRef} className="chart" role="img" aria-label={label} />
}

/** The window, and the rest of an interval that is not over. */
function timeRangeOf({ data, window }: Pick<ChartProps, 'data' | 'window'>): [number, number] {
  const { untilSeconds, spanSeconds } = window
  const newest = newestTime(data)
  return [
    untilSeconds - spanSeconds,
    Math.max(untilSeconds, Math.min(newest ?? 0, untilSeconds + data.stepSeconds)),
  ]
}
