import { REGISTER_COUNT } from '../../model/set-registers.ts'

/**
 * The bytes of a partial aggregate, little endian throughout; docs/formats/partial-aggregate.md describes each of them.
 *
 *   header   32   magic, version, length, CRC-32, end of the interval, number of sections
 *   section  16   which, kind, rows, items, bytes of text    (seven, in this order)
 *            ..   columns of 8-byte numbers, of 4-byte numbers, of bytes; zeros up to a multiple of 8
 *
 * The length of a section follows from its header and kind. Another way to write a section is another kind; another
 * section or header is another version.
 */
export const MAGIC = 'KYPA'
export const VERSION = 2
export const HEADER_BYTES = 32
export const SECTION_HEADER_BYTES = 16
/** Where the CRC stands; it covers all bytes but its own four. */
export const CRC_OFFSET = 12
export const CRC_BYTES = 4

export const SECTIONS = [
  'names',
  'counters',
  'gauges',
  'timers',
  'sets',
  'timer sketches',
  'set registers',
] as const
export type SectionName = (typeof SECTIONS)[number]

/** The one kind of each section so far. */
export const PLAIN_KIND = 0

/** Which a section is. */
export const SECTION_CODES: Readonly<Record<SectionName, number>> = {
  names: 1,
  counters: 2,
  gauges: 3,
  timers: 4,
  sets: 5,
  'timer sketches': 6,
  'set registers': 7,
}

/** What a section header says of the size of its section. */
export interface SectionSize {
  readonly rows: number
  /** Members of all sets, or buckets of all sketches; 0 elsewhere. */
  readonly items: number
  /** Of names and sets; 0 elsewhere. */
  readonly textBytes: number
}

/** Length of a section without its header and padding. */
export function sectionBytes(section: SectionName, { rows, items, textBytes }: SectionSize): number {
  switch (section) {
    case 'names':
      return rows * (8 + 4 + 4 + 1) + textBytes
    case 'counters':
      return rows * (8 + 4)
    case 'gauges':
      return rows * (3 * 8 + 4)
    case 'timers':
      return rows * (2 * 8 + 4)
    case 'sets':
      return rows * (4 + 4) + items * 4 + textBytes
    case 'timer sketches':
      return rows * (8 * 8 + 5 * 4 + 2) + items * 8
    case 'set registers':
      return rows * (4 + REGISTER_COUNT)
  }
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
