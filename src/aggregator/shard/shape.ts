import { copyText, type RecordText } from './record-text.ts'

/** What of a line is the same in the next one of its kind. */
export interface Shape extends RecordText {
  /** The byte in front of the value if that is a sign; otherwise some other byte. */
  readonly sign: number
}

/**
 * Cuts the line `bytes[start..end)`, which has been accepted and is one sample. undefined: it is not to be remembered, for
 * it has something that is likely to be another thing in the next line, such as a time or a container, or is too long.
 * The shape is in memory that the next call writes to.
 */
export function readShape(bytes: Uint8Array, start: number, end: number): Shape | undefined {
  const colon = bytes.indexOf(COLON, start)
  const pipe = bytes.indexOf(PIPE, start)
  if (colon < 0 || pipe < colon || pipe >= end) return undefined
  const nameBytes = colon - start
  const markBytes = end - pipe
  if (nameBytes > MOST_NAME_BYTES || markBytes > MOST_MARK_BYTES) return undefined
  // Several values.
  const next = bytes.indexOf(COLON, colon + 1)
  if (next >= 0 && next < pipe) return undefined
  if (!hasLastingFields(bytes, pipe, end)) return undefined
  const text = copyText(bytes.subarray(start, colon), bytes.subarray(pipe, end))
  return { ...text, sign: bytes[colon + 1] ?? 0 }
}

/** `|c|@0.1|#env:prod`: behind the type nothing but tags and a rate as people choose them. */
function hasLastingFields(bytes: Uint8Array, start: number, end: number): boolean {
  let isType = true
  for (let fieldStart = start + 1; fieldStart <= end; isType = false) {
    const pipe = bytes.indexOf(PIPE, fieldStart)
    const fieldEnd = pipe < 0 || pipe > end ? end : pipe
    const length = fieldEnd - fieldStart
    const first = length > 0 ? bytes[fieldStart] : 0
    const isLasting =
      first === HASH || (isType ? length <= MOST_TYPE_BYTES : first === AT && length <= MOST_RATE_BYTES)
    if (!isLasting) return false
    // A value behind the type or the rate.
    const colon = first === HASH ? -1 : bytes.indexOf(COLON, fieldStart)
    if (colon >= 0 && colon < fieldEnd) return false
    fieldStart = fieldEnd + 1
  }
  return true
}

const COLON = 0x3a
const PIPE = 0x7c
const HASH = 0x23
const AT = 0x40

/** Of a shape; longer ones take the long way. Whoever looks for a name or a mark need not look further, however long a line is. */
export const MOST_NAME_BYTES = 512
export const MOST_MARK_BYTES = 2_048
const MOST_TYPE_BYTES = 8
/** `@0.001`; what is finer is computed by somebody, and never the same. */
const MOST_RATE_BYTES = 6
