import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { DamagedPartialError } from '../formats/partial-aggregate/damage.ts'
import { decodePartial } from '../formats/partial-aggregate/decode.ts'
import { encodePartial } from '../formats/partial-aggregate/encode.ts'
import type { PartialAggregate } from '../model/partial-aggregate.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'

/**
 * The open interval between two lives of Kymo, as one file in the data directory; its bytes are described in
 * docs/formats/partial-aggregate.md. All calls block: they are made when nothing else runs, at the start and at the stop.
 *
 * A start within the interval restores it and goes on; a later one flushes it under its own timestamp; one that finds
 * this timestamp flushed already (it died in between) must not count its samples again.
 */
export interface SavedInterval {
  /** Timestamp of the newest flush; 0 if there was none. */
  readonly lastFlushMs: number
  readonly partial: PartialAggregate
}

const FILE_NAME = 'saved-interval.bin'
const MAGIC = 'KYSI'
const VERSION = 1
/** Magic 4, version 2, zero 2, last flush 8, zero 4, CRC of these 20 bytes 4; then the partial aggregate. */
const HEADER_BYTES = 24
const CRC_OFFSET = 20

/** undefined if there is none. A damaged file is moved aside and reported, and counts as none. */
export function loadSavedInterval(directory: string, log: Log): SavedInterval | undefined {
  const path = join(directory, FILE_NAME)
  const bytes = readIfPresent(path, directory)
  if (bytes === undefined) return undefined
  try {
    return decodeFile(bytes)
  } catch (error) {
    if (!(error instanceof DamagedPartialError)) throw error
    const damage = new KymoError('data-corrupt', { path, offset: error.offsetBytes, reason: error.reason })
    const movedTo = `${path}.damaged`
    attempt(path, () => {
      renameSync(path, movedTo)
      syncDirectory(directory)
    })
    log.error(
      { code: damage.code, ...damage.details, movedTo },
      'the interval saved at the last stop cannot be read: Kymo starts without its samples and the values of gauges',
    )
    return undefined
  }
}

/** After it returns, the interval survives a power cut; before, the file saved earlier does. */
export function saveInterval(directory: string, saved: SavedInterval): void {
  const path = join(directory, FILE_NAME)
  attempt(path, () => {
    const file = openSync(asidePath(path), 'w', 0o600)
    try {
      writeFileSync(file, encodeFile(saved))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(asidePath(path), path)
    syncDirectory(directory)
  })
}

/** After it returns, the interval is gone for good. Fine if there is none. */
export function clearSavedInterval(directory: string): void {
  const path = join(directory, FILE_NAME)
  attempt(path, () => {
    rmSync(asidePath(path), { force: true })
    rmSync(path, { force: true })
    syncDirectory(directory)
  })
}

function encodeFile({ lastFlushMs, partial }: SavedInterval): Uint8Array {
  const body = encodePartial(partial)
  const bytes = Buffer.alloc(HEADER_BYTES + body.length)
  bytes.write(MAGIC, 'latin1')
  bytes.writeUInt16LE(VERSION, 4)
  bytes.writeDoubleLE(lastFlushMs, 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CRC_OFFSET)), CRC_OFFSET)
  bytes.set(body, HEADER_BYTES)
  return bytes
}

function decodeFile(bytes: Buffer): SavedInterval {
  if (bytes.length < HEADER_BYTES) throw new DamagedPartialError('it is cut short', bytes.length)
  if (bytes.toString('latin1', 0, 4) !== MAGIC) throw new DamagedPartialError('it does not begin as one', 0)
  const version = bytes.readUInt16LE(4)
  if (version !== VERSION)
    throw new DamagedPartialError(`it is of version ${version}, and this Kymo reads version ${VERSION}`, 4)
  if (bytes.readUInt32LE(CRC_OFFSET) !== crc32(bytes.subarray(0, CRC_OFFSET)))
    throw new DamagedPartialError('the checksum of the header does not match', CRC_OFFSET)
  const lastFlushMs = bytes.readDoubleLE(8)
  if (!(Number.isSafeInteger(lastFlushMs) && lastFlushMs >= 0))
    throw new DamagedPartialError('the time of the last flush is no time', 8)
  return { lastFlushMs, partial: decodeBody(bytes.subarray(HEADER_BYTES)) }
}

function decodeBody(bytes: Buffer): PartialAggregate {
  try {
    return decodePartial(bytes)
  } catch (error) {
    if (!(error instanceof DamagedPartialError)) throw error
    throw new DamagedPartialError(error.reason, HEADER_BYTES + error.offsetBytes)
  }
}

function readIfPresent(path: string, directory: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new KymoError('data-unopenable', { path: directory, reason: reasonOf(error) }, { cause: error })
  }
}

/** A rename or removal is lasting only once the directory is. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function attempt(path: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    throw new KymoError('store-write-failed', { path, reason: reasonOf(error) }, { cause: error })
  }
}

function asidePath(path: string): string {
  return `${path}.new`
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
