// A disk whose power can be cut: what was not synced is there afterwards in part, in any order, or not at all; what a
// directory lists too.
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import type { Random } from '../../../../test/harness/random.ts'
import type { FileSystem } from '../file-system.ts'

const SECTOR_BYTES = 512

type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly length: number }

/** What a name stands for, whatever its name is at the moment. */
class DiskFile {
  /** What would be there after a power cut, at least. */
  safe: Buffer
  changes: Change[] = []

  constructor(safe: Buffer) {
    this.safe = safe
  }

  sync(count = this.changes.length): void {
    for (const change of this.changes.splice(0, count)) this.safe = applied(this.safe, change)
  }
}

/** undefined: the name is gone. */
interface Renaming {
  readonly name: string
  readonly file: DiskFile | undefined
}

class DiskDirectory {
  readonly safe = new Map<string, DiskFile>()
  changes: Renaming[][] = []

  sync(): void {
    for (const change of this.changes.splice(0)) applyNames(this.safe, change)
  }
}

export interface PowerCutOptions {
  /** Directories that exist, with files that are safe. */
  readonly directories: readonly string[]
  readonly random: Random
  /** How often a sync fails. Then the system has forgotten what it was to write, as Linux does, and no later sync tells. */
  readonly syncFailures: number
}

/** Works on the real files, so that readers see what they would, and remembers what of it is safe. */
export class PowerCutFiles implements FileSystem {
  readonly #random: Random
  readonly #syncFailures: number
  readonly #directories = new Map<string, DiskDirectory>()
  /** As a running system sees them. */
  readonly #files = new Map<string, DiskFile>()
  readonly #open = new Map<number, { readonly path: string; readonly file: DiskFile | undefined }>()
  #isCut = false
  /** How often a sync has failed. */
  failedSyncs = 0

  constructor({ directories, random, syncFailures }: PowerCutOptions) {
    this.#random = random
    this.#syncFailures = syncFailures
    for (const path of directories) {
      const directory = new DiskDirectory()
      this.#directories.set(path, directory)
      for (const name of fs.readdirSync(path)) {
        const file = new DiskFile(fs.readFileSync(join(path, name)))
        directory.safe.set(name, file)
        this.#files.set(join(path, name), file)
      }
    }
  }

  /** Leaves in the real directories what the power cut left. Nothing is done by this object after it. */
  cutPower(): void {
    this.#isCut = true
    for (const [path, directory] of this.#directories) {
      for (const change of directory.changes) if (this.#random.chance(0.5)) applyNames(directory.safe, change)
      for (const name of fs.readdirSync(path)) fs.rmSync(join(path, name))
      for (const [name, file] of directory.safe) fs.writeFileSync(join(path, name), this.#remains(file))
    }
  }

  openSync(path: string, flags: string): number {
    this.#requirePower()
    const fd = fs.openSync(path, flags)
    const isNew = flags !== 'r' && !this.#files.has(path)
    let file = this.#files.get(path)
    if (isNew) {
      file = new DiskFile(Buffer.alloc(0))
      this.#files.set(path, file)
      this.#note(path, [{ name: nameOf(path), file }])
    } else if (flags.startsWith('w')) file?.changes.push({ kind: 'truncate', length: 0 })
    this.#open.set(fd, { path, file })
    return fd
  }

  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    this.#requirePower()
    const written = fs.writeSync(fd, bytes, offset, length, position)
    this.#fileOf(fd).changes.push({
      kind: 'write',
      position,
      bytes: bytes.slice(offset, offset + written),
    })
    return written
  }

  ftruncateSync(fd: number, length: number): void {
    this.#requirePower()
    fs.ftruncateSync(fd, length)
    this.#fileOf(fd).changes.push({ kind: 'truncate', length })
  }

  fsyncSync(fd: number): void {
    this.#requirePower()
    const { path } = this.#open.get(fd) ?? { path: '' }
    const directory = this.#directories.get(path)
    if (directory !== undefined) {
      this.#failSometimes()
      directory.sync()
    } else this.#syncFile(this.#fileOf(fd))
  }

  fdatasync(fd: number, done: (error: Error | null) => void): void {
    this.#requirePower()
    const file = this.#fileOf(fd)
    // What is written from here on may or may not be among what is synced.
    const count = file.changes.length
    setImmediate(() => {
      try {
        this.#requirePower()
        this.#syncFile(file, count)
        done(null)
      } catch (error) {
        done(error as Error)
      }
    })
  }

  closeSync(fd: number): void {
    fs.closeSync(fd)
    this.#open.delete(fd)
  }

  existsSync(path: string): boolean {
    return fs.existsSync(path)
  }

  renameSync(from: string, to: string): void {
    this.#requirePower()
    if (dirname(from) !== dirname(to)) throw new Error('this disk renames within a directory only')
    fs.renameSync(from, to)
    const file = this.#files.get(from)
    if (file === undefined) throw new Error(`${from} was never made`)
    this.#files.delete(from)
    this.#files.set(to, file)
    this.#note(to, [
      { name: nameOf(from), file: undefined },
      { name: nameOf(to), file },
    ])
  }

  unlinkSync(path: string): void {
    this.#requirePower()
    fs.unlinkSync(path)
    this.#files.delete(path)
    this.#note(path, [{ name: nameOf(path), file: undefined }])
  }

  #requirePower(): void {
    if (this.#isCut) throw new Error('there is no power')
  }

  #fileOf(fd: number): DiskFile {
    const file = this.#open.get(fd)?.file
    if (file === undefined) throw new Error('what was opened is no file of this disk')
    return file
  }

  #syncFile(file: DiskFile, count = file.changes.length): void {
    try {
      this.#failSometimes()
    } catch (error) {
      file.changes.splice(0, count)
      throw error
    }
    file.sync(count)
  }

  #failSometimes(): void {
    if (!this.#random.chance(this.#syncFailures)) return
    this.failedSyncs += 1
    throw Object.assign(new Error('EIO: told to fail, sync'), { code: 'EIO' })
  }

  #note(path: string, change: Renaming[]): void {
    this.#directories.get(dirname(path))?.changes.push(change)
  }

  /** Of what was not synced, some is there, some of that in part, and it need not be the first of it. */
  #remains(file: DiskFile): Buffer {
    let bytes = file.safe
    for (const change of file.changes) {
      if (this.#random.chance(0.4)) continue
      if (change.kind === 'truncate' || this.#random.chance(0.6)) bytes = applied(bytes, change)
      else
        for (let from = 0; from < change.bytes.length; from += SECTOR_BYTES) {
          if (this.#random.chance(0.5)) continue
          const part = change.bytes.subarray(from, from + SECTOR_BYTES)
          bytes = applied(bytes, { kind: 'write', position: change.position + from, bytes: part })
        }
    }
    return bytes
  }
}

function applied(bytes: Buffer, change: Change): Buffer {
  const length =
    change.kind === 'truncate' ? change.length : Math.max(bytes.length, change.position + change.bytes.length)
  const result = Buffer.alloc(length)
  bytes.copy(result)
  if (change.kind === 'write') result.set(change.bytes, change.position)
  return result
}

function applyNames(names: Map<string, DiskFile>, change: readonly Renaming[]): void {
  for (const { name, file } of change) {
    if (file === undefined) names.delete(name)
    else names.set(name, file)
  }
}

function nameOf(path: string): string {
  return path.slice(dirname(path).length + 1)
}
