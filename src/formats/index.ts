import type { LineFormat } from './format.ts'
import { graphitePlaintextFormat } from './graphite-plaintext/graphite-plaintext-format.ts'
import { createInfluxLineFormat } from './influx-line/influx-line-format.ts'
import { statsdFormat } from './statsd/statsd-format.ts'

export { graphitePlaintextFormat } from './graphite-plaintext/graphite-plaintext-format.ts'
export { KnownNames, type NumberedPoints } from './graphite-plaintext/known-names.ts'
export { TIME_UNITS, type TimeUnit } from './influx-line/decode-line.ts'
export { createInfluxLineFormat } from './influx-line/influx-line-format.ts'
export { decodeJsonPoint, readJsonPoints } from './json-points/decode-points.ts'
export { decodeOtlpJson } from './otlp/decode-json.ts'
export { decodeOtlpProtobuf } from './otlp/decode-protobuf.ts'
export { encodeAnswerJson, encodeAnswerProtobuf } from './otlp/export-answer.ts'
export type { OtlpPoint } from './otlp/otlp-point.ts'
export { OtlpIntake } from './otlp/otlp-intake.ts'
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
export const LINE_FORMATS: readonly LineFormat[] = [
  statsdFormat,
  graphitePlaintextFormat,
  createInfluxLineFormat('ns'),
]
