/** The text, or its beginning where it is longer: for error messages, which must not carry a megabyte back. */
export function excerpt(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`
}

/** The part of the text around an index, cut where it is longer. */
export function excerptAround(text: string, index: number, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  const start = Math.max(0, Math.min(index - Math.floor(maxCharacters / 2), text.length - maxCharacters))
  const end = start + maxCharacters
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}
