import type { Connection } from '../live.ts'

const TEXTS: Readonly<Record<Connection, { label: string; title: string }>> = {
  connecting: { label: 'Asking', title: 'Waiting for the first word from Kymo' },
  live: { label: 'Live', title: 'Kymo tells this page about every flush' },
  polling: { label: 'Polling', title: 'The live stream is interrupted; asking every 2 seconds instead' },
  offline: { label: 'Offline', title: 'Kymo does not answer; what you see is the last it said' },
}

export function ConnectionDot({ connection }: { readonly connection: Connection }) {
  const { label, title } = TEXTS[connection]
  return (
    <span className={`connection connection-${connection}`} role="status" title={title}>
      <span className="connection-dot" aria-hidden="true" />
      <span className="connection-label">{label}</span>
    </span>
  )
}
