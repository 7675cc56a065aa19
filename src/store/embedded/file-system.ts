import * as fs from 'node:fs'
import { reasonOf } from '../../telemetry/errors.ts'

/** The system calls that the log writes with. Tests replace some to see what a failing disk does. */
export interface FileSystem {
  openSync(path: string, flags: string): number
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number
  ftruncateSync(fd: number, length: number): void
  fsyncSync(fd: number): void
  fdatasync(fd: number, done: (error: Error | null) => void): void
  closeSync(fd: number): void
  existsSync(path: string): boolean
  renameSync(from: string, to: string): void
  unlinkSync(path: string): void
}

export const nodeFileSystem: FileSystem = fs

/** A write may take less than it was given; the rest is written until the system says why it will not. */
export function writeFully(files: FileSystem, fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length) {
    const count = files.writeSync(fd, bytes, written, bytes.length - written, position + written)
    if (count === 0) throw new Error('the system wrote nothing')
    written += count
  }
}

/** What a directory lists survives a power cut only once the directory itself is synced. */
export function syncDirectory(files: FileSystem, path: string): void {
  const fd = files.openSync(path, 'r')
  try {
    files.fsyncSync(fd)
  } finally {
    files.closeSync(fd)
  }
}

/** Why a file could not be removed; undefined: it is not there any more. */
export function removeFile(files: FileSystem, path: string): string | undefined {
  try {
    files.unlinkSync(path)
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') return reasonOf(error)
  }
  return undefined
}

/** A name for a damaged file that the store leaves alone, and that nothing has yet. */
export function nameForDamaged(files: FileSystem, path: string): string {
  let name = `${path}.damaged`
  for (let copy = 2; files.existsSync(name); copy++) name = `${path}.${copy}.damaged`
  return name
}

/** `ENOSPC`, `EACCES`, ... or undefined where the system had no say. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export function isDiskFull(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}
