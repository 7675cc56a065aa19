import { createContext, useContext } from 'react'
import { createTimeFormat, type TimeFormat } from './time-format.ts'
import { browserZone, type ZoneChoice } from './time-zone.ts'

/** How the page writes times, and why so. */
export interface Times extends TimeFormat {
  readonly choice: ZoneChoice
  /** The zone of the machine that Kymo runs on. */
  readonly serverZone: string
}

export const TimesContext = createContext<Times>({
  ...createTimeFormat(browserZone()),
  choice: 'browser',
  serverZone: 'UTC',
})

export function useTimes(): Times {
  return useContext(TimesContext)
}
