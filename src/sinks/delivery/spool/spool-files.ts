import * as fs from 'node:fs'

/** The system calls that a spool is written and read with. Tests replace some to see what a failing disk does. */
export interface SpoolFiles {
  openSync(path: string, flags: string): number
  closeSync(fd: number): void
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number
  readSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number
  ftruncateSync(fd: number, length: number): void
  fstatSync(fd: number): { readonly size: number }
  readdirSync(path: string): string[]
  renameSync(from: string, to: string): void
  unlinkSync(path: string): void
  existsSync(path: string): boolean
  statSync(path: string): { readonly size: number; readonly mtimeMs: number; isFile(): boolean }
}

export const nodeSpoolFiles: SpoolFiles = fs

/** A write may take less than it was given; the rest is written until the system says why it will not. */
export function writeFully(files: SpoolFiles, fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.length) {
    const count = files.writeSync(fd, bytes, written, bytes.length - written, position + written)
    if (count === 0) throw new Error('the system wrote nothing')
    written += count
  }
}

/** undefined: the file ends before. */
export function readFully(
  files: SpoolFiles,
  fd: number,
  length: number,
  position: number,
): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const count = files.readSync(fd, bytes, read, length - read, position + read)
    if (count === 0) return undefined
    read += count
  }
  return bytes
}
