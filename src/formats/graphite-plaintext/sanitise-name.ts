import { dropEmptyNodes } from '../drop-empty-nodes.ts'
import { UNPRINTABLE } from '../unprintable.ts'

/**
 * The rule for Graphite names, which senders choose with more freedom than StatsD's: white space (blanks part the
 * fields, but there are other kinds) becomes '_', unprintable characters go, all else stays, UTF-8 too; then empty
 * nodes are dropped. The result may be ''.
 */
export function sanitiseName(text: string): string {
  return dropEmptyNodes(text.replace(/\s+/g, '_').replace(UNPRINTABLE, ''))
}

/** Whether `bytes[start..end)` is ASCII without tags and is what `sanitiseName` would make of it anyway. */
export function isSaneName(bytes: Uint8Array, start: number, end: number): boolean {
  let previous = POINT
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    const isPlain = byte > SPACE && byte < DELETE && byte !== SEMICOLON
    if (!isPlain || (byte === POINT && previous === POINT)) return false
    previous = byte
  }
  return previous !== POINT
}

const SPACE = 0x20
const POINT = 0x2e
const SEMICOLON = 0x3b
const DELETE = 0x7f
