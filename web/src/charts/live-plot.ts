import uPlot from 'uplot'
import type { DrawablePoints, LineScene } from '../drawing-thread/messages.ts'
import { readCanvasStyle } from '../theme.ts'
import type { TimeFormat } from '../time/time-format.ts'
import type { Span } from '../time/time-text.ts'
import { createLineOptions, lineColumns } from './line-options.ts'
import type { PosterCanvas } from './poster-canvas.ts'
import { takeSelection } from './take-selection.ts'

/** What cannot be changed in a chart, only made anew. */
export interface PlotLook {
  readonly times: TimeFormat
}

export interface LiveScene extends LineScene {
  readonly points: DrawablePoints
  readonly focused: number | null
  readonly onHover: (time: number | null, series: number | null) => void
  readonly onZoom: (span: Span) => void
  readonly onZoomOut: () => void
}

/** The chart that answers the pointer. It is there in the poster's place while somebody points at the frame, or at a series elsewhere, and until it changes after that. */
export class LivePlot {
  readonly #frame: HTMLElement
  readonly #newest: { readonly current: LiveScene }
  readonly #poster: PosterCanvas
  readonly #observer: ResizeObserver
  #plot: uPlot | null = null
  #look: PlotLook | null = null
  #isPointedAt = false

  constructor(frame: HTMLElement, newest: { readonly current: LiveScene }, poster: PosterCanvas) {
    this.#frame = frame
    this.#newest = newest
    this.#poster = poster
    frame.addEventListener('pointerenter', this.#enter)
    frame.addEventListener('pointerleave', this.#leave)
    this.#observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = frame
      const plot = this.#plot
      if (plot !== null && width > 0 && (width !== plot.width || height !== plot.height))
        plot.setSize({ width, height })
    })
    this.#observer.observe(frame)
  }

  close(): void {
    this.#frame.removeEventListener('pointerenter', this.#enter)
    this.#frame.removeEventListener('pointerleave', this.#leave)
    this.#observer.disconnect()
    this.#remove()
  }

  /** What there is to show has changed. */
  show(look: PlotLook): void {
    const isOther = look !== this.#look
    this.#look = look
    if (this.#plot === null) return
    const isNeeded = this.#isPointedAt || this.#newest.current.focused !== null
    if (isNeeded && !isOther) {
      this.#plot.setData(lineColumns(this.#newest.current.points, this.#newest.current))
      return
    }
    this.#remove()
    if (isNeeded) this.#create()
  }

  focus(index: number | null): void {
    if (index !== null) this.#create()
    this.#plot?.setSeries(index === null ? null : index + 1, { focus: true }, false)
  }

  readonly #enter = ({ clientX, clientY }: PointerEvent): void => {
    this.#isPointedAt = true
    this.#create()
    // It was not there yet when the pointer came.
    queueMicrotask(() => {
      const over = this.#plot?.over.getBoundingClientRect()
      if (over !== undefined) this.#plot?.setCursor({ left: clientX - over.left, top: clientY - over.top })
    })
  }

  readonly #leave = (event: PointerEvent): void => {
    // What is dragged beyond the edge is still dragged.
    if (event.buttons === 0) this.#isPointedAt = false
    else
      addEventListener('pointerup', () => (this.#isPointedAt = this.#frame.matches(':hover')), { once: true })
  }

  #create(): void {
    if (this.#plot !== null || this.#look === null) return
    const { clientWidth: width, clientHeight: height } = this.#frame
    const style = readCanvasStyle()
    const { times } = this.#look
    const options = createLineOptions({ width, height, style, times }, this.#newest)
    const plot = new uPlot(
      {
        ...options,
        cursor: {
          y: false,
          focus: { prox: 24 },
          drag: { x: true, y: false, setScale: false, dist: 6 },
          points: {
            size: 8,
            width: 2,
            stroke: style.surface,
            fill: (_chart, index) => this.#newest.current.series[index - 1]?.color ?? style.label,
          },
          bind: { dblclick: () => null },
        },
        hooks: {
          ...options.hooks,
          setCursor: [(chart) => this.#newest.current.onHover(chart.cursor.idx ?? null, nearestOf(chart))],
          setSelect: [(chart) => takeSelection(chart, this.#newest.current.onZoom)],
        },
      },
      lineColumns(this.#newest.current.points, this.#newest.current),
      this.#frame,
    )
    plot.over.addEventListener('dblclick', () => this.#newest.current.onZoomOut())
    this.#plot = plot
    this.#poster.isHidden = true
  }

  #remove(): void {
    this.#plot?.destroy()
    this.#plot = null
    this.#poster.isHidden = false
  }
}

function nearestOf(chart: uPlot): number {
  return chart.series.findIndex((one, index) => index > 0 && isFocused(chart, one)) - 1
}

/** uPlot fades what is not in focus; with none in focus, nothing is faded. */
function isFocused(chart: uPlot, series: uPlot.Series): boolean {
  return (
    (series as { _focus?: boolean | null })._focus === true &&
    chart.series.some((one) => (one as { _focus?: boolean | null })._focus === false)
  )
}
