import type { OtlpAttribute } from './otlp-point.ts'

/** An event as OTLP carries it: a log record that has a name. */
export interface OtlpLog {
  readonly resource: readonly OtlpAttribute[]
  readonly timeMs: number
  /** 1 to 24: 9 is information, 13 a warning, 17 an error. */
  readonly severity: number
  readonly eventName: string
  readonly body: string
  readonly attributes: readonly OtlpAttribute[]
}
