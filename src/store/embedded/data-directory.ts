import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../../lib/make-directory.ts'
import { KymoError, reasonOf } from '../../telemetry/errors.ts'
import { stagingPath } from './care/back-up.ts'
import { lockDirectory, type DirectoryLock } from './directory-lock.ts'
import { isDiskFull, nodeFileSystem, syncDirectory, systemCodeOf } from './file-system.ts'

/**
 * The data directory: made if it is missing, known by its FORMAT, held by one process, for as long as that has a
 * reference to the object.
 *
 *   kymo-data/
 *     FORMAT       what this is: "kymo-data 3"
 *     kymo.lock    held while a process uses the directory
 *     kymo.pid     which process that is, for messages
 *     log/         the segments of the log
 *     blocks/      what was in segments before, sorted and packed
 *     tiers/       what is older, in slots of coarser steps
 */
export interface DataDirectory {
  readonly path: string
  readonly logPath: string
  readonly blocksPath: string
  readonly tiersPath: string
  /** Lets go of the lock. Safe to call twice. */
  close(): void
}

const FORMAT_NAME = 'kymo-data'
const FORMAT_VERSION = 3
/** The same without blocks, and without tiers: what earlier Kymos wrote. */
const EARLIER_FORMATS: readonly (string | undefined)[] = [`${FORMAT_NAME} 1`, `${FORMAT_NAME} 2`]
const KNOWN_FORMAT = `${FORMAT_NAME} ${FORMAT_VERSION}`

/** Where in a data directory what is. */
export function dataPaths(path: string): Pick<DataDirectory, 'logPath' | 'blocksPath' | 'tiersPath'> {
  return { logPath: join(path, 'log'), blocksPath: join(path, 'blocks'), tiersPath: join(path, 'tiers') }
}

/**
 * For those who only look: makes nothing and takes no lock. Throws the KymoErrors `data-unopenable`, also where no Kymo
 * has kept anything, and `data-version`.
 */
export function requireDataDirectory(path: string): void {
  try {
    const names = readdirSync(path)
    const found = readIfThere(join(path, 'FORMAT')) ?? ''
    if (found === '') {
      // What a crash left of a first start, or a FORMAT that somebody removed.
      if (names.includes('log') || names.includes('blocks')) return
      const reason = 'there is no data of Kymo in it'
      throw new KymoError('data-unopenable', { path, reason })
    }
    if (!EARLIER_FORMATS.includes(found) && found !== KNOWN_FORMAT) throw unknownFormat(path, found)
  } catch (error) {
    throw openingFailure(path, error)
  }
}

export function openDataDirectory(path: string): DataDirectory {
  makeDataDirectory(path)
  let lock: DirectoryLock | undefined
  try {
    const held = (lock = lockDirectory(path))
    checkFormat(path)
    const paths = dataPaths(path)
    const areNew = Object.values(paths).map((one) => makeDirectory(one))
    rmSync(stagingPath(path), { recursive: true, force: true })
    if (areNew.includes(true)) syncDirectory(nodeFileSystem, path)
    return { path, ...paths, close: () => held.release() }
  } catch (error) {
    lock?.release()
    throw openingFailure(path, error)
  }
}

/** What the system refused while the directory was being opened, as an error that a person can act on. */
export function openingFailure(path: string, error: unknown): unknown {
  if (error instanceof KymoError || systemCodeOf(error) === undefined) return error
  if (isDiskFull(error)) return new KymoError('disk-full', { path }, { cause: error })
  return new KymoError('data-unopenable', { path, reason: reasonOf(error) }, { cause: error })
}

function makeDataDirectory(path: string): void {
  try {
    makeDirectory(path)
  } catch (error) {
    if (isDiskFull(error)) throw new KymoError('disk-full', { path }, { cause: error })
    // Something that is no directory is in its place: this cannot be opened, the rest cannot be set up.
    const isInTheWay = systemCodeOf(error) === 'EEXIST'
    const reason = isInTheWay ? 'it is not a directory' : reasonOf(error)
    throw new KymoError(
      isInTheWay ? 'data-unopenable' : 'data-uninitialisable',
      { path, reason },
      { cause: error },
    )
  }
}

function checkFormat(path: string): void {
  const formatPath = join(path, 'FORMAT')
  const found = readIfThere(formatPath)
  // An empty file is what a full disk leaves of a first start. Where there are no blocks yet, saying that there may be is all
  // that changes; it is said before the first one, so that no earlier Kymo takes the log for all there is.
  if (found === undefined || found === '' || EARLIER_FORMATS.includes(found)) writeFormat(path, formatPath)
  else if (found !== KNOWN_FORMAT) throw unknownFormat(path, found)
}

function unknownFormat(path: string, found: string): KymoError {
  return new KymoError('data-version', {
    path,
    found: JSON.stringify(found.slice(0, 40)),
    known: JSON.stringify(KNOWN_FORMAT),
  })
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Written beside and renamed, so that a crash leaves all of it or nothing. */
function writeFormat(path: string, formatPath: string): void {
  const temporaryPath = `${formatPath}.new`
  writeFileSync(temporaryPath, `${KNOWN_FORMAT}\n`)
  const fd = openSync(temporaryPath, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporaryPath, formatPath)
  syncDirectory(nodeFileSystem, path)
}
