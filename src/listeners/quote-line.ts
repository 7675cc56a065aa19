import { escapeForTerminal } from '../telemetry/escape-for-terminal.ts'

/** The line `bytes[start..end)` as at most that many characters that are safe on a terminal. */
export function quoteLine(bytes: Uint8Array, start: number, end: number, mostCharacters: number): string {
  // A character has at most four bytes, so that what is left out here would not be shown either.
  const quotedEnd = Math.min(end, start + 4 * mostCharacters)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, quotedEnd - start).toString('utf8')
  let quoted = ''
  for (const character of text) {
    const escaped = escapeForTerminal(character)
    if (quoted.length + escaped.length > mostCharacters - 1) return `${quoted}…`
    quoted += escaped
  }
  return quotedEnd < end ? `${quoted}…` : quoted
}
