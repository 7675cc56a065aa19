import { closeSync, openSync } from 'node:fs'
import { systemCodeOf } from './file-system.ts'
import { segmentPath } from './segment-file.ts'

const MOST_OPEN_FILES = 64

/** Segments open for reading, the latest used last. A descriptor is good until the next call. */
export class OpenFiles {
  readonly #logPath: string
  readonly #descriptors = new Map<number, number>()

  constructor(logPath: string) {
    this.#logPath = logPath
  }

  /** undefined: the segment was dropped meanwhile. */
  open(number: number): number | undefined {
    const known = this.#descriptors.get(number)
    if (known !== undefined) {
      this.#descriptors.delete(number)
      this.#descriptors.set(number, known)
      return known
    }
    try {
      const fd = openSync(segmentPath(this.#logPath, number), 'r')
      this.#descriptors.set(number, fd)
      const oldest = this.#descriptors.keys().next().value
      if (this.#descriptors.size > MOST_OPEN_FILES && oldest !== undefined) this.close(oldest)
      return fd
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  close(number: number): void {
    const fd = this.#descriptors.get(number)
    if (fd === undefined) return
    this.#descriptors.delete(number)
    closeSync(fd)
  }

  closeAll(): void {
    for (const number of this.#descriptors.keys()) this.close(number)
  }
}
