/**
 * The lines that a server finds in a datagram, a frame or a whole stream: LF parts them, one CR in front of it belongs to the line's
 * end, what stands behind the last LF is a line, and empty ones are none. It shares no code with the product, which is to be
 * compared with it.
 */
export function cutLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== LINE_FEED) continue
    const end = at > start && bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at
    if (end > start) lines.push(bytes.subarray(start, end))
    start = at + 1
  }
  return lines
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
