// A disk that fails at a call of one's choosing.
import { nodeFileSystem, type FileSystem } from '../file-system.ts'
import { unsyncedFiles } from './log-fixture.ts'

export interface Failure {
  /** The first call that fails, counted from 1. */
  readonly atCall: number
  /** How many calls fail from there on. */
  readonly calls: number
  /** `ENOSPC`, ...; `short`: a write takes a part, and the rest of it the next time. */
  readonly code: string
}

export interface FailingFiles {
  readonly files: FileSystem
  /** Calls that change something, so far. */
  readonly callCount: () => number
}

/** Calls that change what is on the disk are counted, and some of them fail. */
export function failingFiles({ atCall, calls, code }: Failure): FailingFiles {
  let callCount = 0
  const isFailing = (): boolean => {
    callCount += 1
    return callCount >= atCall && callCount < atCall + calls
  }
  const failure = (call: string): Error =>
    Object.assign(new Error(`${code}: told to fail, ${call}`), { code: code === 'short' ? 'EIO' : code })
  const failIfTold = (call: string): void => {
    if (isFailing() && code !== 'short') throw failure(call)
  }
  const files: FileSystem = {
    ...unsyncedFiles,
    openSync(path, flags) {
      if (flags !== 'r') failIfTold('open')
      return nodeFileSystem.openSync(path, flags)
    },
    writeSync(fd, bytes, offset, length, position) {
      if (!isFailing()) return nodeFileSystem.writeSync(fd, bytes, offset, length, position)
      // A part of it is on the disk either way.
      const part = Math.ceil(length / 2)
      const written = nodeFileSystem.writeSync(fd, bytes, offset, part, position)
      if (code !== 'short') throw failure('write')
      return written
    },
    ftruncateSync(fd, length) {
      failIfTold('ftruncate')
      nodeFileSystem.ftruncateSync(fd, length)
    },
    fsyncSync() {
      failIfTold('fsync')
    },
    fdatasync(_, done) {
      const isTold = isFailing() && code !== 'short'
      setImmediate(() => done(isTold ? failure('fdatasync') : null))
    },
    renameSync(from, to) {
      failIfTold('rename')
      nodeFileSystem.renameSync(from, to)
    },
    unlinkSync(path) {
      failIfTold('unlink')
      nodeFileSystem.unlinkSync(path)
    },
  }
  return { files, callCount: () => callCount }
}
