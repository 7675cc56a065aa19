import { formatCount } from '../format.ts'
import type { Share } from './shares.ts'

export interface ShareBarProps {
  readonly title: string
  /** The good part first; the parts add up to 100 %. */
  readonly shares: readonly Share[]
}

/** A whole and its parts: a bar, and each part with its count. */
export function ShareBar({ title, shares }: ShareBarProps) {
  const total = shares.reduce((sum, { count }) => sum + count, 0)
  let start = 0
  return (
    <div className="shares">
      <div className="shares-head">
        <h3>{title}</h3>
        <b>{formatCount(total)}</b>
      </div>
      <svg className="shares-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect className="shares-ground" width="100" height="1" />
        {shares.map(({ name, percent }, index) => {
          const x = start
          start += percent
          return <rect key={name} className={partClass(index)} x={x} width={percent} height="1" />
        })}
      </svg>
      <dl className="shares-list">
        {shares.map(({ name, count, percent }, index) => (
          <div key={name}>
            <dt>
              <svg className="shares-key" viewBox="0 0 8 8" aria-hidden="true">
                <rect className={partClass(index)} width="8" height="8" rx="2" />
              </svg>
              {name}
            </dt>
            <dd>{formatCount(count)}</dd>
            <dd>{percent.toFixed(1)} %</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function partClass(index: number): string {
  return index === 0 ? 'share-good' : `share-lost share-lost-${(index - 1) % 4}`
}
