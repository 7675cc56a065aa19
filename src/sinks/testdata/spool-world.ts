import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../telemetry/log.ts'
import { type Parcel, pointsOf } from '../delivery/queue.ts'
import { nodeSpoolFiles, type SpoolFiles } from '../delivery/spool/spool-files.ts'
import { Spool, type SpoolOptions } from '../delivery/spool/spool.ts'

const directories: string[] = []

export function spoolDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kymo-spool-'))
  directories.push(directory)
  return directory
}

export function removeSpoolDirectories(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
}

export interface OpenedSpool {
  readonly spool: Spool
  readonly dropped: Record<'queue_full' | 'damaged', number>
}

export function openSpool(path: string, options: Partial<SpoolOptions> = {}): OpenedSpool {
  const dropped = { queue_full: 0, damaged: 0 }
  const spool = new Spool({
    path,
    sinkName: 'test',
    limitBytes: 2 ** 30,
    log: silentLog,
    onDropped: (points, reason) => {
      dropped[reason] += points
    },
    ...options,
  })
  return { spool, dropped }
}

/** Delivers all, or so many. */
export function takeFrom(
  line: { hold(): Parcel | undefined; remove(): void },
  most = Number.POSITIVE_INFINITY,
): Parcel[] {
  const taken: Parcel[] = []
  while (taken.length < most) {
    const parcel = line.hold()
    if (parcel === undefined) break
    taken.push(parcel)
    line.remove()
  }
  return taken
}

export function totalOf(parcels: readonly Parcel[]): number {
  return parcels.reduce((sum, parcel) => sum + pointsOf(parcel), 0)
}

/** A disk that takes so many bytes more, and then says that it is full. */
export class FullDisk {
  roomBytes: number
  readonly files: SpoolFiles

  constructor(roomBytes: number) {
    this.roomBytes = roomBytes
    this.files = {
      ...nodeSpoolFiles,
      writeSync: (fd, bytes, offset, length, position) => {
        const count = Math.min(length, this.roomBytes)
        if (count === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
        this.roomBytes -= count
        return nodeSpoolFiles.writeSync(fd, bytes, offset, count, position)
      },
    }
  }
}

/** A disk on which calls of the system fail, as whoever asks decides. */
export class FaultyDisk {
  isFaulty: (call: keyof SpoolFiles) => boolean = () => false
  readonly files: SpoolFiles

  constructor(code = 'EIO') {
    const guard = (call: keyof SpoolFiles): unknown => {
      const real = nodeSpoolFiles[call] as (...args: unknown[]) => unknown
      return (...args: unknown[]) => {
        if (this.isFaulty(call)) throw Object.assign(new Error(`${code}: i/o error, ${call}`), { code })
        return real(...args)
      }
    }
    this.files = Object.fromEntries(
      Object.keys(CALLS).map((call) => [call, guard(call as keyof SpoolFiles)]),
    ) as unknown as SpoolFiles
  }
}

const CALLS: Readonly<Record<keyof SpoolFiles, true>> = {
  openSync: true,
  closeSync: true,
  writeSync: true,
  readSync: true,
  ftruncateSync: true,
  fstatSync: true,
  readdirSync: true,
  renameSync: true,
  unlinkSync: true,
  existsSync: true,
  statSync: true,
}
