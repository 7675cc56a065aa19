import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, sleep } from '../../lib/clock.ts'
import { type FileLock, lockFile } from '../../lib/file-lock.ts'
import { SQLITE_BUSY, sqliteCodeOf } from '../../lib/load-sqlite.ts'
import { makeDirectory } from '../../lib/make-directory.ts'
import { type KymoError, reasonOf } from '../../telemetry/errors.ts'
import type { Log } from '../../telemetry/log.ts'
import { Spool, type SpoolOptions } from './spool/spool.ts'

export interface SinkStorageOptions {
  /** The data directory. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
  /** Why the disk may not be written to; undefined: it may. */
  readonly lack: () => KymoError | undefined
}

/** A Kymo that is just ending has its spools for so long. */
const LONGEST_WAIT_MS = 10_000
const TRY_EVERY_MS = 200

/**
 * The spools of all sinks, in the data directory: docs/formats/spool.md.
 *
 *   spool/kymo.lock   held while a process has them
 *   spool/<sink>/     what waits for it
 *
 * The names of sinks are letters, digits, `_` and `-`, so they are names of files as well.
 */
export class SinkStorage {
  readonly #options: SinkStorageOptions
  readonly #lock: FileLock | undefined

  /** Waits for a Kymo before this one that is not quite gone. Never rejects: without the lock there are no spools. */
  static async open(options: SinkStorageOptions): Promise<SinkStorage> {
    const { clock, log, path } = options
    const deadlineMs = clock.monotonicMs() + LONGEST_WAIT_MS
    for (;;) {
      try {
        makeDirectory(join(path, 'spool'))
        return new SinkStorage(options, lockFile(join(path, 'spool', 'kymo.lock')))
      } catch (error) {
        const isBusy = sqliteCodeOf(error) === SQLITE_BUSY
        if (!isBusy || clock.monotonicMs() >= deadlineMs) {
          const reason = isBusy ? 'another Kymo has it' : reasonOf(error)
          log.error(
            { path: join(path, 'spool'), reason },
            'sinks have no spool: what does not fit into memory is lost',
          )
          return new SinkStorage(options, undefined)
        }
      }
      await sleep(clock, TRY_EVERY_MS)
    }
  }

  private constructor(options: SinkStorageOptions, lock: FileLock | undefined) {
    this.#options = options
    this.#lock = lock
  }

  /** undefined: it cannot be, which is said. */
  openSpool(
    spool: Pick<SpoolOptions, 'sinkName' | 'limitBytes' | 'onDropped' | 'onDamaged'>,
  ): Spool | undefined {
    if (this.#lock === undefined) return undefined
    const { log, lack } = this.#options
    const path = join(this.#options.path, 'spool', spool.sinkName)
    try {
      return new Spool({ ...spool, path, log, lack })
    } catch (error) {
      log.error({ sink: spool.sinkName, path, reason: reasonOf(error) }, 'a sink has no spool')
      return undefined
    }
  }

  /** Says which spools belong to no sink: they wait for one of their name. */
  tellOrphans(sinkNames: readonly string[]): void {
    const path = join(this.#options.path, 'spool')
    try {
      for (const name of readdirSync(path, { withFileTypes: true })) {
        if (!name.isDirectory() || sinkNames.includes(name.name)) continue
        const waiting = readdirSync(join(path, name.name)).filter((file) => file.endsWith('.spool'))
        if (waiting.length > 0)
          this.#options.log.warn(
            { path: join(path, name.name), files: waiting.length },
            'there is a spool, and no sink of its name; it waits for one',
          )
      }
    } catch {
      // Nobody is told, and nothing else comes of it.
    }
  }

  close(): void {
    this.#lock?.release()
  }
}
