import type { IncomingLine, IncomingLines } from '../api/services.ts'
import type { LineSample } from '../model/line-sample.ts'

const MOST_LINES = 500

/** The newest lines that the threads have sampled, numbered from 1. */
export class SampledLines {
  #lines: IncomingLine[] = []
  #lastId = 0

  add(sample: LineSample): void {
    this.#lines.push({ id: ++this.#lastId, ...sample })
    if (this.#lines.length > MOST_LINES) this.#lines.shift()
  }

  /** An id that has not been given yet is from before a restart, and answered with all there are. */
  after(id: number): IncomingLines {
    const lines = id > this.#lastId ? this.#lines : this.#lines.filter((line) => line.id > id)
    return { lines: [...lines], lastId: this.#lastId }
  }
}
