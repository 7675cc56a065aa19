/** How moments are written in one time zone. */
export interface TimeFormat {
  /** `Europe/Berlin`: as Kymo takes it in `tz`, too. */
  readonly zone: string
  /** Wall-clock time: `14:05:30`. */
  time(seconds: number): string
  /** With the day, for a moment that need not be of today: `Mar 3 14:05:30`. */
  moment(seconds: number): string
  /** With the year, for what is kept: `Mar 3, 2026, 14:05:30`. */
  date(seconds: number): string
  /** A moment in a span of this length: its day is said where there is more than one. */
  within(spanSeconds: number, seconds: number): string
  /** Two moments; a day that both share is said once. */
  between(fromSeconds: number, untilSeconds: number): string
  /** A label of the time axis; `stepSeconds` is the distance between labels. */
  axis(seconds: number, stepSeconds: number): string
}

const DAY_SECONDS = 86_400

/** Formats are dear to make: one set for each zone that is shown. */
export function createTimeFormat(zone: string): TimeFormat {
  const timeZone = { timeZone: zone }
  const time = new Intl.DateTimeFormat('en', { ...TIME, ...timeZone })
  const minute = new Intl.DateTimeFormat('en', { ...MINUTE, ...timeZone })
  const day = new Intl.DateTimeFormat('en', { ...DAY, ...timeZone })
  const date = new Intl.DateTimeFormat('en', { ...TIME, ...DAY, year: 'numeric', ...timeZone })
  const moment = (seconds: number) => `${day.format(seconds * 1000)} ${time.format(seconds * 1000)}`
  return {
    zone,
    time: (seconds) => time.format(seconds * 1000),
    moment,
    date: (seconds) => date.format(seconds * 1000),
    within: (spanSeconds, seconds) =>
      spanSeconds < DAY_SECONDS ? time.format(seconds * 1000) : moment(seconds),
    between(fromSeconds, untilSeconds) {
      const isOneDay = day.format(fromSeconds * 1000) === day.format(untilSeconds * 1000)
      return `${moment(fromSeconds)} – ${isOneDay ? time.format(untilSeconds * 1000) : moment(untilSeconds)}`
    },
    axis(seconds, stepSeconds) {
      if (stepSeconds >= DAY_SECONDS) return day.format(seconds * 1000)
      return (stepSeconds >= 60 ? minute : time).format(seconds * 1000)
    },
  }
}

const MINUTE = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
const TIME = { ...MINUTE, second: '2-digit' } as const
const DAY = { day: 'numeric', month: 'short' } as const
