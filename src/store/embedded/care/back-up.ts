import { constants, copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { KymoError, reasonOf } from '../../../telemetry/errors.ts'
import type { BackupReport } from '../../backup-report.ts'
import { nodeFileSystem, syncDirectory, systemCodeOf } from '../file-system.ts'

export interface FilesToBackUp {
  readonly storePath: string
  readonly targetPath: string
  readonly linked: readonly UnchangingFile[]
  /** Small, and changing. */
  readonly copied: readonly string[]
}

/** Links all files before it returns to whoever might change them, and copies them after that if they cannot be linked to the target. */
export async function backUp({ storePath, targetPath, ...files }: FilesToBackUp): Promise<BackupReport> {
  makeBackupDirectory(targetPath)
  try {
    const linked = linkFiles(storePath, targetPath, files)
    return { path: targetPath, files: linked.paths.length, bytes: linked.bytes, isLinked: true }
  } catch (error) {
    rmSync(targetPath, { recursive: true, force: true })
    if (!isUnlinkable(error)) throw refusal(targetPath, error)
  }
  makeBackupDirectory(targetPath)
  const staging = stagingPath(storePath)
  try {
    mkdirSync(staging, { mode: 0o700 })
    const linked = linkFiles(storePath, staging, files)
    await copyFiles(staging, targetPath, linked)
    return { path: targetPath, files: linked.paths.length, bytes: linked.bytes, isLinked: false }
  } catch (error) {
    rmSync(targetPath, { recursive: true, force: true })
    throw refusal(targetPath, error)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/** A file of the store that never changes any more. */
interface UnchangingFile {
  readonly path: string
  readonly lengthBytes: number
}

interface LinkedFiles {
  readonly paths: readonly string[]
  readonly bytes: number
}

/** Throws the KymoError `backup-refused`. */
function makeBackupDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    if (readdirSync(path).length > 0)
      throw new KymoError('backup-refused', { path, reason: 'it is not empty' })
  } catch (error) {
    if (error instanceof KymoError) throw error
    throw refusal(path, error)
  }
}

function refusal(path: string, error: unknown): KymoError {
  return new KymoError('backup-refused', { path, reason: reasonOf(error) }, { cause: error })
}

/**
 * Gives files of the store a second name in another directory of the same file system, at once: whatever becomes of the first name,
 * the file stays. What is small and changes (`copied`) is copied.
 */
function linkFiles(
  storePath: string,
  targetPath: string,
  { linked, copied }: { readonly linked: readonly UnchangingFile[]; readonly copied: readonly string[] },
): LinkedFiles {
  const made = new Set<string>()
  const targetOf = (path: string): string => {
    const target = join(targetPath, relative(storePath, path))
    const directory = dirname(target)
    if (!made.has(directory)) mkdirSync(directory, { recursive: true, mode: 0o700 })
    made.add(directory)
    return target
  }
  const paths: string[] = []
  let bytes = 0
  for (const { path, lengthBytes } of linked) {
    const target = targetOf(path)
    linkSync(path, target)
    paths.push(target)
    bytes += lengthBytes
  }
  for (const path of copied) {
    const target = targetOf(path)
    copyFileSync(path, target, constants.COPYFILE_EXCL)
    paths.push(target)
  }
  for (const directory of [targetPath, ...made]) syncDirectory(nodeFileSystem, directory)
  return { paths, bytes }
}

/** Copies what was linked to where it could not be linked to: another file system. */
async function copyFiles(fromPath: string, toPath: string, { paths }: LinkedFiles): Promise<void> {
  const directories = new Set<string>([toPath])
  for (const path of paths) {
    const target = join(toPath, relative(fromPath, path))
    if (!directories.has(dirname(target))) mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    directories.add(dirname(target))
    await copyFile(path, target, constants.COPYFILE_EXCL)
    syncFile(target)
  }
  for (const directory of directories) syncDirectory(nodeFileSystem, directory)
}

/** A file system that links cannot lead to, or that has none. */
function isUnlinkable(error: unknown): boolean {
  return ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCodeOf(error) ?? '')
}

/** Within the data, for as long as a backup is copied from it; a start removes what a crash left. */
export function stagingPath(storePath: string): string {
  return join(storePath, 'backup.new')
}

function syncFile(path: string): void {
  const fd = nodeFileSystem.openSync(path, 'r+')
  try {
    nodeFileSystem.fsyncSync(fd)
  } finally {
    nodeFileSystem.closeSync(fd)
  }
}
