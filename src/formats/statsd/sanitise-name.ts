import { dropEmptyNodes } from '../drop-empty-nodes.ts'

/**
 * The rule for StatsD names: each run of white space becomes '_', '/' becomes '-', and everything but ASCII letters,
 * digits, '_', '.' and '-' goes, as in etsy's statsd; then empty nodes are dropped. The result may be ''.
 */
export function sanitiseName(text: string): string {
  return dropEmptyNodes(
    text
      .replace(/\s+/g, '_')
      .replace(/\//g, '-')
      .replace(/[^A-Za-z0-9_.-]/g, ''),
  )
}

/** Whether `bytes[start..end)` is what `sanitiseName` would make of it anyway. Nearly every name is. */
export function isSaneName(bytes: Uint8Array, start: number, end: number): boolean {
  let previous = POINT
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (IS_NAME_BYTE[byte] !== 1 || (byte === POINT && previous === POINT)) return false
    previous = byte
  }
  return previous !== POINT
}

const POINT = 0x2e

const IS_NAME_BYTE = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9_.-]/.test(String.fromCharCode(byte)) ? 1 : 0,
)
