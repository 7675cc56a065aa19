import type { StatusReport } from '../api.ts'
import { formatCount, formatWithUnit } from '../format.ts'
import { TrayNotice } from '../notice-tray.tsx'

/** What a person should know of the store: that it is being read through after a crash, or takes nothing. */
export function StoreNotice({ status }: { readonly status: StatusReport }) {
  const { recovery, problem, waitingPoints } = status.store
  if (recovery !== null) {
    return (
      <TrayNotice tone="calm" title="Kymo reads what it kept">
        It did not stop cleanly the last time. {formatWithUnit(recovery.doneBytes, 'bytes')} of{' '}
        {formatWithUnit(recovery.totalBytes, 'bytes')} are read; StatsD's datagrams are taken in meanwhile.
      </TrayNotice>
    )
  }
  if (problem === null) return null
  return (
    <TrayNotice tone="bad" title="The store takes nothing">
      {problem.message} {formatCount(waitingPoints)} points wait in memory. {problem.help}
    </TrayNotice>
  )
}
