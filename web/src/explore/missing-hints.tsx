import { formatCount } from '../format.ts'
import { useRejections } from '../incoming/use-rejections.ts'
import { useLive } from '../live-context.ts'
import { overflowName } from '../over-limit/over-limit.ts'
import { explainRejection } from '../rejection.tsx'
import { linkTo, type Route } from '../route.ts'
import { showHidden } from '../series-name.ts'
import { hintsFor } from './missing.ts'

export interface MissingHintsProps {
  /** Whether a name, as it was sent, is what is missing. */
  readonly isMissing: (name: string) => boolean
  readonly route: Route
}

/** Where something is missing: that lines of that name were refused, or are over a limit. Nothing, if neither. */
export function MissingHints({ isMissing, route }: MissingHintsProps) {
  const { status } = useLive()
  const rejections = useRejections()
  const { rejection, offender } = hintsFor(isMissing, { rejections, status })
  return (
    <>
      {rejection !== undefined && (
        <p>
          <code>{showHidden(rejection.line)}</code> was rejected: {explainRejection(rejection.reason)} From{' '}
          {showHidden(rejection.sender)}. <a href={linkTo(route, { page: 'incoming' })}>Rejected lines</a>
        </p>
      )}
      {offender !== undefined && (
        <p>
          New metrics below “{showHidden(offender.prefix)}” are over a limit of{' '}
          {formatCount(offender.limit.series)}; they are added up in{' '}
          <code>{showHidden(overflowName(offender))}</code>.
        </p>
      )}
    </>
  )
}
