import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'

/**
 * The few calls of the C library that Node has no words for: it knows datagrams of UDP, but only one at a time, and none
 * of Unix sockets.
 * They answer as they do in C, -1 for a failure, and then `lastError` says why.
 *
 * Memory that is handed to a call has to be outside of Node's pool (`Buffer.allocUnsafeSlow`), and somebody has to
 * hold on to it until the call has ended.
 */
export interface Libc {
  readonly constants: LibcConstants
  socket(domain: number, type: number, protocol: number): number
  bind(descriptor: number, address: Uint8Array, addressBytes: number): number
  listen(descriptor: number, backlog: number): number
  setsockopt(descriptor: number, level: number, option: number, value: Int32Array, valueBytes: number): number
  getsockopt(
    descriptor: number,
    level: number,
    option: number,
    value: Uint32Array,
    valueBytes: Uint32Array,
  ): number
  getsockname(descriptor: number, address: Uint8Array, addressBytes: Uint32Array): number
  recv(descriptor: number, into: Uint8Array, intoBytes: number, flags: number): number
  /** Linux only. */
  recvmmsg(
    descriptor: number,
    messages: Uint8Array,
    messageCount: number,
    flags: number,
    timeout: null,
  ): number
  shutdown(descriptor: number, how: number): number
  dup(descriptor: number): number
  dup2(descriptor: number, target: number): number
  close(descriptor: number): number
  /**
   * Waits on a thread of libuv's pool, which does nothing else meanwhile and cannot be interrupted: not for long. The
   * descriptor has to stay open until it is over.
   */
  poll(descriptors: Uint8Array, descriptorCount: number, timeoutMs: number): Promise<number>
  /** The same, on this thread, which does nothing else meanwhile either: not for long. */
  pollHere(descriptors: Uint8Array, descriptorCount: number, timeoutMs: number): number
  /** Lets this thread do nothing for so long and a little longer, less than a millisecond. */
  napHere(microseconds: number): void
  /** Where memory is, for structures that point to it. It has to be held on to for as long as they are used. */
  addressOf(memory: Uint8Array): bigint
  /** Of the call before, which was none of `poll`: that fails on another thread. */
  lastError(call: string): NodeJS.ErrnoException
  /** The call before failed only because there is nothing now, or was interrupted: ask again. Cheaper than its error. */
  isTryAgain(): boolean
}

export interface LibcConstants {
  readonly AF_UNIX: number
  readonly AF_INET: number
  readonly AF_INET6: number
  readonly SOCK_STREAM: number
  readonly SOCK_DGRAM: number
  readonly SOL_SOCKET: number
  readonly SO_REUSEADDR: number
  readonly SO_RCVBUF: number
  readonly SO_RCVBUFFORCE: number
  readonly SO_REUSEPORT: number
  readonly SO_MEMINFO: number
  readonly IPPROTO_IPV6: number
  readonly IPV6_V6ONLY: number
  readonly MSG_DONTWAIT: number
  readonly SHUT_RD: number
  readonly POLLIN: number
  /** macOS: an address begins with its length, and its family has one byte. */
  readonly hasAddressLength: boolean
}

const EVERYWHERE = {
  AF_UNIX: 1,
  AF_INET: 2,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SHUT_RD: 0,
  POLLIN: 1,
  IPPROTO_IPV6: 41,
}
/** What only Linux has. */
const NONE = -1

const CONSTANTS: Readonly<Record<string, LibcConstants>> = {
  linux: {
    ...EVERYWHERE,
    AF_INET6: 10,
    SOL_SOCKET: 1,
    SO_REUSEADDR: 2,
    SO_RCVBUF: 8,
    SO_RCVBUFFORCE: 33,
    SO_REUSEPORT: 15,
    SO_MEMINFO: 55,
    IPV6_V6ONLY: 26,
    MSG_DONTWAIT: 0x40,
    hasAddressLength: false,
  },
  darwin: {
    ...EVERYWHERE,
    AF_INET6: 30,
    SOL_SOCKET: 0xffff,
    SO_REUSEADDR: 4,
    SO_RCVBUF: 0x1002,
    SO_RCVBUFFORCE: NONE,
    SO_REUSEPORT: 0x200,
    SO_MEMINFO: NONE,
    IPV6_V6ONLY: 27,
    MSG_DONTWAIT: 0x80,
    hasAddressLength: true,
  },
}

/**
 * Loads koffi, which calls C. That is a megabyte of native code, so it is only done where it is needed. Rejects with an
 * error whose message is a reason for people.
 */
export async function loadLibc(platform: string = process.platform): Promise<Libc> {
  const known = CONSTANTS[platform]
  if (known === undefined) throw new Error(`this needs Linux or macOS, and this is ${platform}`)
  const koffi = await import('koffi').catch((cause: unknown) => {
    throw new Error('the native part of koffi is not installed for this machine', { cause })
  })
  // What the process itself is linked with, be it glibc or musl.
  const library = koffi.load(null)
  /** struct timespec: seconds, nanoseconds. */
  const napTime = new BigInt64Array(2)
  const nanosleep = library.func('nanosleep', 'int', ['void *', 'void *'])
  const poll = library.func('poll', 'int', ['void *', 'ulong', 'int'])
  return {
    constants: known,
    socket: library.func('socket', 'int', ['int', 'int', 'int']),
    bind: library.func('bind', 'int', ['int', 'void *', 'uint']),
    listen: library.func('listen', 'int', ['int', 'int']),
    setsockopt: library.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint']),
    getsockopt: library.func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']),
    getsockname: library.func('getsockname', 'int', ['int', 'void *', 'void *']),
    recv: library.func('recv', 'long', ['int', 'void *', 'size_t', 'int']),
    recvmmsg:
      platform === 'linux'
        ? library.func('recvmmsg', 'int', ['int', 'void *', 'uint', 'int', 'void *'])
        : () => {
            throw new Error('BUG: only Linux has recvmmsg')
          },
    shutdown: library.func('shutdown', 'int', ['int', 'int']),
    dup: library.func('dup', 'int', ['int']),
    dup2: library.func('dup2', 'int', ['int', 'int']),
    close: library.func('close', 'int', ['int']),
    poll: (descriptors, descriptorCount, timeoutMs) =>
      new Promise((resolve, reject) => {
        poll.async(descriptors, descriptorCount, timeoutMs, (error: unknown, result: number) => {
          // `descriptors` is named here, so that it lives for as long as the call does.
          if (error === null && descriptors.length > 0) resolve(result)
          else reject(error instanceof Error ? error : new Error('BUG: poll without descriptors'))
        })
      }),
    pollHere: poll,
    napHere(microseconds) {
      napTime[1] = BigInt(microseconds * 1_000)
      nanosleep(napTime, null)
    },
    addressOf: (memory) => koffi.address(memory),
    lastError: (call) => systemError(call, koffi.errno()),
    isTryAgain: () => TRY_AGAIN.has(koffi.errno()),
  }
}

/**
 * A descriptor of a new socket. A thread may end without a word, and then Node closes the descriptors that it has opened
 * there itself. A socket that stayed open would look alive for as long as the process is, and keep its name from the thread
 * that follows. So it takes the place of a descriptor of Node's, and is closed as one. Throws the error of the system.
 */
export function openSocket(libc: Libc, domain: number, type: number): number {
  const socket = libc.socket(domain, type, 0)
  if (socket < 0) throw libc.lastError('socket')
  const descriptor = openSync('/dev/null', 'r')
  const failure = libc.dup2(socket, descriptor) < 0 ? libc.lastError('dup2') : undefined
  libc.close(socket)
  if (failure === undefined) return descriptor
  closeSync(descriptor)
  throw failure
}

const TRY_AGAIN: ReadonlySet<number> = new Set([
  constants.errno.EAGAIN,
  constants.errno.EWOULDBLOCK,
  constants.errno.EINTR,
])

/** Looks like the errors that Node throws itself. */
function systemError(call: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno)
  const error: NodeJS.ErrnoException = new Error(`${code}: ${getSystemErrorMessage(-errno)}, ${call}`)
  return Object.assign(error, { code, errno: -errno, syscall: call })
}
