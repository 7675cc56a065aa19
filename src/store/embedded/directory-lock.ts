import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { loadSqlite, SQLITE_BUSY, SQLITE_FULL, sqliteCodeOf } from '../load-sqlite.ts'

/**
 * One process per data directory. The lock is the exclusive transaction of an otherwise empty SQLite database,
 * which is the lock of the operating system that Node can reach without a native module: the kernel lets go of it
 * when the process ends, however it ends. A process id in a file could be stale, or another process by now; here
 * it only serves the message.
 *
 * Nothing else may open `kymo.lock`: on POSIX systems closing any descriptor of a file gives up the locks of the
 * whole process on it.
 */
export interface DirectoryLock {
  /** Safe to call twice. */
  release(): void
}

export function lockDirectory(path: string): DirectoryLock {
  const pidPath = join(path, 'kymo.pid')
  const database = takeLock(path, pidPath)
  try {
    writeFileSync(pidPath, `${process.pid}\n`)
  } catch (error) {
    database.close()
    throw error
  }
  return {
    release() {
      if (!database.isOpen) return
      rmSync(pidPath, { force: true })
      database.close()
    },
  }
}

function takeLock(path: string, pidPath: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = openDatabase(join(path, 'kymo.lock'))
    // The journal would be a second file. Nothing is ever written, so there is nothing to roll back.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
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

function openDatabase(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite()
  return new DatabaseSync(path, { timeout: 0 })
}

function holderOf(pidPath: string): string {
  try {
    const pid = Number.parseInt(readFileSync(pidPath, 'utf8'), 10)
    return Number.isNaN(pid) ? '' : ` (process ${pid})`
  } catch {
    return ''
  }
}
