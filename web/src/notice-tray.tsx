import { createContext, type ReactNode, useContext, useState } from 'react'
import { createPortal } from 'react-dom'
import { Notice, type NoticeProps } from './notice.tsx'

const TrayContext = createContext<HTMLElement | null>(null)

/** Everything on the page, and below it, at the lower edge of the screen, what comes up while somebody looks at it: it covers, and moves nothing. */
export function WithNoticeTray({ children }: { readonly children: ReactNode }) {
  const [tray, setTray] = useState<HTMLElement | null>(null)
  return (
    <TrayContext value={tray}>
      {children}
      <aside className="notice-tray" aria-label="Notices" ref={setTray} />
    </TrayContext>
  )
}

/** A notice in the tray, for as long as it is there, or until somebody has read enough of it. One of another title is news, and shown. */
export function TrayNotice(props: Omit<NoticeProps, 'onHide'>) {
  const { title } = props
  const tray = useContext(TrayContext)
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  if (tray === null || hidden.has(title)) return null
  return createPortal(<Notice {...props} onHide={() => setHidden(new Set([...hidden, title]))} />, tray)
}
