import { SPACE, TAB, ZERO } from './ascii.ts'

// Looking for bytes in `bytes[start..end)`. Lines are short: a loop beats a call into native code.

/** Where `byte` first stands; `end` if nowhere. */
export function find(byte: number, bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== byte) at++
  return at
}

/** Where `first` is followed by `second` for the first time; `end` if nowhere. */
export function findPair(
  first: number,
  second: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  for (let at = start; at < end - 1; at++) {
    if (bytes[at] === first && bytes[at + 1] === second) return at
  }
  return end
}

/** The end without the blanks in front of it: scripts leave them there, and they mean nothing. */
export function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let trimmed = end
  while (trimmed > start && (bytes[trimmed - 1] === SPACE || bytes[trimmed - 1] === TAB)) trimmed--
  return trimmed
}

/**
 * The digits of `bytes[start..end)` as an integer; -1 if there is anything else, nothing, or more of them than a double
 * holds exactly.
 */
export function readDigits(bytes: Uint8Array, start: number, end: number): number {
  if (start === end || end - start > 15) return -1
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}
