import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { KymoError, reasonOf } from '../../../telemetry/errors.ts'
import { nodeFileSystem, syncDirectory } from '../file-system.ts'
import { verifyStore, type StoreReport } from './verify-store.ts'

/**
 * Makes a data directory of a backup, and reads every byte of it before it gets its name: a crash leaves the whole or nothing. The backup stays as it
 * is. Throws the KymoErrors `restore-refused`, and `data-unopenable` and `data-version` for what is no backup.
 */
export function restoreStore(backupPath: string, targetPath: string): StoreReport {
  const unfinished = `${targetPath}.restoring`
  try {
    if (!existsSync(backupPath)) throw refusal(targetPath, `there is no backup in "${backupPath}"`)
    if (existsSync(targetPath) && readdirSync(targetPath).length > 0)
      throw refusal(targetPath, 'it is not empty')
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(dirname(targetPath), { recursive: true })
    cpSync(backupPath, unfinished, { recursive: true, preserveTimestamps: true })
    const report = verifyStore({ path: unfinished, repairs: false })
    const damages = [...report.files, ...report.tiers.flatMap(({ files }) => files)].flatMap(
      (file) => file.damages,
    )
    if (damages.length > 0)
      throw refusal(
        targetPath,
        `the backup is damaged in ${damages.length} places; \`kymo verify\` says where`,
      )
    rmSync(targetPath, { recursive: true, force: true })
    renameSync(unfinished, targetPath)
    syncDirectory(nodeFileSystem, dirname(targetPath))
    return report
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw error instanceof KymoError ? error : refusal(targetPath, reasonOf(error))
  }
}

function refusal(path: string, reason: string): KymoError {
  return new KymoError('restore-refused', { path, reason })
}
