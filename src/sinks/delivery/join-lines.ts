/** Text of about this many characters is handed on at a time. */
const PIECE_CHARACTERS = 65_536

/** Whole lines together, as many as are worth one write. */
export function* joinLines(lines: Iterable<string>): Generator<string> {
  let piece = ''
  for (const line of lines) {
    piece += line
    if (piece.length < PIECE_CHARACTERS) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
