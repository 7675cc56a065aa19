import type { LineFormat } from './format.ts'
import { graphitePlaintextFormat } from './graphite-plaintext/graphite-plaintext-format.ts'
import { statsdFormat } from './statsd/statsd-format.ts'

export { graphitePlaintextFormat } from './graphite-plaintext/graphite-plaintext-format.ts'
export { KnownNames, type NumberedPoints } from './graphite-plaintext/known-names.ts'
export { DEFAULT_STATSD_LIMITS, type StatsdLimits } from './statsd/limits.ts'
export {
  NAME_RULES,
  type NameRule,
  STATSD_PROFILES,
  type StatsdProfile,
  TAG_FORMS,
  type TagForm,
} from './statsd/profile.ts'
export {
  createStatsdFormat,
  type StatsdFormat,
  type StatsdFormatOptions,
  statsdFormat,
} from './statsd/statsd-format.ts'

/** The shelf: every wire format of lines. The folder of a format carries its name. */
export const LINE_FORMATS: readonly LineFormat[] = [statsdFormat, graphitePlaintextFormat]
