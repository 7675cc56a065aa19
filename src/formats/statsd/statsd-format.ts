import type { LineFormat } from '../format.ts'
import { LineDecoder } from './decode-line.ts'

const decoder = new LineDecoder()

/** StatsD as etsy's statsd and DogStatsD speak it. docs/formats/statsd.md says what each line means. */
export const statsdFormat: LineFormat = {
  name: 'statsd',
  // The largest datagram fits in one line.
  maxLineBytes: 65_535,
  decodeLine: (bytes, start, end, _receivedAtMs, out) => decoder.decode(bytes, start, end, out),
}
