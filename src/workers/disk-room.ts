import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { KymoError } from '../telemetry/errors.ts'

export interface DiskRoomOptions {
  /** What is on the disk; need not be there yet. */
  readonly path: string
  readonly reservedBytes: number | 'auto'
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Size of the file system, and what of it this user may still fill. */
  readonly measure?: (path: string) => DiskSpace
}

export interface DiskSpace {
  readonly totalBytes: number
  readonly freeBytes: number
}

const MEASURE_EVERY_MS = 1_000
const LEAST_RESERVE_BYTES = 100_000_000
const RESERVED_SHARE = 0.01
/** Writing that was stopped goes on with so much more than the reserve, so that it does not start and stop all the time. */
const SPARE_SHARE = 0.1

/**
 * Whether the disk may be written to: so much of it stays free that sealing, merging and a clean stop still have room, and
 * so have the programs beside us.
 */
export class DiskRoom {
  readonly #path: string
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #measure: (path: string) => DiskSpace
  #reservedBytes: number | 'auto'
  #measuredAtMs = Number.NEGATIVE_INFINITY
  #lack: KymoError | undefined

  constructor({ path, reservedBytes, clock, measure = measureFileSystem }: DiskRoomOptions) {
    this.#path = path
    this.#clock = clock
    this.#measure = measure
    this.#reservedBytes = reservedBytes
  }

  setReserve(reservedBytes: number | 'auto'): void {
    this.#reservedBytes = reservedBytes
    this.#measuredAtMs = Number.NEGATIVE_INFINITY
  }

  /** undefined: there is room. Otherwise the KymoError `disk-reserved`. Right to a second. */
  lack(): KymoError | undefined {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#measuredAtMs < MEASURE_EVERY_MS) return this.#lack
    this.#measuredAtMs = nowMs
    this.#lack = this.#lackNow()
    return this.#lack
  }

  #lackNow(): KymoError | undefined {
    const space = this.#spaceNow()
    // A file system that does not say how full it is says so when it is.
    if (space === undefined || space.totalBytes === 0) return undefined
    const { totalBytes, freeBytes } = space
    const reserved =
      this.#reservedBytes === 'auto'
        ? Math.max(LEAST_RESERVE_BYTES, totalBytes * RESERVED_SHARE)
        : this.#reservedBytes
    const wanted = this.#lack === undefined ? reserved : reserved * (1 + SPARE_SHARE)
    if (freeBytes >= wanted) return undefined
    return new KymoError('disk-reserved', {
      path: this.#path,
      free: inMegabytes(freeBytes),
      reserved: inMegabytes(wanted),
    })
  }

  #spaceNow(): DiskSpace | undefined {
    for (let path = this.#path; ; path = dirname(path)) {
      try {
        return this.#measure(path)
      } catch (error) {
        // Where it will be made decides.
        const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
        if (!isMissing || dirname(path) === path) return undefined
      }
    }
  }
}

function measureFileSystem(path: string): DiskSpace {
  const { bsize, blocks, bavail } = statfsSync(path)
  return { totalBytes: bsize * blocks, freeBytes: bsize * bavail }
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
