import type { LineFormat } from '../format.ts'
import { LineDecoder } from './decode-line.ts'
import { DEFAULT_STATSD_LIMITS, type StatsdLimits } from './limits.ts'
import { PROFILE_RULES, type SettableRules, type StatsdProfile } from './profile.ts'

export interface StatsdFormatOptions {
  /** Which program's clients are to get the numbers they are used to. */
  readonly profile?: StatsdProfile
  readonly limits?: Partial<StatsdLimits>
  /** What the profile would say otherwise. */
  readonly rules?: Partial<SettableRules>
}

/** A format whose dialect may become another between two lines. */
export interface StatsdFormat extends LineFormat {
  reconfigure(options: StatsdFormatOptions): void
}

/** StatsD in one of its dialects. docs/formats/statsd.md says what each line means. */
export function createStatsdFormat(options: StatsdFormatOptions = {}): StatsdFormat {
  let decoder = createDecoder(options)
  return {
    name: 'statsd',
    // The largest datagram fits in one line.
    maxLineBytes: 65_535,
    decodeLine: (bytes, start, end, receivedAtMs, out) =>
      decoder.decode(bytes, start, end, receivedAtMs, out),
    reconfigure(changed) {
      decoder = createDecoder(changed)
    },
  }
}

function createDecoder({ profile = 'default', limits, rules }: StatsdFormatOptions): LineDecoder {
  return new LineDecoder({ ...PROFILE_RULES[profile], ...rules }, { ...DEFAULT_STATSD_LIMITS, ...limits })
}

/** StatsD as etsy's statsd and DogStatsD speak it. */
export const statsdFormat: LineFormat = createStatsdFormat()
