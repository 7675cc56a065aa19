import { readSection, type SectionPlace } from '../block/block-file.ts'
import { DamagedBytes } from '../codec/damaged-bytes.ts'

/** What a section of a block says; undefined: it is damaged. */
export function readPacked<Result>(
  fd: number,
  kind: number,
  place: SectionPlace | undefined,
  decode: (payload: Uint8Array) => Result,
): Result | undefined {
  const payload = place === undefined ? undefined : readSection(fd, kind, place)
  if (payload === undefined) return undefined
  try {
    return decode(payload)
  } catch (error) {
    if (error instanceof DamagedBytes) return undefined
    throw error
  }
}
