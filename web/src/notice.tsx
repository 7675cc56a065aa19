import type { ReactNode } from 'react'

export interface NoticeProps {
  readonly tone: 'calm' | 'amber' | 'bad'
  readonly title: string
  readonly children?: ReactNode
}

/** Something to know, said once, in its place on the page. */
export function Notice({ tone, title, children }: NoticeProps) {
  return (
    <section className={`notice notice-${tone}`} role={tone === 'calm' ? 'status' : 'alert'}>
      <h2 className="notice-title">{title}</h2>
      {children !== undefined && <div className="notice-body">{children}</div>}
    </section>
  )
}
