import type { TimeZone } from '../time-zone.ts'
import { findTimeZone } from '../time-zone.ts'

/** Made once: making a zone takes longer than most queries of tests. */
export const UTC: TimeZone = findTimeZone('UTC') ?? fail()

function fail(): never {
  throw new Error('there is no UTC')
}
