import { constants } from 'node:fs'
import { copyFile, mkdir, open, readdir } from 'node:fs/promises'
import path from 'node:path'
import { KymoError, reasonOf } from '../telemetry/errors.ts'

/** Of a backup, and of a data directory whose `dashboards.path` is left out. */
const DIRECTORY = 'dashboards'

/**
 * Copies the files of dashboards into a backup, whether or not they can be read as such; answers how many. Links are not followed.
 * Rejects with the KymoError `backup-refused`.
 */
export async function backUpDashboards(directory: string, backup: string): Promise<number> {
  const target = path.join(backup, DIRECTORY)
  try {
    const names = await filesIn(directory)
    if (names.length === 0) return 0
    await mkdir(target, { mode: 0o700 })
    for (const name of names) {
      await copyFile(path.join(directory, name), path.join(target, name), constants.COPYFILE_EXCL)
      await sync(path.join(target, name))
    }
    await sync(target)
    return names.length
  } catch (error) {
    throw new KymoError('backup-refused', { path: target, reason: reasonOf(error) }, { cause: error })
  }
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries.flatMap((entry) =>
      entry.isFile() && entry.name.endsWith('.json') && !entry.name.startsWith('.') ? [entry.name] : [],
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
