/** Quotes text from outside so that no control character reaches a terminal or breaks a line. */
export function escapeForTerminal(text: string): string {
  // Everything that is not plainly printable: C0, DEL, C1, bidirectional overrides, line separators.
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
    },
  )
}
