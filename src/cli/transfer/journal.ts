import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'

/** How far an import is. Everything in the order of the tree up to `through` is safe. */
export interface JournalEntry {
  /** What is imported, and into what. */
  readonly source: string
  readonly target: string
  /** Path of the last file, below the source. */
  readonly through: string
  readonly files: number
  readonly bytes: number
  readonly points: number
}

/** A small file that says how far an import is, whole at any moment. Throws the KymoError `source-unreadable`. */
export class Journal {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  get path(): string {
    return this.#path
  }

  /** undefined: no import was begun. */
  read(): JournalEntry | undefined {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw this.#unreadable(reasonOf(error))
    }
    const entry = parse(text)
    if (entry === undefined) throw this.#unreadable('it is no journal of an import')
    return entry
  }

  write(entry: JournalEntry): void {
    const aside = `${this.#path}.new`
    try {
      const descriptor = openSync(aside, 'w')
      try {
        writeSync(descriptor, `${JSON.stringify({ version: VERSION, ...entry })}\n`)
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
      renameSync(aside, this.#path)
    } catch (error) {
      throw new KymoError('file-unwritable', { path: this.#path, reason: reasonOf(error) }, { cause: error })
    }
  }

  remove(): void {
    rmSync(this.#path, { force: true })
    rmSync(`${this.#path}.new`, { force: true })
  }

  #unreadable(reason: string): KymoError {
    return new KymoError('source-unreadable', { path: this.#path, reason })
  }
}

const VERSION = 1

function parse(text: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(text) as JournalEntry & { version: number }
    const texts = [entry.source, entry.target, entry.through]
    const numbers = [entry.files, entry.bytes, entry.points]
    const isRight =
      entry.version === VERSION &&
      texts.every((value) => typeof value === 'string') &&
      numbers.every((value) => Number.isSafeInteger(value))
    return isRight ? entry : undefined
  } catch {
    return undefined
  }
}
