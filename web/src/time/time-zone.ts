/**
 * In which zone the page shows times: the browser's, that of the machine Kymo runs on, or any of the IANA's names
 * (`UTC`, `Europe/Berlin`). It is chosen once for all pages: the link carries it as `tz`, and the browser remembers it.
 */
export type ZoneChoice = 'browser' | 'server' | (string & {})

/** The name of the zone. A link may say anything: what is no zone is the browser's. */
export function zoneOf(choice: ZoneChoice, serverZone: string): string {
  const wanted = choice === 'server' ? serverZone : choice
  return wanted !== 'browser' && isZone(wanted) ? wanted : browserZone()
}

export function browserZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  // A browser that hides where it is may say nothing that it takes itself.
  return isZone(timeZone) ? timeZone : 'UTC'
}

/** All that the browser lists, by the names that are used today: some browsers list the former ones. */
export function listZones(): string[] {
  const names = Intl.supportedValuesOf('timeZone').map((name) => RENAMED.get(name) ?? name)
  return [...new Set(names)].filter(isZone).toSorted()
}

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['Africa/Asmera', 'Africa/Asmara'],
  ['America/Godthab', 'America/Nuuk'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Asia/Katmandu', 'Asia/Kathmandu'],
  ['Asia/Rangoon', 'Asia/Yangon'],
  ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
  ['Atlantic/Faeroe', 'Atlantic/Faroe'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['Pacific/Enderbury', 'Pacific/Kanton'],
  ['Pacific/Ponape', 'Pacific/Pohnpei'],
  ['Pacific/Truk', 'Pacific/Chuuk'],
])

export function isZone(name: string): boolean {
  try {
    return name !== '' && Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
