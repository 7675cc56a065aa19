/** From here on a number is milliseconds: as seconds it would be the year 5138. */
const FIRST_MILLISECONDS = 100_000_000_000
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/**
 * A time as people and programs write it, in epoch milliseconds: seconds, with decimals or without, milliseconds, or ISO 8601, in UTC where no zone
 * is named. NaN: it is none.
 *
 *   1700000000   1700000000.25   1700000000250   2026-01-31   2026-01-31 12:00:00   2026-01-31T12:00:00+01:00
 */
export function parseTime(text: string): number {
  if (/^[0-9]{1,16}(\.[0-9]{1,9})?$/.test(text)) {
    const number = Number(text)
    return Math.round(number < FIRST_MILLISECONDS ? number * 1_000 : number)
  }
  const [, date, time = '00:00', zone = 'Z'] = ISO.exec(text) ?? []
  if (date === undefined) return Number.NaN
  return Math.floor(Date.parse(`${date}T${time}${/^z$/i.test(zone) ? 'Z' : withColon(zone)}`))
}

function withColon(zone: string): string {
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
}
