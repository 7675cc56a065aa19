import { crc32 } from 'node:zlib'
import type { CheckResult } from './checks.ts'

/**
 * What NSCA speaks (version 3). The server begins, with what the results are to be encrypted and stamped with:
 *
 *   0     initialisation vector   128
 *   128   seconds since 1970      u32, big endian as all numbers
 *
 * Each result is a packet of 720 bytes, or 4,304 since NSCA 2.9:
 *
 *   0     version 3               i16
 *   4     CRC-32 of the packet    u32, in which this is 0
 *   8     the server's seconds    u32
 *   12    state                   i16
 *   14    host                    64, ended by NUL as all text
 *   78    service                 128
 *   206   output                  512 or 4096
 */
export const GREETING_BYTES = 132
const VECTOR_BYTES = 128
const HOST = { at: 14, bytes: 64 }
const SERVICE = { at: 78, bytes: 128 }
const OUTPUT_AT = 206

export interface NscaPacketOptions {
  readonly outputBytes: number
  readonly isEncrypted: boolean
  readonly password: string
}

/** Why no packet can carry it; undefined: one can. A long output is cut. */
export function problemOf({ host, service }: CheckResult): string | undefined {
  if (Buffer.byteLength(host) >= HOST.bytes) return 'NSCA takes hosts of 63 bytes'
  if (Buffer.byteLength(service) >= SERVICE.bytes) return 'NSCA takes services of 127 bytes'
  return undefined
}

export function encodeNscaPacket(
  result: CheckResult,
  greeting: Uint8Array,
  { outputBytes, isEncrypted, password }: NscaPacketOptions,
): Buffer {
  // The compiler of the server rounds up to four.
  const packet = Buffer.alloc(Math.ceil((OUTPUT_AT + outputBytes) / 4) * 4)
  packet.writeInt16BE(3, 0)
  packet.set(greeting.subarray(VECTOR_BYTES, GREETING_BYTES), 8)
  packet.writeInt16BE(result.state, 12)
  packet.write(result.host, HOST.at, HOST.bytes - 1)
  packet.write(result.service, SERVICE.at, SERVICE.bytes - 1)
  packet.write(result.output, OUTPUT_AT, outputBytes - 1)
  packet.writeUInt32BE(crc32(packet), 4)
  if (isEncrypted) {
    xor(packet, greeting.subarray(0, VECTOR_BYTES))
    xor(packet, Buffer.from(password))
  }
  return packet
}

/** Over and over, where it is shorter. */
function xor(packet: Buffer, key: Uint8Array): void {
  if (key.length === 0) return
  for (let index = 0; index < packet.length; index += 1)
    packet[index] = (packet[index] ?? 0) ^ (key[index % key.length] ?? 0)
}
