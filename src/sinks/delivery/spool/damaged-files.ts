import { join } from 'node:path'
import { reasonOf } from '../../../telemetry/errors.ts'
import type { Log } from '../../../telemetry/log.ts'
import type { SpoolFiles } from './spool-files.ts'

export interface DamagedFilesOptions {
  /** Directory of the spool. */
  readonly path: string
  readonly sinkName: string
  readonly log: Log
  readonly files: SpoolFiles
  readonly onDamaged?: (kept: number, removed: number) => void
}

/** A failing disk must not fill what is left of it with what it has spoiled. */
const MOST_FILES = 10
const MOST_BYTES = 64 * 1024 * 1024
const SUFFIX = '.bad'
/** What else lies there is not ours. */
const OWN_NAME = /^\d{10}\.spool\.bad$/

interface DamagedFile {
  readonly path: string
  readonly bytes: number
  readonly changedMs: number
}

/** Files of a spool that are put aside, as there is something wrong with them: as many as fit, the newest of them. */
export class DamagedFiles {
  readonly #options: DamagedFilesOptions

  constructor(options: DamagedFilesOptions) {
    this.#options = options
  }

  /** Throws what the system says, if it cannot be put aside. */
  keep(path: string): void {
    this.#options.files.renameSync(path, `${path}${SUFFIX}`)
    this.tidy()
  }

  /** Removes the oldest beyond the bounds, and says which. */
  tidy(): void {
    const { sinkName, log, files, onDamaged } = this.#options
    const kept = this.#find()
    let removed = 0
    let bytes = kept.reduce((sum, file) => sum + file.bytes, 0)
    while (kept.length > MOST_FILES || (bytes > MOST_BYTES && kept.length > 1)) {
      const oldest = kept.shift() as DamagedFile
      bytes -= oldest.bytes
      try {
        files.unlinkSync(oldest.path)
      } catch (error) {
        const fields = { sink: sinkName, path: oldest.path, reason: reasonOf(error) }
        log.warn(fields, 'a damaged file of the spool cannot be removed')
        continue
      }
      removed += 1
      log.warn(
        { sink: sinkName, path: oldest.path, bytes: oldest.bytes },
        'a damaged file of the spool is removed, as only the newest are kept',
      )
    }
    onDamaged?.(kept.length, removed)
  }

  /** The oldest first. */
  #find(): DamagedFile[] {
    const { path: directory, files } = this.#options
    const found: DamagedFile[] = []
    try {
      for (const name of files.readdirSync(directory).filter((each) => OWN_NAME.test(each))) {
        const path = join(directory, name)
        const stat = files.statSync(path)
        if (stat.isFile()) found.push({ path, bytes: stat.size, changedMs: stat.mtimeMs })
      }
    } catch {
      // What cannot be seen is not removed.
    }
    return found.sort((a, b) => a.changedMs - b.changedMs || (a.path < b.path ? -1 : 1))
  }
}
