import { chmod, link, lstat, stat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { reasonOf } from '../telemetry/errors.ts'
import { pathInUse, pathUnavailable, type UnixTarget } from './unix-bind-error.ts'

/**
 * The file by which clients find a Unix socket. It outlives a program that is killed, and then keeps its name from
 * the next one; so it is replaced, but only if it is a socket that nobody listens on.
 *
 *   bind   kymo.sock.4711            made, with whatever permissions
 *   chmod  kymo.sock.4711            as the setting says
 *   link   kymo.sock.4711 kymo.sock  fails if there is something, which is then looked at
 *   unlink kymo.sock.4711
 *
 * So clients never meet a socket with other permissions, and two programs that start at once cannot both have the name.
 * The detour has one more reason: Node removes the file it bound when a server is closed, whosesoever it is by then. That
 * name is long gone here, and only a file that is still ours is ever removed.
 */
export interface SocketFile {
  /** The file is there, and is the one that was made. */
  isOurs(): Promise<boolean>
  /** Removes it if it is ours. To be called while the socket is open: until then, no other file can look like it. */
  remove(): Promise<void>
}

/** Calls `bind` with a path to make the socket on. Rejects with a KymoError; then whatever was bound is to be closed. */
export async function createSocketFile(
  target: UnixTarget,
  mode: number,
  bind: (path: string) => Promise<void>,
): Promise<SocketFile> {
  if (Buffer.byteLength(target.path) > LONGEST_PATH_BYTES) {
    throw pathUnavailable(target, `a socket's path may have ${LONGEST_PATH_BYTES} bytes`)
  }
  // Node calls a missing directory a missing permission.
  await stat(path.dirname(target.path)).catch((error: unknown) => {
    throw translate(target, error)
  })
  await clear(target, target.path)
  const temporaryPath = `${target.path}.${process.pid}`
  // Left by a program that was killed in between and had our process id.
  await clear(target, temporaryPath)
  try {
    await bind(temporaryPath)
    await chmod(temporaryPath, mode)
    const identity = await identify(temporaryPath)
    await giveName(target, temporaryPath)
    const isOurs = async (): Promise<boolean> => (await identify(target.path)) === identity
    return {
      isOurs,
      async remove() {
        if (await isOurs()) await unlinkIfThere(target.path)
      },
    }
  } catch (error) {
    throw translate(target, error)
  } finally {
    await unlinkIfThere(temporaryPath)
  }
}

/** The shortest that any system allows is 103; the name that is bound has up to eight more than the path. */
const LONGEST_PATH_BYTES = 95
const NAMING_ATTEMPTS = 3

async function giveName(target: UnixTarget, temporaryPath: string): Promise<void> {
  for (let attempt = 1; attempt <= NAMING_ATTEMPTS; attempt++) {
    try {
      await link(temporaryPath, target.path)
      return
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    await clear(target, target.path)
  }
  throw pathInUse(target)
}

/** Makes sure that there is nothing at the path, or rejects. */
async function clear(target: UnixTarget, candidate: string): Promise<void> {
  try {
    const stats = await lstat(candidate).catch(undefinedIfMissing)
    if (stats === undefined) return
    if (!stats.isSocket()) {
      throw pathUnavailable(target, 'there is something that is no socket, and it is left as it is')
    }
    const identity = await identify(candidate)
    if (await hasListener(candidate)) throw pathInUse(target)
    // Meanwhile another program may have done the same, and then it is not stale any more.
    if ((await identify(candidate)) === identity) await unlinkIfThere(candidate)
  } catch (error) {
    throw translate(target, error)
  }
}

/** A stream is asked for, but a datagram socket is told apart as well: it is there, and is of the wrong kind. */
function hasListener(candidate: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(candidate)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const isAnswered = ANSWERED.get(error.code ?? '')
      if (isAnswered === undefined) reject(error)
      else resolve(isAnswered)
    })
  })
}

/** What a refused connection says about whether somebody listens. */
const ANSWERED = new Map([
  ['ECONNREFUSED', false],
  ['ENOENT', false],
  ['EPROTOTYPE', true], // but not to a stream
  ['EAGAIN', true], //     and more clients wait than may
])

/** undefined: there is nothing. */
async function identify(candidate: string): Promise<string | undefined> {
  const stats = await lstat(candidate, { bigint: true }).catch(undefinedIfMissing)
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`
}

async function unlinkIfThere(candidate: string): Promise<void> {
  await unlink(candidate).catch(undefinedIfMissing)
}

function translate(target: UnixTarget, error: unknown): Error {
  const directory = path.dirname(target.path)
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return pathInUse(target)
    case 'EACCES':
    case 'EPERM':
      return pathUnavailable(target, `this user may not make a socket in "${directory}"`, error)
    case 'ENOENT':
    case 'ENOTDIR':
      return pathUnavailable(target, `there is no directory "${directory}"`, error)
    case undefined:
      return error instanceof Error ? error : new Error(reasonOf(error))
    default:
      return pathUnavailable(target, reasonOf(error), error)
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

/** undefined for a KymoError, whose code is of another kind. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('errno' in error)) return undefined
  return String(error.code)
}
