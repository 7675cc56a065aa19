import { writeSync } from 'node:fs'
import { systemClock, type Clock, type Timer } from '../lib/clock.ts'

export interface LogDestinationOptions {
  readonly descriptor: number
  readonly clock?: Clock
  /** As fs.writeSync; tests have a pipe of their own. */
  readonly write?: (descriptor: number, bytes: Uint8Array) => number
}

/** Lines kept for a reader that does not keep up; beyond this they are dropped. */
const MOST_WAITING_BYTES = 262_144
const FULL_PIPE_PAUSE_MS = 50

/**
 * Where log lines go: straight to a descriptor, so that the last words of a thread are out before it ends, but never
 * waiting for whoever reads. `kymo 2>&1 | less` may stand still for hours, and a thread that waited for it would take
 * nothing in. A full pipe says so (the main thread's use of stderr has put it in that mode); then lines wait here, and
 * those that are too many are dropped and counted. A reader that is gone is not written to, and not complained about.
 */
export class LogDestination {
  readonly #descriptor: number
  readonly #clock: Clock
  readonly #write: (descriptor: number, bytes: Uint8Array) => number
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #droppedLines = 0
  #retry: Timer | undefined

  constructor(options: LogDestinationOptions) {
    this.#descriptor = options.descriptor
    this.#clock = options.clock ?? systemClock
    this.#write = options.write ?? writeSync
  }

  write(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      this.#droppedLines += 1
      return
    }
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#retry === undefined) this.#pump()
  }

  #pump(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const written = this.#tryToWrite(first)
      if (written === undefined) return
      this.#waitingBytes -= written
      if (written < first.length) this.#waiting[0] = first.subarray(written)
      else this.#waiting.shift()
    }
    if (this.#droppedLines > 0) this.#tellDropped()
  }

  /** How many bytes were taken; undefined: none for now. */
  #tryToWrite(bytes: Uint8Array): number | undefined {
    try {
      return this.#write(this.#descriptor, bytes)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
        this.#retry = this.#clock.after(FULL_PIPE_PAUSE_MS, () => {
          this.#retry = undefined
          this.#pump()
        })
      } else {
        this.#waiting = []
        this.#waitingBytes = 0
      }
      return undefined
    }
  }

  #tellDropped(): void {
    const lines = this.#droppedLines
    this.#droppedLines = 0
    const time = new Date(this.#clock.nowMs()).toISOString()
    this.write(
      `${JSON.stringify({ level: 40, time, lines, msg: 'log lines were dropped: nobody read them' })}\n`,
    )
  }
}
