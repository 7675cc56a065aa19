import type { ReactNode } from 'react'
import { showHidden } from '../series-name.ts'
import { useTimes } from '../time/times.ts'

export interface LineRowProps {
  readonly line: {
    readonly line: string
    readonly sender: string
    readonly listener: string
    readonly atMs: number
  }
  readonly className?: string
  /** What became of it. */
  readonly children: ReactNode
}

/** A line that was received: when, what it said, who sent it. */
export function LineRow({ line: one, className, children }: LineRowProps) {
  const times = useTimes()
  return (
    <li className={className}>
      <time>{times.time(one.atMs / 1000)}</time>
      <div>
        <code>{showHidden(one.line) || '(nothing)'}</code>
        <p>{children}</p>
      </div>
      <span className="tail-sender">
        {showHidden(one.sender)}
        <small>{one.listener}</small>
      </span>
    </li>
  )
}
