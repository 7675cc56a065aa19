import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import { formatSeriesKey, type SeriesKey, type Tag } from '../../model/series-key.ts'
import type { DecodedOutput } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { sanitiseName } from '../graphite-plaintext/sanitise-name.ts'
import { TAG_TEXT } from '../tags.ts'
import type { ReceivedSample, ReceivedSeries } from './decode-request.ts'

/** What became of one series of a request. */
export interface TakenSeries {
  readonly takenSamples: number
  readonly takenHistograms: number
  /** One for each sample or histogram that was refused, and why. */
  readonly refusals: readonly RejectionReason[]
}

/** Longer keys are nobody's. */
const MOST_KEY_CHARACTERS = 16_384

/**
 * Puts out what a series brings, as points: the labels are its key, `__name__` its name. A sample that is NaN says that there is no
 * value, and is taken; of a native histogram the count and the sum are points, named as a classic one's.
 */
export function takeSeries(series: ReceivedSeries, receivedAtMs: number, out: DecodedOutput): TakenSeries {
  const { samples, histograms } = series
  const identity = readLabels(series)
  if (typeof identity === 'string') {
    const refusals = Array.from({ length: samples.length + histograms.length }, () => identity)
    return { takenSamples: 0, takenHistograms: 0, refusals }
  }
  const { name, tags } = identity
  const refusals: RejectionReason[] = []
  const put = (key: SeriesKey, sample: ReceivedSample): boolean => {
    const reason = putPoint(key, sample, receivedAtMs, out)
    if (reason !== undefined) refusals.push(reason)
    return reason === undefined
  }
  const key = formatSeriesKey(name, tags)
  const takenSamples = samples.filter((sample) => put(key, sample)).length
  const takenHistograms = histograms.filter(({ count, sum, timeMs }) => {
    // The sum of a series that ends is NaN, and then the count says nothing.
    if (Number.isNaN(sum)) return true
    return (
      put(formatSeriesKey(`${name}_count`, tags), { value: count, timeMs }) &&
      put(formatSeriesKey(`${name}_sum`, tags), { value: sum, timeMs })
    )
  }).length
  return { takenSamples, takenHistograms, refusals }
}

function putPoint(
  key: SeriesKey,
  { value, timeMs }: ReceivedSample,
  receivedAtMs: number,
  out: DecodedOutput,
): RejectionReason | undefined {
  if (!(timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS)) return 'bad_timestamp'
  if (Number.isNaN(value)) return undefined
  if (!Number.isFinite(value)) return 'bad_number'
  const point: Point = { key, value, timeMs }
  out.point(point)
  return undefined
}

/** A label without a value is none, as in Prometheus. */
function readLabels({ labels }: ReceivedSeries): { name: string; tags: readonly Tag[] } | RejectionReason {
  let name = ''
  let length = 0
  const names = new Set<string>()
  const tags: Tag[] = []
  for (const [label, value] of labels) {
    if (label === '' || names.has(label)) return 'bad_field'
    names.add(label)
    length += label.length + value.length + 2
    if (label === '__name__') name = sanitiseName(value.replaceAll(';', '_'))
    else if (value !== '') tags.push([TAG_TEXT.key(label), TAG_TEXT.value(value)])
  }
  if (length > MOST_KEY_CHARACTERS) return 'tag_too_long'
  if (name === '') return 'empty_name'
  return { name, tags: tags.filter(([key, value]) => key !== '' && value !== '') }
}
