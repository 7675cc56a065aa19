import { NOTHING_ALIGNED } from '../explore/aligned.ts'
import type { Answer, Ask, FromDrawingThread, Picture, ToDrawingThread } from './messages.ts'

export const NO_ANSWER: Answer = {
  span: null,
  targets: [],
  series: [],
  points: { ...NOTHING_ALIGNED, id: 0, version: 0 },
  isWhole: false,
}

/** The page's side of the thread that draws. */
export class DrawingThread {
  readonly #worker: Worker
  readonly #listeners = new Map<number, (answer: Answer) => void>()
  readonly #pictures = new Map<number, Picture>()
  #lastId = 0

  constructor(worker: Worker) {
    this.#worker = worker
    worker.addEventListener('message', ({ data }: MessageEvent<FromDrawingThread>) => {
      for (const [id, answer] of data.answers) this.#listeners.get(id)?.(answer)
    })
    worker.addEventListener('error', () => {
      for (const listen of this.#listeners.values())
        listen({ ...NO_ANSWER, targets: [{ target: '', problem: BROKEN, hasValues: false }], isWhole: true })
    })
  }

  /** A number to ask under. */
  listen(listener: (answer: Answer) => void): number {
    this.#listeners.set(++this.#lastId, listener)
    return this.#lastId
  }

  ask(ask: Ask): void {
    this.#send({ kind: 'ask', ask })
  }

  forget(id: number): void {
    this.#listeners.delete(id)
    this.#send({ kind: 'forget', id })
  }

  /** From here on what is on the canvas is the thread's. */
  openChart(canvas: HTMLCanvasElement): number {
    const chart = ++this.#lastId
    const offscreen = canvas.transferControlToOffscreen()
    this.#send({ kind: 'canvas', chart, canvas: offscreen }, [offscreen])
    return chart
  }

  closeChart(chart: number): void {
    this.#pictures.delete(chart)
    this.#send({ kind: 'close', chart })
  }

  /** The newest of each chart, all in one message once the page has come to rest. */
  draw(picture: Picture): void {
    if (this.#pictures.size === 0) {
      queueMicrotask(() => {
        this.#send({ kind: 'draw', pictures: [...this.#pictures.values()] })
        this.#pictures.clear()
      })
    }
    this.#pictures.set(picture.chart, picture)
  }

  #send(message: ToDrawingThread, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer)
  }
}

const BROKEN = 'The part of this page that draws has failed. Load the page again.'

let thread: DrawingThread | undefined

/** Begun by the first who needs it. */
export function drawingThread(): DrawingThread {
  thread ??= new DrawingThread(
    new Worker(new URL('./drawing-thread.ts', import.meta.url), { type: 'module', name: 'drawing' }),
  )
  return thread
}
