/**
 * Local times of an IANA zone, and back. JavaScript only knows the way there (Intl.DateTimeFormat), so an offset is
 * found by formatting a moment and reading the result as if it were UTC.
 */
export interface TimeZone {
  readonly name: string
  toCivilTime(epochSeconds: number): CivilTime
  /**
   * Of a local time that happens twice, the later moment (standard time); one that a change of clocks skips is
   * read with the offset that held before the change.
   */
  toEpochSeconds(civil: CivilTime): number
}

export interface CivilTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** Names are matched in any case. undefined: there is no such zone. */
export function findTimeZone(name: string): TimeZone | undefined {
  // Intl takes offsets such as "+02:00" too; Graphite knows names only.
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(name)) return undefined
  let formatter: Intl.DateTimeFormat
  try {
    formatter = new Intl.DateTimeFormat('en-US', { ...FIELDS, timeZone: name })
  } catch {
    return undefined
  }
  const resolvedName = formatter.resolvedOptions().timeZone
  return createTimeZone(resolvedName, createOffsets(formatter))
}

/** Seconds since 1970 of a civil time in UTC. Years from 1 on; fields past their range carry over. */
export function epochSecondsOfUtc(civil: CivilTime): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const midnightMs = new Date(0).setUTCFullYear(civil.year, civil.month - 1, civil.day)
  return midnightMs / 1000 + civil.hour * 3600 + civil.minute * 60 + civil.second
}

const FIELDS: Intl.DateTimeFormatOptions = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
}

const DAY_SECONDS = 86_400
/** Clocks change at multiples of this, the oddities of past centuries aside. */
const BLOCK_SECONDS = 900

type OffsetAt = (epochSeconds: number) => number

function createTimeZone(name: string, offsetAt: OffsetAt): TimeZone {
  return {
    name,
    toCivilTime: (epochSeconds) => civilTimeOfUtc(epochSeconds + offsetAt(epochSeconds)),
    toEpochSeconds(civil) {
      const asUtc = epochSecondsOfUtc(civil)
      const offsetBefore = offsetAt(asUtc - DAY_SECONDS)
      const offsetAfter = offsetAt(asUtc + DAY_SECONDS)
      const candidates = [asUtc - offsetBefore, asUtc - offsetAfter].filter(
        (epochSeconds) => epochSeconds + offsetAt(epochSeconds) === asUtc,
      )
      return candidates.length === 0 ? asUtc - offsetBefore : Math.max(...candidates)
    },
  }
}

/** Formatting costs microseconds; rows of a table ask for neighbouring times, so the last block is remembered. */
function createOffsets(formatter: Intl.DateTimeFormat): OffsetAt {
  let blockStart = Number.NaN
  let blockOffset = 0
  return (epochSeconds) => {
    const start = Math.floor(epochSeconds / BLOCK_SECONDS) * BLOCK_SECONDS
    if (start === blockStart) return blockOffset
    const offset = readOffset(formatter, start)
    if (offset !== readOffset(formatter, start + BLOCK_SECONDS - 1))
      return readOffset(formatter, epochSeconds)
    blockStart = start
    blockOffset = offset
    return offset
  }
}

function readOffset(formatter: Intl.DateTimeFormat, epochSeconds: number): number {
  const fields = new Map<string, number>()
  for (const part of formatter.formatToParts(epochSeconds * 1000)) fields.set(part.type, Number(part.value))
  const field = (name: string): number => fields.get(name) ?? 0
  const asUtc = epochSecondsOfUtc({
    year: field('year'),
    month: field('month'),
    day: field('day'),
    hour: field('hour'),
    minute: field('minute'),
    second: field('second'),
  })
  return asUtc - epochSeconds
}

function civilTimeOfUtc(epochSeconds: number): CivilTime {
  const date = new Date(epochSeconds * 1000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}
