import type * as Sqlite from 'node:sqlite'

/**
 * Loaded when a database is opened and not at the top of a file, so that commands without a store neither wait for it
 * nor warn about it.
 */
export function loadSqlite(): typeof Sqlite {
  return withoutExperimentalWarning(() => process.getBuiltinModule('node:sqlite'))
}

/** The kind of error, as SQLite counts them; undefined where it was not SQLite that failed. */
export function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  // The low byte is the kind of error; the rest of an extended code says more about it.
  return Number(error.errcode) & 0xff
}

export const SQLITE_ERROR = 1
export const SQLITE_BUSY = 5
export const SQLITE_CORRUPT = 11
export const SQLITE_FULL = 13
export const SQLITE_NOTADB = 26

/** Early releases of Node 24 print a warning when SQLite is first loaded. What Kymo uses of it is not in question. */
function withoutExperimentalWarning<Result>(action: () => Result): Result {
  const warnings = Object.getOwnPropertyDescriptor(process, 'emitWarning')
  process.emitWarning = () => {}
  try {
    return action()
  } finally {
    if (warnings !== undefined) Object.defineProperty(process, 'emitWarning', warnings)
  }
}
