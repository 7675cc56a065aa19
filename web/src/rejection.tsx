import type { RejectionReason } from '../../src/model/rejection.ts'
import type { RejectionSample } from './api.ts'
import { showHidden } from './series-name.ts'
import { useTimes } from './time/times.ts'

/** A line that was not accepted: what it said, why it was refused and who sent it. */
export function Rejection({ rejection }: { readonly rejection: RejectionSample }) {
  const times = useTimes()
  return (
    <div className="rejection">
      <code className="rejection-line">{showHidden(rejection.line) || '(nothing)'}</code>
      <p className="rejection-why">
        {explainRejection(rejection.reason)}{' '}
        <span className="nowrap">From {showHidden(rejection.sender)}</span> at{' '}
        {times.time(rejection.atMs / 1000)}.
      </p>
    </div>
  )
}

const EXPLANATIONS: Readonly<Record<RejectionReason, string>> = {
  no_value: 'It has no “:” with a value behind it.',
  no_type: 'It has no “|” with a type behind the value.',
  empty_name: 'Nothing is left of its name.',
  unknown_type: 'Its type is none of c, g, ms, h, d, s, m.',
  bad_number: 'Its value is not a finite number.',
  bad_sample_rate: 'Its sample rate is not a number above 0, up to 1.',
  bad_field: 'It has a field after the type that has no meaning.',
  bad_timestamp: 'Its time is no time, or far from now.',
  bad_pickle: 'It is no pickled list of (path, (time, value)), or an entry of one that is no such pair.',
  cut_off: 'The connection ended in the middle of it.',
  too_long: 'It is longer than a line may be.',
  name_too_long: 'Its name is longer than `statsd.name_bytes` allows.',
  too_many_nodes: 'Its name has more nodes than `statsd.name_nodes` allows.',
  too_many_tags: 'It has more tags than `statsd.tags` allows.',
  tag_too_long: 'One of its tags is longer than `statsd.tag_bytes` allows.',
  bad_event: 'It begins like an event or a service check, but its lengths, status or form are wrong.',
  unsupported: 'It is an event or a service check, which the profile statsd does not take in.',
}

/** A newer Kymo may know more reasons than this page. */
export function explainRejection(reason: string): string {
  return new Map(Object.entries(EXPLANATIONS)).get(reason) ?? `Reason: ${reason}.`
}
