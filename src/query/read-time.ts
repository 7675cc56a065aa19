import type { Clock } from '../lib/clock.ts'
import { lastValue, type RequestParameters } from './request-parameters.ts'
import { parseTimeExpression } from './time-expression.ts'
import { findTimeZone, type TimeZone } from './time-zone.ts'

export interface ReadTimeOptions {
  readonly clock: Clock
  /** For requests that name none, or none that exists. */
  readonly defaultTimeZone: TimeZone
  /** What relative times refer to. Default: the clock's. */
  readonly nowSeconds?: number
  /** The time, where the parameter is absent. */
  readonly missing: string
}

/** A time of a request, in epoch seconds. Throws the KymoError `time-invalid`. */
export function readTime(
  parameters: RequestParameters,
  parameter: string,
  { clock, defaultTimeZone, nowSeconds, missing }: ReadTimeOptions,
): number {
  const timeZone = findTimeZone(lastValue(parameters, 'tz') ?? '') ?? defaultTimeZone
  return parseTimeExpression(lastValue(parameters, parameter) ?? missing, {
    nowSeconds: nowSeconds ?? Math.floor(clock.nowMs() / 1000),
    timeZone,
    parameter,
  })
}
