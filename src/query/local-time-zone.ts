import { findTimeZone, type TimeZone } from './time-zone.ts'

/** The zone of this machine: what dates are read in where a request names none. */
export function localTimeZone(): TimeZone {
  const zone = findTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone) ?? findTimeZone('UTC')
  if (zone === undefined) throw new Error('BUG: there is no UTC')
  return zone
}
