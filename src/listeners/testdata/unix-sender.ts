import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import koffi from 'koffi'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const MSG_DONTWAIT = process.platform === 'darwin' ? 0x80 : 0x40
const library = koffi.load(null)
const socket = library.func('socket', 'int', ['int', 'int', 'int'])
const bind = library.func('bind', 'int', ['int', 'void *', 'uint'])
const connect = library.func('connect', 'int', ['int', 'void *', 'uint'])
const send = library.func('send', 'long', ['int', 'void *', 'size_t', 'int'])
const close = library.func('close', 'int', ['int'])

/** A client that sends datagrams to a path, and never waits in a system call. */
export class UnixSender {
  readonly #descriptor: number

  constructor(path: string) {
    this.#descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
    const address = encodeAddress(path)
    if (connect(this.#descriptor, address, address.length) < 0) this.#fail()
  }

  /** Resolves once the kernel has taken it: a full queue is waited for, as clients that wait do. */
  async send(text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    while (send(this.#descriptor, bytes, bytes.length, MSG_DONTWAIT) < 0) {
      if (koffi.errno() !== koffi.os.errno['EAGAIN']) this.#fail()
      await nextTurn()
    }
  }

  close(): void {
    close(this.#descriptor)
  }

  #fail(): never {
    const errno = koffi.errno()
    const code = Object.entries(koffi.os.errno).find(([, number]) => number === errno)?.[0]
    throw Object.assign(new Error(`the system says ${code}`), { code })
  }
}

/** Somebody else's socket, on which datagrams could arrive; its descriptor is to be closed. */
export function bindDatagrams(path: string): { close(): void } {
  const descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
  const address = encodeAddress(path)
  if (bind(descriptor, address, address.length) < 0) throw new Error(`errno ${koffi.errno()}`)
  return { close: () => close(descriptor) }
}

/** A short path: a socket's may not be long. */
export function createSocketDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'kymo-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

function encodeAddress(path: string): Buffer {
  const bytes = Buffer.from(`\0\0${path}\0`)
  if (process.platform === 'darwin') bytes.set([bytes.length, AF_UNIX])
  else new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = AF_UNIX
  return bytes
}
