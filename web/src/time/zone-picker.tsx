import { memo, useMemo } from 'react'
import type { Navigate } from '../route.ts'
import { isZone, listZones } from './time-zone.ts'
import { useTimes } from './times.ts'
import { chooseZone } from './use-zone.ts'

/** In which zone times are shown and read: on this page and on all others. */
export function ZonePicker({ onChange }: { readonly onChange: Navigate }) {
  const { choice, zone } = useTimes()
  const isNamed = choice !== 'browser' && choice !== 'server' && isZone(choice)
  return (
    <select
      className="zone-picker"
      aria-label="Time zone"
      aria-keyshortcuts="z"
      title={`Times are of ${zone}  (z)`}
      data-key="z"
      value={isNamed || choice === 'server' ? choice : 'browser'}
      onChange={(event) => chooseZone(event.target.value, onChange)}
    >
      <option value="browser">Browser time</option>
      <option value="UTC">UTC</option>
      <option value="server">Server time</option>
      <ZoneOptions more={isNamed ? choice : 'UTC'} />
    </select>
  )
}

/** Some four hundred. `more` may be one that the browser knows and does not list. */
const ZoneOptions = memo(function ZoneOptions({ more }: { readonly more: string }) {
  const names = useMemo(() => {
    const listed = listZones().filter((name) => name !== 'UTC')
    return more === 'UTC' || listed.includes(more) ? listed : [more, ...listed]
  }, [more])
  return (
    <optgroup label="Zones">
      {names.map((name) => (
        <option key={name} value={name}>
          {name.replaceAll('_', ' ')}
        </option>
      ))}
    </optgroup>
  )
})
