import { crc32 } from 'node:zlib'
import { CRC_BYTES, CRC_OFFSET } from './layout.ts'

/** CRC-32 of a whole partial aggregate but for the four bytes that hold it. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(CRC_OFFSET + CRC_BYTES), crc32(bytes.subarray(0, CRC_OFFSET)))
}
