import { closeSync, openSync } from 'node:fs'
import { systemCodeOf } from './file-system.ts'

const MOST_OPEN_FILES = 64

/** A file that was there when the directory was listed is not any more: another has taken its place, or it was dropped. */
export class FileGone extends Error {
  constructor(path: string) {
    super(`${path} is gone`)
    this.name = 'FileGone'
  }
}

/** Files open for reading, the latest used last. A descriptor is good until the next call. */
export class OpenFiles {
  readonly #descriptors = new Map<string, number>()

  /** Throws FileGone. */
  open(path: string): number {
    const known = this.#descriptors.get(path)
    if (known !== undefined) {
      this.#descriptors.delete(path)
      this.#descriptors.set(path, known)
      return known
    }
    try {
      const fd = openSync(path, 'r')
      this.#descriptors.set(path, fd)
      const oldest = this.#descriptors.keys().next().value
      if (this.#descriptors.size > MOST_OPEN_FILES && oldest !== undefined) this.close(oldest)
      return fd
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') throw new FileGone(path)
      throw error
    }
  }

  close(path: string): void {
    const fd = this.#descriptors.get(path)
    if (fd === undefined) return
    this.#descriptors.delete(path)
    closeSync(fd)
  }

  closeAll(): void {
    for (const path of this.#descriptors.keys()) this.close(path)
  }
}
