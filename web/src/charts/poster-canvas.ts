import type { Picture } from '../drawing-thread/messages.ts'
import { drawingThread } from '../drawing-thread/thread.ts'

type Shown = Pick<Picture, 'points' | 'scene' | 'zone' | 'style'>

/** A canvas that fills its frame, on which the drawing thread draws. */
export class PosterCanvas {
  readonly #canvas = document.createElement('canvas')
  readonly #chart: number
  readonly #observer: ResizeObserver
  #shown: Shown | null = null
  #size = { width: 0, height: 0 }

  constructor(frame: HTMLElement) {
    this.#canvas.className = 'line-poster'
    frame.append(this.#canvas)
    this.#chart = drawingThread().openChart(this.#canvas)
    this.#observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {}
      this.#size = { width: Math.floor(width), height: Math.floor(height) }
      // As large as what is drawn on it, or it would be blurred.
      Object.assign(this.#canvas.style, { width: `${this.#size.width}px`, height: `${this.#size.height}px` })
      this.#draw()
    })
    this.#observer.observe(frame)
    addEventListener(PIXEL_RATIO_CHANGED, this.#draw)
  }

  close(): void {
    removeEventListener(PIXEL_RATIO_CHANGED, this.#draw)
    this.#observer.disconnect()
    this.#canvas.remove()
    drawingThread().closeChart(this.#chart)
  }

  show(shown: Shown): void {
    this.#shown = shown
    this.#draw()
  }

  set isHidden(isHidden: boolean) {
    this.#canvas.style.visibility = isHidden ? 'hidden' : 'visible'
  }

  readonly #draw = (): void => {
    const { width, height } = this.#size
    if (this.#shown === null || width === 0 || height === 0) return
    const { points, ...shown } = this.#shown
    const { id, version } = points
    drawingThread().draw({
      ...shown,
      ...this.#size,
      points: { id, version },
      chart: this.#chart,
      pixelRatio: devicePixelRatio,
    })
  }
}

/** As uPlot says it. */
const PIXEL_RATIO_CHANGED = 'dppxchange'
