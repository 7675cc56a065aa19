import { epochSecondsOfUtc } from '../../time-zone.ts'
import type { TimeZone } from '../../time-zone.ts'

export const CALENDAR_UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const
export type CalendarUnit = (typeof CALENDAR_UNITS)[number]

/**
 * The beginning of the year, month, ... that a moment is in, in a zone, whose offset from UTC is taken to be the one that it has
 * at that moment. Weeks begin with a day: 1 is Monday.
 */
export function truncateTime(
  seconds: number,
  unit: CalendarUnit,
  { timeZone, firstWeekday = 1 }: { timeZone: TimeZone; firstWeekday?: number },
): number {
  const civil = timeZone.toCivilTime(seconds)
  const offset = epochSecondsOfUtc(civil) - Math.floor(seconds)
  const midnight = { ...civil, hour: 0, minute: 0, second: 0 }
  switch (unit) {
    case 'years':
      return epochSecondsOfUtc({ ...midnight, month: 1, day: 1 }) - offset
    case 'months':
      return epochSecondsOfUtc({ ...midnight, day: 1 }) - offset
    case 'weeks': {
      const today = epochSecondsOfUtc(midnight)
      // The first of January 1970 was a Thursday.
      const weekday = ((((today / DAY_SECONDS + 3) % 7) + 7) % 7) + 1
      return today - ((weekday - firstWeekday + 7) % 7) * DAY_SECONDS - offset
    }
    case 'days':
      return epochSecondsOfUtc(midnight) - offset
    case 'hours':
      return epochSecondsOfUtc({ ...civil, minute: 0, second: 0 }) - offset
    case 'minutes':
      return epochSecondsOfUtc({ ...civil, second: 0 }) - offset
    case 'seconds':
      return Math.floor(seconds)
  }
}

const DAY_SECONDS = 86_400

/** Whether clocks are ahead of the zone's standard time. */
export function isDaylightSaving(seconds: number, timeZone: TimeZone): boolean {
  const civil = timeZone.toCivilTime(seconds)
  const offset = epochSecondsOfUtc(civil) - seconds
  return [1, 7].some((month) => {
    const then = timeZone.toEpochSeconds({ ...civil, month, day: 1, hour: 12, minute: 0, second: 0 })
    return epochSecondsOfUtc(timeZone.toCivilTime(then)) - then < offset
  })
}
