import { formatCount, formatNumber } from '../format.ts'
import { showHidden } from '../series-name.ts'
import { type Offender, shareOf } from './over-limit.ts'

export interface OffenderListProps {
  /** The worst first. */
  readonly offenders: readonly Offender[]
  readonly limit: number
}

/** Where the metrics come from that a limit refuses, with a few of their names. */
export function OffenderList({ offenders, limit }: OffenderListProps) {
  return (
    <ul className="offenders">
      {offenders.slice(0, limit).map((offender) => (
        <li key={`${offender.limit.prefix} ${offender.prefix}`}>
          <div className="offender-head">
            <code className="offender-name">{showHidden(offender.prefix)}</code>
            <span className="offender-count" title={`refused ${formatCount(offender.refused)} times`}>
              {formatNumber(offender.refused)}
            </span>
          </div>
          <svg className="offender-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
            <rect className="offender-bar-ground" width="100" height="1" />
            <rect className="offender-bar-part" width={shareOf(offender, offenders)} height="1" />
          </svg>
          <p className="offender-examples">
            {offender.examples.map((example) => (
              <bdi key={example}>{showHidden(example)}</bdi>
            ))}
          </p>
        </li>
      ))}
    </ul>
  )
}
