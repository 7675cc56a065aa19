import { useEffect, useMemo, useRef } from 'react'
import { recall, remember } from '../remembered.ts'
import type { Navigate } from '../route.ts'
import { createTimeFormat } from './time-format.ts'
import { type ZoneChoice, zoneOf } from './time-zone.ts'
import type { Times } from './times.ts'

/** The zone that the link says; where it says none that of the page before, and at first the one that was chosen last. It goes into the link then. */
export function useZone(linked: string, serverZone: string, onChange: Navigate): Times {
  const before = useRef(recall('zone'))
  if (linked !== '') before.current = linked
  const choice = before.current || 'browser'
  const zone = useMemo(() => zoneOf(choice, serverZone), [choice, serverZone])
  useEffect(() => {
    if (linked === '' && choice !== 'browser') onChange({ zone: choice }, 'replace')
  }, [linked, choice, onChange])
  return useMemo(() => ({ ...createTimeFormat(zone), choice, serverZone }), [zone, choice, serverZone])
}

export function chooseZone(choice: ZoneChoice, onChange: Navigate): void {
  remember('zone', choice)
  onChange({ zone: choice })
}
