import type { ReactNode } from 'react'

export interface NoticeProps {
  readonly tone: 'calm' | 'amber' | 'bad'
  readonly title: string
  readonly children?: ReactNode
  /** Left out: it stays as long as there is reason for it. */
  readonly onHide?: () => void
}

/** Something to know, said once, in its place on the page. */
export function Notice({ tone, title, children, onHide }: NoticeProps) {
  return (
    <section className={`notice notice-${tone}`} role={tone === 'calm' ? 'status' : 'alert'}>
      <h2 className="notice-title">{title}</h2>
      {onHide !== undefined && (
        <button type="button" className="notice-hide" aria-label={`Hide “${title}”`} onClick={onHide}>
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <path d="M2 2l8 8M10 2l-8 8" />
          </svg>
        </button>
      )}
      {children !== undefined && <div className="notice-body">{children}</div>}
    </section>
  )
}
