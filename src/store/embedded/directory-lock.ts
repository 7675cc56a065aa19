import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FileLock, lockFile } from '../../lib/file-lock.ts'
import { SQLITE_BUSY, SQLITE_FULL, sqliteCodeOf } from '../../lib/load-sqlite.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'

/**
 * One process per data directory. `kymo.lock` is the lock (see lib/file-lock.ts). A process id in a file could be stale, or
 * another process by now; here it only serves the message.
 */
export interface DirectoryLock {
  /** Safe to call twice. */
  release(): void
}

export function lockDirectory(path: string): DirectoryLock {
  const pidPath = join(path, 'kymo.pid')
  const lock = takeLock(path, pidPath)
  try {
    writeFileSync(pidPath, `${process.pid}\n`)
  } catch (error) {
    lock.release()
    throw error
  }
  let isReleased = false
  return {
    release() {
      if (isReleased) return
      isReleased = true
      rmSync(pidPath, { force: true })
      lock.release()
    },
  }
}

function takeLock(path: string, pidPath: string): FileLock {
  try {
    return lockFile(join(path, 'kymo.lock'))
  } catch (error) {
    const code = sqliteCodeOf(error)
    if (code === SQLITE_BUSY) {
      throw new KymoError('data-in-use', { path, holder: holderOf(pidPath) }, { cause: error })
    }
    if (code === SQLITE_FULL) throw new KymoError('disk-full', { path }, { cause: error })
    throw new KymoError(
      'data-unopenable',
      { path, reason: `kymo.lock: ${reasonOf(error)}` },
      { cause: error },
    )
  }
}

function holderOf(pidPath: string): string {
  try {
    const pid = Number.parseInt(readFileSync(pidPath, 'utf8'), 10)
    return Number.isNaN(pid) ? '' : ` (process ${pid})`
  } catch {
    return ''
  }
}
