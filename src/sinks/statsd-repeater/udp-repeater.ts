import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns'
import type { Clock, Timer } from '../../lib/clock.ts'
import { reasonOf } from '../../telemetry/errors.ts'
import type { Repeater, RepeaterOptions } from './repeater.ts'

/** A name may stand for another address some day. */
const LOOKUP_INTERVAL_MS = 60_000
const LOOKUP_RETRY_MS = 5_000

/** Whether a datagram arrives nobody knows; lost are those that this machine could not send. */
export class UdpRepeater implements Repeater {
  readonly #options: RepeaterOptions & { readonly packetBytes: number; readonly clock: Clock }
  #address: string | undefined
  #socket: Socket | undefined
  #waitingBytes = 0
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: RepeaterOptions & { readonly packetBytes: number; readonly clock: Clock }) {
    this.#options = options
    this.#look()
  }

  pass(packet: Uint8Array): void {
    for (const part of divide(packet, this.#options.packetBytes)) this.#send(part)
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#socket?.close()
    this.#socket = undefined
  }

  #send(part: Uint8Array): void {
    const { port, bufferBytes, onTrouble } = this.#options
    if (this.#socket === undefined || this.#waitingBytes + part.length > bufferBytes) {
      this.#options.onLost(1)
      return
    }
    this.#waitingBytes += part.length
    // The memory is the caller's, and the system may take it later.
    this.#socket.send(Buffer.from(part), port, this.#address, (error) => {
      this.#waitingBytes -= part.length
      if (error === null) return
      this.#options.onLost(1)
      onTrouble(reasonOf(error))
    })
  }

  #look(): void {
    const { host, clock, onTrouble } = this.#options
    lookup(host, { order: 'ipv4first' }, (error, address, family) => {
      if (this.#isClosed) return
      if (error === null) {
        if (address !== this.#address) this.#open(address, family)
        onTrouble(undefined)
      } else onTrouble(reasonOf(error))
      this.#timer = clock.after(error === null ? LOOKUP_INTERVAL_MS : LOOKUP_RETRY_MS, () => this.#look())
    })
  }

  #open(address: string, family: number): void {
    this.#socket?.close()
    this.#address = address
    this.#socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    this.#socket.unref()
    this.#socket.on('error', (error) => this.#options.onTrouble(reasonOf(error)))
  }
}

/** Parts of whole lines, as long as may be. */
export function* divide(packet: Uint8Array, mostBytes: number): Generator<Uint8Array> {
  let start = 0
  while (packet.length - start > mostBytes) {
    if (packet[start] === LINE_FEED) {
      start += 1
      continue
    }
    const before = packet.lastIndexOf(LINE_FEED, start + mostBytes)
    const end = before > start ? before : packet.indexOf(LINE_FEED, start)
    if (end < 0) break
    yield packet.subarray(start, end)
    start = end + 1
  }
  if (start < packet.length) yield packet.subarray(start)
}

const LINE_FEED = 0x0a
