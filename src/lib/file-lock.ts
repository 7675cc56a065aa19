import type { DatabaseSync } from 'node:sqlite'
import { loadSqlite } from './load-sqlite.ts'

/**
 * A lock that one process has at a time: the exclusive transaction of an otherwise empty SQLite database, which is the lock of the
 * operating system that Node can reach without a native module. The kernel lets go of it when the process ends, however it ends.
 *
 * Nothing else may open the file: on POSIX systems closing any descriptor of a file gives up the locks of the whole process
 * on it.
 */
export interface FileLock {
  /** Safe to call twice. */
  release(): void
}

/** Throws the error of SQLite; see load-sqlite.ts for its codes. */
export function lockFile(path: string): FileLock {
  const { DatabaseSync } = loadSqlite()
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 0 })
    // The journal would be a second file. Nothing is ever written, so there is nothing to roll back.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    throw error
  }
  const held = database
  return {
    release() {
      if (held.isOpen) held.close()
    },
  }
}
