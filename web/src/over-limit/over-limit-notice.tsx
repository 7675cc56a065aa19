import type { StatusReport } from '../api.ts'
import { formatCount } from '../format.ts'
import { TrayNotice } from '../notice-tray.tsx'
import { showHidden } from '../series-name.ts'
import { OffenderList } from './offender-list.tsx'
import { isOverLimit, overflowName } from './over-limit.ts'

const SHOWN_OFFENDERS = 3

/** New metrics are being refused now: which limit it is, where they go, and who sends them. */
export function OverLimitNotice({ status }: { readonly status: StatusReport }) {
  const { offenders } = status.limits
  const [worst] = offenders
  if (worst === undefined || !isOverLimit(status)) return null
  const { prefix, series } = worst.limit
  const place = prefix === '' ? '' : ` below ${showHidden(prefix)}`
  return (
    <TrayNotice tone="amber" title={`More metrics than allowed${place}`}>
      The limit is {formatCount(series)}. Those that are there go on; new ones are added up as{' '}
      <code>{showHidden(overflowName(worst))}</code>. Most come from here:
      <OffenderList offenders={offenders} limit={SHOWN_OFFENDERS} />
    </TrayNotice>
  )
}
