import type { Clock } from '../../lib/clock.ts'
import type { Output } from '../command.ts'

export interface ProgressOptions {
  readonly output: Output
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Of what; 0: nobody knows. */
  readonly totalBytes: number
  /** Done before. */
  readonly startBytes?: number
}

/** A terminal sees it move, a file is not filled with it. */
const TERMINAL_EVERY_MS = 500
const FILE_EVERY_MS = 10_000

/** Says on stderr how far something is, and how long it will take from here. */
export class Progress {
  readonly #options: ProgressOptions
  readonly #beganMs: number
  #shownMs: number
  #isShown = false

  constructor(options: ProgressOptions) {
    this.#options = options
    this.#beganMs = options.clock.monotonicMs()
    this.#shownMs = this.#beganMs
  }

  /** `text` is made only when it is shown. */
  show(doneBytes: number, points: number, text: () => string): void {
    const { output, clock, totalBytes, startBytes = 0 } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#shownMs < (output.isTTY === true ? TERMINAL_EVERY_MS : FILE_EVERY_MS)) return
    this.#shownMs = nowMs
    this.#isShown = true
    const seconds = Math.max(0.001, (nowMs - this.#beganMs) / 1_000)
    const own = doneBytes - startBytes
    const parts = [text(), `${formatCount(points / seconds)} points/s`]
    if (totalBytes > 0) {
      parts.unshift(`${((100 * doneBytes) / totalBytes).toFixed(1)} %`)
      if (own > 0) parts.push(`${formatSeconds(((totalBytes - doneBytes) * seconds) / own)} left`)
    }
    output.write(output.isTTY === true ? `\r\u001b[K${parts.join(', ')}` : `${parts.join(', ')}\n`)
  }

  /** Clears the line that was being shown. */
  end(): void {
    if (this.#isShown && this.#options.output.isTTY === true) this.#options.output.write('\r\u001b[K')
  }
}

/** `45.6 million` */
export function formatCount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} billion`
  return count >= 1e6 ? `${(count / 1e6).toFixed(2)} million` : Math.round(count).toLocaleString('en')
}

/** `2 h 5 min`, `3 min`, `12 s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
