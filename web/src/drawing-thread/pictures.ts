import { onCanvas, setPixelRatio } from './canvas-without-page.ts'
import uPlot from 'uplot'
import { createLineOptions, lineColumns } from '../charts/line-options.ts'
import type { Aligned } from '../explore/aligned.ts'
import { createTimeFormat } from '../time/time-format.ts'
import type { LineScene, Picture } from './messages.ts'

interface DrawnChart {
  readonly canvas: OffscreenCanvas
  plot: uPlot | null
  /** What it cannot be changed in, only made anew. */
  look: string
  readonly newest: { current: LineScene }
}

const NO_SCENE: LineScene = {
  series: [],
  span: { fromSeconds: 0, untilSeconds: 1 },
  events: [],
  unit: 'none',
  isStacked: false,
}

/** Draws the charts of a page on their canvases. */
export class Pictures {
  readonly #charts = new Map<number, DrawnChart>()

  open(chart: number, canvas: OffscreenCanvas): void {
    this.#charts.set(chart, { canvas, plot: null, look: '', newest: { current: NO_SCENE } })
  }

  close(chart: number): void {
    this.#charts.get(chart)?.plot?.destroy()
    this.#charts.delete(chart)
  }

  draw(picture: Picture, points: Aligned): void {
    const chart = this.#charts.get(picture.chart)
    if (chart === undefined) return
    setPixelRatio(picture.pixelRatio)
    const { scene, width, height, zone, style } = picture
    chart.newest.current = scene
    const columns = lineColumns(points, scene)
    const lines = scene.series.map(({ color, isDashed, isShown }) => [color, isDashed, isShown])
    const look = JSON.stringify([lines, scene.unit, scene.isStacked, zone, style])
    if (chart.plot === null || chart.look !== look) {
      chart.plot?.destroy()
      chart.look = look
      const options = createLineOptions({ width, height, style, times: createTimeFormat(zone) }, chart.newest)
      chart.plot = onCanvas(chart.canvas, () => new uPlot({ ...options, cursor: { show: false } }, columns))
      return
    }
    const { plot } = chart
    if (width !== plot.width || height !== plot.height) plot.setSize({ width, height })
    plot.setData(columns)
  }
}
