import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Clock } from '../../lib/clock.ts'
import { makeDirectory } from '../../lib/make-directory.ts'

export interface RotatingFileOptions {
  readonly path: string
  readonly rotateBytes: number
  readonly rotateMs: number
  /** Of those that were put aside. */
  readonly keptFiles: number
  readonly isCompressed: boolean
  readonly clock: Pick<Clock, 'nowMs'>
  /** What went wrong beside the writing: the next rotation tries again. */
  readonly onTrouble: (error: unknown) => void
}

/** `.20260131T040010Z`, `.20260131T040010Z-2`, either with `.gz`. */
const PUT_ASIDE = /^\.\d{8}T\d{6}Z(-\d{1,6})?(\.gz)?$/
/** What was being compressed when a process ended. */
const HALF_COMPRESSED = /^\.\d{8}T\d{6}Z(-\d{1,6})?\.gz\.part$/
const LINE_FEED = 0x0a

/**
 * A file that is appended to, and put aside by renaming it when it is large or old. Whoever reads it sees whole lines, but
 * for the moment of a write. One call at a time.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions
  #handle: FileHandle | undefined
  #inode = 0
  #bytes = 0
  #begunMs = 0
  #tidying: Promise<void> = Promise.resolve()

  constructor(options: RotatingFileOptions) {
    this.#options = options
  }

  /**
   * All of it, or nothing: what has been written of it when a write fails is cut off again. Rejects with the system's error, or with what
   * `pieces` throws.
   */
  async append(pieces: Iterable<string>): Promise<void> {
    await this.#rotateIfDue()
    const handle = await this.#open()
    const start = this.#bytes
    try {
      for (const piece of pieces) {
        const bytes = Buffer.from(piece)
        await handle.appendFile(bytes)
        this.#bytes += bytes.length
      }
    } catch (error) {
      // Where even this fails, the next one that opens it ends the broken line.
      await handle.truncate(start).catch(() => {})
      await this.close()
      throw error
    }
  }

  /** Waits for what is being compressed. Safe to call twice. */
  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
    await this.#tidying
  }

  async #open(): Promise<FileHandle> {
    const { path, clock } = this.#options
    // It may have been moved or deleted by somebody else.
    const there = await stat(path).catch(() => undefined)
    if (this.#handle !== undefined && there?.ino === this.#inode) return this.#handle
    await this.#handle?.close()
    this.#handle = undefined
    makeDirectory(dirname(path))
    const handle = await open(path, 'a+')
    this.#handle = handle
    const opened = await handle.stat()
    this.#inode = opened.ino
    this.#bytes = opened.size
    this.#begunMs = opened.size === 0 ? clock.nowMs() : opened.birthtimeMs || opened.ctimeMs
    if (!(await endsWithLine(handle, opened.size))) {
      await handle.appendFile('\n')
      this.#bytes += 1
    }
    return handle
  }

  async #rotateIfDue(): Promise<void> {
    const { rotateBytes, rotateMs, clock } = this.#options
    await this.#open()
    if (this.#bytes === 0) return
    if (this.#bytes < rotateBytes && clock.nowMs() - this.#begunMs < rotateMs) return
    await this.#handle?.close()
    this.#handle = undefined
    const aside = await this.#nameAside()
    await rename(this.#options.path, aside)
    this.#tidying = this.#tidying.then(() => this.#tidy(aside)).catch(this.#options.onTrouble)
  }

  async #nameAside(): Promise<string> {
    const { path, clock } = this.#options
    const time = new Date(clock.nowMs()).toISOString().replace(/[-:]|\.\d+/g, '')
    const taken = new Set(await readdir(dirname(path)))
    for (let count = 1; ; count += 1) {
      const name = `${path}.${time}${count === 1 ? '' : `-${count}`}`
      if (!taken.has(basename(name)) && !taken.has(`${basename(name)}.gz`)) return name
    }
  }

  async #tidy(aside: string): Promise<void> {
    const { path, keptFiles, isCompressed } = this.#options
    if (isCompressed) {
      const part = `${aside}.gz.part`
      await pipeline(createReadStream(aside), createGzip(), createWriteStream(part))
      await rename(part, `${aside}.gz`)
      await rm(aside)
    }
    const directory = dirname(path)
    const own = basename(path)
    const tails = (await readdir(directory))
      .filter((name) => name.startsWith(own))
      .map((name) => name.slice(own.length))
    const old = tails.filter((tail) => PUT_ASIDE.test(tail)).sort(byAge)
    const gone = [
      ...old.slice(0, Math.max(0, old.length - keptFiles)),
      ...tails.filter((tail) => HALF_COMPRESSED.test(tail)),
    ]
    for (const tail of gone) await rm(join(directory, own + tail), { force: true })
  }
}

/** Those of one second by their numbers. */
function byAge(a: string, b: string): number {
  const timeOf = (tail: string): string => tail.slice(0, 17)
  const countOf = (tail: string): number => Number(/-(\d+)/.exec(tail)?.[1] ?? 1)
  return timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : countOf(a) - countOf(b)
}

async function endsWithLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === LINE_FEED
}
